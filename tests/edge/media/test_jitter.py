"""Forty milliseconds of patience: stories of packets on the way, with a clock that the test
moves.
"""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from edge_agent.leg import Law
from edge_agent.media.g711 import BLOCK, SILENT_BLOCK
from edge_agent.media.jitter import SLOTS, JitterBuffer

SILENCE = SILENT_BLOCK[Law.MU]


def voice(n: int) -> bytes:
    return bytes([n % 120]) * BLOCK


class Line:
    """Packets with arrival times on one side, one block taken every 20 ms on the other."""

    def __init__(self, first_timestamp: int = 0) -> None:
        self.buffer = JitterBuffer(Law.MU)
        self.start = first_timestamp
        self.arrivals: list[tuple[float, int, int, bytes]] = []

    def packet(self, n: int, delay: float = 0.0, ssrc: int = 1) -> None:
        self.arrivals.append((n * 0.02 + delay, n, ssrc, voice(n)))

    def heard(self, seconds: float, phase: float = 0.001, pace: float = 0.02) -> list[bytes]:
        """What leaves, block by block; ``None`` is left out."""
        arrivals = sorted(self.arrivals)
        out = []
        for tick in range(round(seconds / pace)):
            now = tick * pace + phase
            while arrivals and arrivals[0][0] <= now:
                at, n, ssrc, payload = arrivals.pop(0)
                timestamp = (self.start + n * BLOCK) & 0xFFFFFFFF
                self.buffer.push(timestamp, ssrc, payload, at)
            block = self.buffer.take(now)
            if block is not None:
                out.append(block)
        return out


@pytest.mark.parametrize("phase", [0.0, 0.005, 0.0099, 0.015, 0.0199])
def test_a_steady_stream_leaves_as_it_came_40_ms_later(phase: float) -> None:
    line = Line()
    for n in range(100):
        line.packet(n)
    heard = line.heard(2.0, phase)
    assert heard == [voice(n) for n in range(len(heard))]
    assert 97 <= len(heard) <= 99, "two blocks of delay, give or take half a block"
    assert line.buffer.concealed == 0


@pytest.mark.parametrize("start", [0, 2**31 - 5 * BLOCK, 2**32 - 5 * BLOCK, 12345])
def test_timestamps_wrap(start: int) -> None:
    line = Line(start)
    for n in range(20):
        line.packet(n)
    assert line.heard(0.4)[:17] == [voice(n) for n in range(17)]


@pytest.mark.parametrize("seed", range(20))
def test_25_ms_of_jitter_and_disorder_are_not_heard(seed: int) -> None:
    rng = Random(seed)
    line = Line()
    line.packet(0)
    for n in range(1, 200):
        line.packet(n, rng.uniform(0, 0.025))
    heard = line.heard(4.0, phase=rng.uniform(0, 0.0199))
    assert heard == [voice(n) for n in range(len(heard))]
    assert line.buffer.late == 0


def test_one_lost_packet_is_the_last_one_again_and_more_are_silence() -> None:
    line = Line()
    for n in range(50):
        if n not in (10, 20, 21, 22):
            line.packet(n)
    heard = line.heard(1.0)
    assert heard[9:12] == [voice(9), voice(9), voice(11)]
    assert heard[19:24] == [voice(19), voice(19), SILENCE, SILENCE, voice(23)]
    assert line.buffer.concealed == 4


def test_a_packet_after_its_time_is_dropped_and_counted() -> None:
    line = Line()
    for n in range(50):
        line.packet(n, delay=0.09 if n == 10 else 0.0)
    heard = line.heard(1.0)
    assert voice(10) not in heard
    assert line.buffer.late == 1


def test_a_repeated_packet_is_heard_once() -> None:
    line = Line()
    for n in range(50):
        line.packet(n)
        line.packet(n, delay=0.005)
    heard = line.heard(1.0)
    assert heard == [voice(n) for n in range(len(heard))]


def test_packets_of_10_and_of_30_ms_leave_in_blocks_of_20() -> None:
    spoken = bytes(n % 120 for n in range(24 * 240))
    for length in (80, 240):
        buffer = JitterBuffer(Law.MU)
        heard = b""
        for at in range(0, len(spoken), length):
            buffer.push(at, 1, spoken[at : at + length], at / 8000)
        for tick in range(20):
            heard += buffer.take(0.04 + tick * 0.02) or b""
        assert heard == spoken[: len(heard)]
        assert len(heard) == 20 * BLOCK


def test_a_path_that_grows_longer_for_good_is_followed() -> None:
    line = Line()
    for n in range(100):
        line.packet(n, delay=0.0 if n < 40 else 0.3)
    heard = line.heard(2.5)
    after = [b for b in heard if b in _voices(60, 100)]
    assert after[:40] == [voice(n) for n in range(60, 100)]


def _voices(first: int, end: int) -> set[bytes]:
    return {voice(n) for n in range(first, end)}


def test_another_source_begins_anew_without_the_old_ones_rest() -> None:
    line = Line()
    for n in range(20):
        line.packet(n)
    for n in range(20, 60):
        line.arrivals.append((n * 0.02, 500_000 + n, 2, voice(n)))
    heard = line.heard(1.4)
    assert line.buffer.anchored == 2
    assert voice(59) in heard


def test_a_jump_of_the_timestamps_begins_anew() -> None:
    buffer = JitterBuffer(Law.MU)
    buffer.push(0, 1, voice(1), 0.0)
    buffer.push(SLOTS * BLOCK * 2, 1, voice(2), 0.02)
    assert buffer.anchored == 2
    assert buffer.take(0.06) == voice(2)


def test_after_a_pause_the_stream_begins_anew() -> None:
    line = Line()
    for n in (*range(10), *range(100, 120)):
        line.packet(n)
    heard = line.heard(2.5)
    spoken = [b for b in heard if b != SILENCE]
    assert spoken[-21:] == [*(voice(n) for n in range(100, 120)), voice(119)]
    assert line.buffer.anchored == 2


@pytest.mark.parametrize("pace", [0.02 * 1.0005, 0.02 / 1.0005])
def test_two_clocks_that_differ_cost_a_slip_now_and_then_and_no_more(pace: float) -> None:
    line = Line()
    for n in range(30_000):  # ten minutes at 500 ppm: 0.3 s, 15 blocks
        line.packet(n)
    heard = line.heard(599.0, pace=pace)
    changes = sum(a == b for a, b in pairwise(heard))
    assert line.buffer.anchored + line.buffer.slips + line.buffer.late <= 30
    assert changes <= 40


def test_an_empty_buffer_says_that_it_is_empty() -> None:
    buffer = JitterBuffer(Law.MU)
    assert buffer.take(0.0) is None
    buffer.push(0, 1, voice(1), 1.0)
    assert buffer.take(1.01) is None
    assert buffer.take(1.04) == voice(1)
    assert [buffer.take(1.06 + n * 0.02) for n in range(10)][-1] == SILENCE
    assert buffer.take(2.0) is None, "200 ms without a packet: there is no stream"
