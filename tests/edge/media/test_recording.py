"""A recording is a WAV file that other programs read, byte for byte what the line said."""

from __future__ import annotations

import struct
from random import Random

import pytest

from edge_agent.leg import Law
from edge_agent.media.g711 import translate
from edge_agent.media.recording import LONGEST_S, RATE, Recording
from tests.edge.media.test_bridge import PHONE, Far, Studio, coded, phone, spoken, trunk


def chunks(wav: bytes) -> dict[bytes, bytes]:
    """The chunks of a RIFF file, read by the book."""
    riff, length, kind = struct.unpack_from("<4sI4s", wav)
    assert (riff, length, kind) == (b"RIFF", len(wav) - 8, b"WAVE")
    found, at = {}, 12
    while at < len(wav):
        name, size = struct.unpack_from("<4sI", wav, at)
        found[name] = wav[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return found


@pytest.mark.parametrize(("law", "number"), [(Law.MU, 7), (Law.A, 6)])
def test_the_file_holds_the_very_bytes_and_names_their_law(law: Law, number: int) -> None:
    said = Random(7).randbytes(1600)
    recording = Recording(10)
    for at in range(0, len(said), 160):
        recording.hear(said[at : at + 160], law)
    read = chunks(recording.wav())
    assert read[b"data"] == said
    assert struct.unpack("<HHIIHHH", read[b"fmt "]) == (number, 1, RATE, RATE, 1, 8, 0)
    assert struct.unpack("<I", read[b"fact"]) == (1600,)
    assert recording.seconds == 0.2


def test_a_recording_ends_where_it_was_told_to_and_none_grows_without_end() -> None:
    short, endless = Recording(0.05), Recording(1e9)
    for _ in range(round(LONGEST_S * 50) + 50):
        short.hear(bytes(160), Law.MU)
        endless.hear(bytes(160), Law.MU)
    assert (short.seconds, endless.seconds) == (0.05, LONGEST_S)


def test_an_odd_number_of_bytes_is_padded_as_riff_wants_it() -> None:
    recording = Recording(1)
    recording.hear(b"\x7f\x7e\x7d", Law.MU)
    wav = recording.wav()
    assert len(wav) % 2 == 0
    assert chunks(wav)[b"data"] == b"\x7f\x7e\x7d"


def test_what_one_leg_says_is_recorded_and_nothing_that_it_hears() -> None:
    studio = Studio(trunk(3), call="c7")
    before, said, moved, after = spoken(1, 5), spoken(2, 50), spoken(3, 50), spoken(4, 5)
    for block in before:
        studio.step(blocks={3: block})
    recording = Recording(60)
    studio.core.record("c7", "b-3", recording)
    for block in said:
        studio.step(blocks={3: block})
    studio.room(trunk(4, leg="b-3"), call="c7")  # the network moved the call to another channel
    for block in moved:
        studio.step(blocks={3: after[0], 4: block})
    studio.core.stop_recording("c7", "b-3")
    for block in after:
        studio.step(blocks={4: block})
    assert recording.seconds == 2.0
    assert b"".join(said + moved) in recording.wav()


def test_a_phone_is_recorded_in_the_law_of_its_port() -> None:
    studio = Studio(phone(20000, PHONE))
    recording, far, said = Recording(60), Far(PHONE, payload_type=8), coded(600.0, Law.A)
    studio.core.record("c1", "rtp-20000", recording)
    for block in said:
        studio.step({20000: (far.says(block), PHONE)})
    assert translate(b"".join(said), Law.A, Law.MU) in recording.wav()
