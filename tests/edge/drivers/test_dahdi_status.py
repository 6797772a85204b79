"""Alarm bits and counters of the driver, in our words."""

from __future__ import annotations

from collections import Counter

import pytest

from edge_agent.drivers.dahdi import SPAN_INFO, Alarm
from edge_agent.drivers.dahdi_status import alarm_bits, alarm_of, read_status
from edge_agent.drivers.span import SpanAlarm


@pytest.mark.parametrize(
    ("bits", "alarms"),
    [
        (Alarm(0), SpanAlarm(0)),
        (Alarm.RED, SpanAlarm.RED),
        (Alarm.YELLOW, SpanAlarm.YELLOW),
        (Alarm.BLUE, SpanAlarm.BLUE),
        (Alarm.RED | Alarm.YELLOW | Alarm.LOS, SpanAlarm.RED | SpanAlarm.YELLOW),
        (Alarm.RECOVER, SpanAlarm.RED),
        (Alarm.LOOPBACK, SpanAlarm.RED),
        (Alarm.NOTOPEN, SpanAlarm.RED),
        (Alarm(1 << 20), SpanAlarm.RED),
    ],
)
def test_what_carries_no_call_is_an_alarm(bits: Alarm, alarms: SpanAlarm) -> None:
    assert alarm_of(bits) == alarms


def test_every_counter_of_the_card_and_of_the_d_channel_is_in_the_status() -> None:
    counters = "bpvcount crc4count ebitcount fascount fecount cvcount becount errsec irqmisses"
    told = SPAN_INFO.buffer(
        **{name: 10 + at for at, name in enumerate(counters.split())},
        name=b"TE2/0/1",
        desc=b"T2XXP (PCI) Card 0 Span 1",
        spantype=b"T1",
        lineconfig=1 << 5 | 1 << 7,
        numchans=24,
        syncsrc=1,
        alarms=Alarm.YELLOW,
    )
    assert alarm_bits(told) == Alarm.YELLOW
    counts = Counter(sent=5, heard=6, lost=1, badfcs=2, abort=3, overrun=4)
    status = read_status(told, counts, openings=2)
    assert (status.name, status.kind, status.coding) == ("TE2/0/1", "T1", "ESF/B8ZS")
    assert (status.alarms, status.channels, status.sync_source) == (SpanAlarm.YELLOW, 24, 1)
    assert (status.bipolar_violations, status.crc_errors, status.e_bit_errors) == (10, 11, 12)
    assert status.framing_errors == 13 + 14
    assert (status.code_violations, status.bit_errors, status.errored_seconds) == (15, 16, 17)
    assert (status.irq_misses, status.openings) == (18, 2)
    assert (status.frames_sent, status.frames_heard, status.frames_lost) == (5, 6, 1)
    assert status.frames_broken == 9


def test_an_e1_is_called_what_its_technician_calls_it() -> None:
    told = SPAN_INFO.buffer(lineconfig=1 << 8 | 1 << 9 | 1 << 10)
    assert read_status(told, {}, openings=1).coding == "CCS/CRC4/HDB3"
