"""Offers read with everything that platforms put into them, answers with nothing that we cannot
do.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.leg import Law
from edge_agent.sip.grammar import MalformedMessage
from edge_agent.sip.sdp import FLASH_EVENTS, Agreed, agree, read_sdp, write_answer, write_offer
from tests.edge.sip.scene import PHONE_SDP


def sdp(*lines: str) -> bytes:
    return "\r\n".join(("v=0", "o=- 1 1 IN IP4 h", "s=-", *lines)).encode()


def taken(*lines: str) -> Agreed | None:
    return agree(read_sdp(sdp(*lines)))


def test_a_plain_offer_is_taken_in_the_callers_order_of_preference() -> None:
    assert agree(read_sdp(PHONE_SDP.encode())) == Agreed(
        0, ("192.0.2.41", 50060), Law.MU, 0, 101, "sendrecv"
    )
    both = taken("c=IN IP4 192.0.2.1", "m=audio 6000 RTP/AVP 8 0")
    assert both is not None
    assert (both.law, both.payload, both.event_payload) == (Law.A, 8, None)


def test_a_dynamic_payload_type_can_be_g711_and_key_events_need_the_line_to_list_them() -> None:
    agreed = taken(
        "c=IN IP4 192.0.2.1",
        "m=audio 6000 RTP/AVP 96",
        "a=rtpmap:96 pcma/8000/1",
        "a=rtpmap:101 telephone-event/8000",
    )
    assert agreed is not None
    assert (agreed.law, agreed.payload, agreed.event_payload) == (Law.A, 96, None)


def test_the_address_of_the_line_wins_over_that_of_the_session() -> None:
    agreed = taken("c=IN IP4 192.0.2.1", "m=audio 6000 RTP/AVP 0", "c=IN IP6 2001:db8::7")
    assert agreed is not None
    assert agreed.remote == ("2001:db8::7", 6000)


def test_a_missing_address_is_where_the_message_came_from_and_a_name_is_nowhere() -> None:
    offer = read_sdp(sdp("m=audio 6000 RTP/AVP 0"))
    with_source = agree(offer, "192.0.2.9")
    without = agree(offer)
    assert with_source is not None
    assert without is not None
    assert (with_source.remote, without.remote) == (("192.0.2.9", 6000), None)


@pytest.mark.parametrize(
    ("line", "direction"),
    [("a=sendonly", "sendonly"), ("a=inactive", "inactive"), ("c=IN IP4 0.0.0.0", "sendonly")],
)
def test_every_way_to_hold_is_a_hold(line: str, direction: str) -> None:
    agreed = taken("c=IN IP4 192.0.2.1", "m=audio 6000 RTP/AVP 0", line)
    assert agreed is not None
    assert agreed.direction == direction


def test_r1_without_a_common_codec_the_line_is_still_taken_as_mu_law() -> None:
    agreed = taken("c=IN IP4 192.0.2.1", "m=audio 6000 RTP/AVP 9 18")
    assert agreed is not None
    assert (agreed.law, agreed.payload) == (Law.MU, 0)


def test_clear_rtp_is_preferred_to_a_line_that_wants_keys() -> None:
    agreed = taken("c=IN IP4 192.0.2.1", "m=audio 1 RTP/SAVP 0", "m=audio 2 RTP/AVP 0")
    assert agreed is not None
    assert agreed.line == 1
    assert taken("m=video 6000 RTP/AVP 31", "m=audio 0 RTP/AVP 0") is None


def test_the_answer_has_a_line_for_every_line_and_refuses_what_we_do_not_take() -> None:
    offer = read_sdp(
        sdp(
            "c=IN IP4 192.0.2.1",
            "m=video 7000 RTP/AVP 31",
            "m=audio 6000 RTP/AVP 0 96",
            "a=rtpmap:96 telephone-event/8000",
            "a=sendonly",
        )
    )
    answer = write_answer(offer, agree(offer), "192.0.2.5", 20000, 7, 1).decode().splitlines()
    assert answer[:5] == ["v=0", "o=- 7 1 IN IP4 192.0.2.5", "s=-", "c=IN IP4 192.0.2.5", "t=0 0"]
    assert answer[5:7] == ["m=video 0 RTP/AVP 31", "m=audio 20000 RTP/AVP 0 96"]
    assert "a=recvonly" in answer


def test_our_offer_reads_back_and_names_nobody() -> None:
    offer = write_offer("2001:db8::5", 20000, 7, 0)
    assert b"o=- 7 0 IN IP6 2001:db8::5" in offer
    assert agree(read_sdp(offer)) == Agreed(0, ("2001:db8::5", 20000), Law.MU, 0, 101, "sendrecv")


@pytest.mark.parametrize(
    ("listed", "taken_events"),
    [
        ("0-16", {0, 15, 16}),
        ("0-15,66,70", {0, 15, 66}),
        ("16", {16}),
        (" 0-11, 16 ", {0, 16}),
        ("16-0", set()),
        ("0-15", {0, 15}),
        ("mode=20", {0, 15}),
    ],
)
def test_a_far_end_takes_the_telephone_events_that_it_lists(
    listed: str, taken_events: set[int]
) -> None:
    """An fmtp that lists none is as good as none: digits only (RFC 4733 §2.5.1.1)."""
    agreed = taken(
        "c=IN IP4 192.0.2.1",
        "m=audio 6000 RTP/AVP 0 101",
        "a=rtpmap:101 telephone-event/8000",
        f"a=fmtp:101 {listed}",
    )
    assert agreed is not None
    assert {event for event in (0, 15, 16, 66) if agreed.takes(event)} == taken_events


def test_events_that_are_listed_of_a_payload_that_is_no_event_are_nobodys() -> None:
    agreed = taken("c=IN IP4 192.0.2.1", "m=audio 6000 RTP/AVP 0", "a=fmtp:0 0-16")
    assert agreed is not None
    assert not agreed.takes(0)


def test_offer_and_answer_list_the_events_that_we_take() -> None:
    offer = write_offer("192.0.2.5", 20000, 7, 0, FLASH_EVENTS)
    assert b"a=fmtp:101 0-16\r\n" in offer
    theirs = read_sdp(PHONE_SDP.encode())
    reply = write_answer(theirs, agree(theirs), "192.0.2.5", 20000, 7, 1, FLASH_EVENTS)
    assert b"a=fmtp:101 0-16\r\n" in reply
    assert b"a=fmtp:101 0-15\r\n" in write_offer("192.0.2.5", 20000, 7, 0)


@pytest.mark.parametrize("body", [b"", b"v=0", b"\xff\xfe", b"m"])
def test_a_body_without_a_media_line_is_no_sdp(body: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_sdp(body)


def test_a_media_line_that_cannot_be_read_is_refused_and_the_next_one_used() -> None:
    agreed = taken("c=IN IP4 192.0.2.1", "m=audio x RTP/AVP 0", "m=audio 6000 RTP/AVP 0")
    assert agreed is not None
    assert agreed.line == 1


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        description = read_sdp(b"m=audio 6000 RTP/AVP 0\r\n" + text.encode("utf-8", "replace"))
    except MalformedMessage:
        raise AssertionError("there is a media line") from None
    write_answer(description, agree(description, "192.0.2.1"), "192.0.2.5", 20000, 1, 0)
