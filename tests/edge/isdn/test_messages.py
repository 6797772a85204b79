"""Messages octet by octet, and whatever else a network may send."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.elements import Cause, Element, Ie, Ie6, cause
from edge_agent.isdn.messages import (
    MOST_BASIC_REFERENCE,
    MOST_REFERENCE,
    M,
    MalformedMessage,
    Message,
    decode,
    encode,
    in_order,
)
from tests.edge.isdn.goldens import messages
from tests.edge.isdn.samples import every_message


@pytest.mark.parametrize("name", sorted(messages()))
def test_golden_messages_survive_reading_and_writing(name: str) -> None:
    octets = messages()[name]
    assert encode(decode(octets)) == octets


def test_there_is_a_golden_of_every_message_type() -> None:
    assert {decode(octets).kind for octets in messages().values()} == set(M)


def test_a_message_is_reference_flag_type_and_elements() -> None:
    refused = decode(messages()["refused-44"])
    assert (refused.reference, refused.to_originator, refused.kind) == (1, True, M.RELEASE_COMPLETE)
    assert refused.find(Ie.CAUSE) == b"\x82\xac"
    assert refused.find(Ie.CHANNEL_ID) is None


@pytest.mark.parametrize("octets", [1, 2])
@pytest.mark.parametrize("kind", M)
def test_every_message_is_read_as_written(kind: M, octets: int) -> None:
    said = every_message(octets)[kind]
    assert decode(encode(said)) == said


@pytest.mark.parametrize(
    ("octets", "reference", "to_originator", "length"),
    [
        ("08 02 0001 01", 1, False, 2),
        ("08 02 8001 01", 1, True, 2),
        ("08 02 ffff 01", MOST_REFERENCE, True, 2),
        ("08 01 05 01", 5, False, 1),
        ("08 01 85 01", 5, True, 1),
        ("08 01 ff 01", MOST_BASIC_REFERENCE, True, 1),
        ("08 00 62", 0, False, 0),
    ],
)
def test_a_reference_has_two_octets_or_one_or_none(
    octets: str, reference: int, to_originator: bool, length: int
) -> None:
    message = decode(bytes.fromhex(octets))
    assert (message.reference, message.to_originator) == (reference, to_originator)
    assert message.reference_octets == length
    assert message.dummy is (length == 0)
    assert encode(message) == bytes.fromhex(octets)


def test_an_answer_has_the_reference_in_the_form_of_the_question() -> None:
    asked = decode(bytes.fromhex("08 01 05 75"))
    answer = asked.answer(M.RELEASE_COMPLETE, cause(Cause(81)))
    assert encode(answer) == bytes.fromhex("08 01 85 5a 08 02 80 d1")
    assert encode(answer.answer(M.STATUS_ENQUIRY)) == bytes.fromhex("08 01 05 75")


def test_a_reference_is_written_in_the_octets_of_the_interface() -> None:
    asked = Message(5, True, M.ALERTING)
    assert encode(asked) == bytes.fromhex("08 02 8005 01")
    assert encode(asked, 1) == bytes.fromhex("08 01 85 01")
    with pytest.raises(ValueError, match="128 does not fit 1"):
        encode(Message(128, True, M.ALERTING), 1)


def test_elements_of_other_codesets_are_passed_over_but_kept() -> None:
    shifted = decode(bytes.fromhex("0802000105 040380 90a2 9e 01013d 700481 393131"))
    assert [element.id for element in shifted.elements] == [Ie.BEARER, Ie.CALLED]
    assert shifted.find_6(Ie6.ORIGINATING_LINE) == b"\x3d"
    assert shifted.find_6(Ie6.GENERIC_DIGITS) is None
    private = decode(bytes.fromhex("0802000105 040380 90a2 9f 01013d"))
    assert private.find_6(Ie6.ORIGINATING_LINE) is None


def test_an_element_longer_than_the_message_is_named() -> None:
    truncated = decode(bytes.fromhex("0802800145 0802"))
    assert (truncated.truncated, truncated.elements) == (Ie.CAUSE, ())


def test_the_first_of_repeated_elements_counts_and_the_others_can_be_had() -> None:
    message = decode(bytes.fromhex("0802800103 1e028281 1e028288"))
    assert message.find(Ie.PROGRESS) == b"\x82\x81"
    assert message.find_all(Ie.PROGRESS) == (b"\x82\x81", b"\x82\x88")


def test_what_is_repeated_too_often_counts_no_further() -> None:
    causes = decode(bytes.fromhex("0802800145 08028090 08028091 08028092"))
    assert causes.find_all(Ie.CAUSE) == (b"\x80\x90", b"\x80\x91")
    channels = decode(bytes.fromhex("0802800102 1803a98381 1803a98382"))
    assert channels.find_all(Ie.CHANNEL_ID) == (bytes.fromhex("a98381"),)


def test_an_element_out_of_sequence_is_found_all_the_same() -> None:
    message = decode(bytes.fromhex("0802000105 700481393131 1803a98381 040380 90a2 a1"))
    assert message.find(Ie.BEARER) == b"\x80\x90\xa2"
    assert message.find(Ie.SENDING_COMPLETE) == b""


def test_a_value_in_an_identifier_is_found() -> None:
    message = decode(bytes.fromhex("0802800179 bf 0802 8090"))
    assert message.find(Ie.CONGESTION_LEVEL) == b"\x0f"
    assert message.find(Ie.REPEAT_INDICATOR) is None


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        ("", "message-discriminator"),
        ("4302000107", "message-discriminator"),
        ("08", "message-reference"),
        ("0803010507", "message-reference"),
        ("0812000107", "message-reference"),
        ("0800", "message-short"),
        ("080105", "message-short"),
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


@given(octets=st.binary(max_size=40) | st.binary(max_size=270).map(lambda tail: b"\x08\x02" + tail))
def test_any_octets_are_a_message_or_malformed(octets: bytes) -> None:
    try:
        message = decode(octets)
    except MalformedMessage:
        return
    again = decode(encode(message))
    shifted = tuple(sorted(message.shifted, key=lambda each: each.codeset))
    assert again == replace(message, truncated=None, shifted=shifted)
