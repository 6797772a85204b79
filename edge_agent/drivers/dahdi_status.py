"""What SPANSTAT says of a span, in our words: alarms as they concern a call, and every counter."""

from __future__ import annotations

from collections.abc import Mapping

from edge_agent.drivers.dahdi import SPAN_INFO, Alarm
from edge_agent.drivers.span import SpanAlarm, SpanStatus

_CODINGS = {
    1 << 4: "D4",
    1 << 5: "ESF",
    1 << 8: "CCS",
    1 << 10: "CRC4",
    1 << 6: "AMI",
    1 << 7: "B8ZS",
    1 << 9: "HDB3",
}
"""``DAHDI_CONFIG_*``: framing first, then what goes over the wire."""


def alarm_bits(told: bytes | bytearray) -> Alarm:
    """The alarms as the driver counts them."""
    return Alarm(SPAN_INFO.numbers(told)["alarms"])


def alarm_of(bits: Alarm) -> SpanAlarm:
    """The alarms as they concern a call: whatever is not yellow or blue is red.

    That takes in a span that is not started, one in loopback, and one that is still settling after
    an alarm (RECOVER): none of them carries a call.
    """
    alarms = SpanAlarm(0)
    if bits & Alarm.YELLOW:
        alarms |= SpanAlarm.YELLOW
    if bits & Alarm.BLUE:
        alarms |= SpanAlarm.BLUE
    if int(bits) & ~int(Alarm.YELLOW | Alarm.BLUE):
        alarms |= SpanAlarm.RED
    return alarms


def read_status(told: bytes | bytearray, counts: Mapping[str, int], openings: int) -> SpanStatus:
    """``struct dahdi_spaninfo`` and the counters of the D channel as one value."""
    number, text = SPAN_INFO.numbers(told), SPAN_INFO.texts(told)
    broken = sum(counts.get(name, 0) for name in ("badfcs", "abort", "overrun"))
    return SpanStatus(
        alarms=alarm_of(alarm_bits(told)),
        name=text["name"],
        description=text["desc"],
        kind=text["spantype"],
        coding="/".join(word for bit, word in _CODINGS.items() if number["lineconfig"] & bit),
        channels=number["numchans"],
        sync_source=number["syncsrc"],
        bipolar_violations=number["bpvcount"],
        crc_errors=number["crc4count"],
        e_bit_errors=number["ebitcount"],
        framing_errors=number["fascount"] + number["fecount"],
        code_violations=number["cvcount"],
        bit_errors=number["becount"],
        errored_seconds=number["errsec"],
        irq_misses=number["irqmisses"],
        frames_sent=counts.get("sent", 0),
        frames_heard=counts.get("heard", 0),
        frames_lost=counts.get("lost", 0),
        frames_broken=broken,
        openings=openings,
    )
