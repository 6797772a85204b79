"""Messages octet by octet, and whatever else a network may send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.elements import Element, Ie
from edge_agent.isdn.messages import M, MalformedMessage, Message, decode, encode, in_order
from tests.edge.isdn.goldens import messages


@pytest.mark.parametrize("name", sorted(messages()))
def test_golden_messages_survive_reading_and_writing(name: str) -> None:
    octets = messages()[name]
    assert encode(decode(octets)) == octets


def test_a_message_is_reference_flag_type_and_elements() -> None:
    refused = decode(messages()["refused-44"])
    assert (refused.reference, refused.to_originator, refused.kind) == (1, True, M.RELEASE_COMPLETE)
    assert refused.find(Ie.CAUSE) == b"\x82\xac"
    assert refused.find(Ie.CHANNEL_ID) is None


def test_elements_of_other_codesets_are_passed_over() -> None:
    shifted = decode(bytes.fromhex("0802000105 040380 90a2 9e 010122 700481 393131"))
    assert [element.id for element in shifted.elements] == [Ie.BEARER, Ie.CALLED]
    locked = decode(bytes.fromhex("0802000105 040380 90a2 96 010122 700481 393131"))
    assert [element.id for element in locked.elements] == [Ie.BEARER]


def test_an_element_longer_than_the_message_is_named() -> None:
    cut = decode(bytes.fromhex("0802800145 0802"))
    assert (cut.truncated, cut.elements) == (Ie.CAUSE, ())


def test_the_first_of_repeated_elements_counts() -> None:
    assert decode(bytes.fromhex("0802800145 08028290 08028291")).find(Ie.CAUSE) == b"\x82\x90"


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        ("", "message-discriminator"),
        ("4302000107", "message-discriminator"),
        ("08", "message-reference"),
        ("0801010507", "message-reference"),
        ("080200", "message-short"),
        ("08020001", "message-short"),
    ],
)
def test_what_is_no_message_says_why(octets: str, reason: str) -> None:
    with pytest.raises(MalformedMessage) as refused:
        decode(bytes.fromhex(octets))
    assert refused.value.reason == reason


def test_elements_stand_in_ascending_order_after_single_octets() -> None:
    mixed = (
        Element(Ie.CALLED, b"\x81"),
        Element(Ie.SENDING_COMPLETE, b""),
        Element(Ie.BEARER, b""),
    )
    assert [element.id for element in in_order(mixed)] == [0xA1, 0x04, 0x70]


@given(octets=st.binary(max_size=40).map(lambda tail: b"\x08\x02" + tail))
def test_any_octets_are_a_message_or_malformed(octets: bytes) -> None:
    try:
        message = decode(octets)
    except MalformedMessage:
        return
    again = Message(message.reference, message.to_originator, message.kind, message.elements)
    assert decode(encode(again)).elements == message.elements
