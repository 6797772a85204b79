"""Speech, audio or data; and only layer 1 of what the far terminal is told."""

from __future__ import annotations

import pytest

from edge_agent.isdn import elements
from edge_agent.isdn.elements import (
    Bearer,
    HighLayer,
    Layer1,
    MalformedElement,
    Mode,
    Transfer,
    high_layer,
    read_bearer,
    read_high_layer,
    read_low_layer,
    read_transfer,
)


@pytest.mark.parametrize("transfer", [Transfer.SPEECH, Transfer.AUDIO_3K1, Transfer.UNRESTRICTED])
@pytest.mark.parametrize("layer1", [None, Layer1.MU_LAW, Layer1.A_LAW])
def test_a_bearer_is_read_as_written(transfer: Transfer, layer1: Layer1 | None) -> None:
    assert read_bearer(elements.bearer(transfer, layer1).content) == Bearer(transfer, layer1)
    assert read_low_layer(elements.low_layer(transfer, layer1).content) == Bearer(transfer, layer1)


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("88 c0 c6 e6", Bearer(8, None, Mode.PACKET, 0)),
        ("88 98 82 a3", Bearer(8, Layer1.A_LAW, rate=0x18)),
        ("88 90 21 8f", Bearer(8, 1)),
        ("00 80 90 a2", Bearer(0, Layer1.MU_LAW)),
        ("e0 90 a2", Bearer(0, Layer1.MU_LAW, coding=3)),
        ("80 10 80 a2", Bearer(0, Layer1.MU_LAW)),
    ],
    ids=["packet", "multirate", "v110-5a", "3a", "coding", "4a"],
)
def test_modes_rates_and_extensions_are_read(content: str, read: Bearer) -> None:
    assert read_bearer(bytes.fromhex(content)) == read


@pytest.mark.parametrize("content", ["", "80", "00 00", "80 10", "80 90 22", "88 98"])
def test_a_bearer_that_ends_too_early_is_malformed(content: str) -> None:
    with pytest.raises(MalformedElement):
        read_bearer(bytes.fromhex(content))


def test_a_voice_call_is_recognised_whatever_follows_its_first_two_octets() -> None:
    assert read_transfer(bytes.fromhex("80 90 22")) == Transfer.SPEECH
    assert read_transfer(bytes.fromhex("88 90")) == Transfer.UNRESTRICTED


def test_a_telephone_says_that_it_is_one() -> None:
    assert read_high_layer(high_layer(HighLayer()).content) == HighLayer()
    assert read_high_layer(bytes.fromhex("d1 84")) == HighLayer(4, 2)
