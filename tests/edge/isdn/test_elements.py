"""Information elements octet by octet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn import elements
from edge_agent.isdn.elements import (
    Cause,
    ChannelId,
    Element,
    Ie,
    Layer1,
    MalformedElement,
    Npi,
    Number,
    Presentation,
    Screening,
    Ton,
    Transfer,
)


def octets(element: Element) -> str:
    return bytes((element.id, len(element.content), *element.content)).hex(" ")


def test_bearer_is_speech_or_audio_in_either_law() -> None:
    assert octets(elements.bearer(Transfer.SPEECH, Layer1.MU_LAW)) == "04 03 80 90 a2"
    assert octets(elements.bearer(Transfer.AUDIO_3K1, Layer1.MU_LAW)) == "04 03 90 90 a2"
    assert octets(elements.bearer(Transfer.SPEECH, Layer1.A_LAW)) == "04 03 80 90 a3"


def test_a_channel_is_exclusive_preferred_or_any() -> None:
    assert octets(elements.channel_id(1, exclusive=True)) == "18 03 a9 83 81"
    assert octets(elements.channel_id(23, exclusive=False)) == "18 03 a1 83 97"
    assert octets(elements.channel_id(None, exclusive=False)) == "18 01 a3"


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("a98381", ChannelId(1, True, (1,))),
        ("a18397", ChannelId(23, False, (23,))),
        ("a3", ChannelId(None)),
        ("a0", ChannelId(None)),
        ("e9818385", ChannelId(5, True, (5,))),
        ("e901818385", ChannelId(5, True, (5,))),
        ("a9830182", ChannelId(1, True, (1, 2))),
        ("a993000005", ChannelId(1, True, (1, 3))),
        ("a99380010002", ChannelId(1, True, (1, 16, 31))),
    ],
    ids=["exclusive", "preferred", "any", "none", "interface", "long", "list", "t1-map", "e1-map"],
)
def test_a_channel_is_read_by_number_list_or_map(content: str, read: ChannelId) -> None:
    assert elements.read_channel_id(bytes.fromhex(content)) == read


@pytest.mark.parametrize("content", ["", "81", "a9", "a983", "e901", "a993000000"])
def test_a_channel_that_says_nothing_is_malformed(content: str) -> None:
    with pytest.raises(MalformedElement):
        elements.read_channel_id(bytes.fromhex(content))


def test_calling_and_called_numbers_as_in_the_worked_example() -> None:
    elin = Number("4255550142", Ton.NATIONAL, Npi.E164, Presentation.ALLOWED)
    assert octets(elements.calling(elin)) == "6c 0c 21 80 34 32 35 35 35 35 30 31 34 32"
    assert octets(elements.called(Number("911"))) == "70 04 81 39 31 31"


@pytest.mark.parametrize("content", ["21833230363535353039 3131", "a1833230363535353039 3131"])
def test_octet_3a_is_seen_though_the_switch_says_that_none_follows(content: str) -> None:
    number = elements.read_number(bytes.fromhex(content), Ie.CALLING)
    assert number.digits == "2065550911"
    assert (number.presentation, number.screening) == (Presentation.ALLOWED, Screening.NETWORK)


def test_a_number_without_octet_3a_and_with_strange_characters_keeps_its_digits() -> None:
    number = elements.read_number(b"\xa142555\x0050142 ", Ie.CALLED)
    assert (number.digits, number.ton, number.presentation) == ("4255550142", Ton.NATIONAL, None)


def test_a_cause_is_read_with_and_without_octet_3a() -> None:
    assert octets(elements.cause(Cause(16))) == "08 02 80 90"
    assert elements.read_cause(bytes.fromhex("8290")) == Cause(16, 2)
    assert elements.read_cause(bytes.fromhex("028091")) == Cause(17, 2)
    assert elements.read_cause(bytes.fromhex("829c112233")) == Cause(28, 2)


def test_progress_and_state() -> None:
    assert octets(elements.progress_in_band()) == "1e 02 81 88"
    assert elements.read_progress(bytes.fromhex("8288")) == elements.IN_BAND
    assert octets(elements.call_state(10)) == "14 01 0a"
    assert elements.read_call_state(b"\x8a") == 10


@given(content=st.binary(max_size=12))
def test_any_content_is_read_or_malformed(content: bytes) -> None:
    readers = (
        elements.read_transfer,
        elements.read_channel_id,
        elements.read_cause,
        elements.read_progress,
        elements.read_call_state,
        lambda octets: elements.read_number(octets, Ie.CALLING),
    )
    outcomes = []
    for read in readers:
        try:
            outcomes.append(read(content) is not None)
        except MalformedElement:
            outcomes.append(True)
    assert outcomes == [True] * len(readers)
