"""RTP as RFC 3550 §5.1 draws it; what is none of ours reads as none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.media.rtp import Packet, read, read_digit, render, render_event


def test_a_packet_is_read_as_it_was_rendered() -> None:
    data = render(0, 65535, 4_000_000_000, 0xDEADBEEF, b"voice", marker=True)
    assert data[:2] == b"\x80\x80"
    assert read(data) == Packet(0, 65535, 4_000_000_000, 0xDEADBEEF, b"voice")


def test_contributors_extension_and_padding_are_not_voice() -> None:
    head = bytes.fromhex("b2 08 0001 00000002 00000003")  # padding, extension, two CSRCs
    data = head + bytes(8) + bytes.fromhex("bede0001 00000000") + b"voice" + b"\x00\x00\x03"
    assert read(data) == Packet(8, 1, 2, 3, b"voice")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80" * 11,
        b"\x40" + bytes(20),  # version 1
        b"\x80\xc8" + bytes(26),  # RTCP sender report on the same port
        b"\x90" + bytes(11),  # an extension that is not there
        b"\xa0" + bytes(11) + b"\xff",  # more padding than packet
    ],
)
def test_what_is_no_rtp_reads_as_none(data: bytes) -> None:
    assert read(data) is None


@given(st.binary(max_size=200))
def test_no_datagram_breaks_the_reader(data: bytes) -> None:
    packet = read(data)
    assert packet is None or len(packet.payload) <= len(data)


def test_events_are_the_digits_of_rfc_4733() -> None:
    assert [read_digit(bytes([n, 10, 0, 160])) for n in (0, 9, 10, 11, 15)] == list("09*#D")
    assert read_digit(b"\x10\x0a\x00\xa0") is None, "16 is a hook flash, no digit"
    assert read_digit(b"\x01") is None


def test_an_event_has_its_duration_and_a_tone_its_level() -> None:
    assert render_event(16, 800, ended=True) == bytes.fromhex("10 80 0320")
    assert render_event(5, 160, ended=False) == bytes.fromhex("05 0a 00a0")
    assert read_digit(render_event(11, 160, ended=False)) == "#"
