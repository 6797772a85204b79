"""Elements that are a single value: states, levels, tones and classes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from edge_agent.isdn.ie import Element, Ie, MalformedElement, measured


class RestartClass(IntEnum):
    """What a RESTART is about (§4.5.25)."""

    INDICATED_CHANNELS = 0
    SINGLE_INTERFACE = 6
    ALL_INTERFACES = 7


class Notified(IntEnum):
    """Notification descriptions (§4.5.22)."""

    SUSPENDED = 0
    RESUMED = 1
    BEARER_CHANGE = 2


class Tone(IntEnum):
    """Signal values of which a switch makes use (§4.5.28); 40 to 47 are patterns of ringing."""

    DIAL_TONE = 0x00
    RING_BACK = 0x01
    INTERCEPT = 0x02
    CONGESTION = 0x03
    BUSY = 0x04
    CONFIRM = 0x05
    ANSWER = 0x06
    CALL_WAITING = 0x07
    OFF_HOOK_WARNING = 0x08
    PREEMPTION = 0x09
    OFF = 0x3F
    ALERTING = 0x40


class ServiceState(IntEnum):
    """What a Change status of a maintenance message says of a channel (*read in source*)."""

    IN_SERVICE = 0
    LOOPBACK = 1
    OUT_OF_SERVICE = 2
    CONTINUITY_CHECK = 3
    SHUT_DOWN = 4


class Repetition(IntEnum):
    """How a repeated element is meant (§4.5.24)."""

    PRIORITISED = 2


_CHANNEL = 1


@dataclass(frozen=True, slots=True)
class ChangeStatus:
    """One Change status."""

    state: int
    preference: int = _CHANNEL
    """1 is the channel that is named; no other value is known to be in use."""


RECEIVER_READY = 0
RECEIVER_NOT_READY = 15
"""Congestion levels (§4.5.14)."""


def call_state(state: int) -> Element:
    """Call state (§4.5.7), coding standard ITU-T."""
    return Element(Ie.CALL_STATE, bytes((state,)))


def read_call_state(content: bytes) -> int:
    """Return the state that the peer says the call is in."""
    return measured(Ie.CALL_STATE, content)[0] & 0x3F


def restart_indicator(value: RestartClass) -> Element:
    """Restart indicator (§4.5.25)."""
    return Element(Ie.RESTART_INDICATOR, bytes((0x80 | value,)))


def read_restart_indicator(content: bytes) -> RestartClass:
    """Return the class; a reserved one is no class."""
    octet = measured(Ie.RESTART_INDICATOR, content)[0] & 7
    try:
        return RestartClass(octet)
    except ValueError:
        raise MalformedElement(Ie.RESTART_INDICATOR) from None


def change_status(value: ChangeStatus) -> Element:
    """Change status of a maintenance message."""
    return Element(Ie.CHANGE_STATUS, bytes((0x80 | value.preference << 6 | value.state,)))


def read_change_status(content: bytes) -> ChangeStatus:
    """Read a Change status."""
    octet = measured(Ie.CHANGE_STATUS, content)[0]
    return ChangeStatus(octet & 7, octet >> 6 & 1)


def notification(description: Notified) -> Element:
    """Notification indicator (§4.5.22)."""
    return Element(Ie.NOTIFICATION, bytes((0x80 | description,)))


def read_notification(content: bytes) -> int:
    """Return the notification description."""
    return measured(Ie.NOTIFICATION, content)[0] & 0x7F


def signal(tone: Tone) -> Element:
    """Signal (§4.5.28)."""
    return Element(Ie.SIGNAL, bytes((tone,)))


def read_signal(content: bytes) -> int:
    """Return the value of a Signal."""
    return measured(Ie.SIGNAL, content)[0]


def sending_complete() -> Element:
    """No digit follows (§4.5.27)."""
    return Element(Ie.SENDING_COMPLETE, b"")


def more_data() -> Element:
    """The next USER INFORMATION belongs to this one (§4.5.20)."""
    return Element(Ie.MORE_DATA, b"")


def congestion_level(level: int) -> Element:
    """Whether user information may be sent (§4.5.14)."""
    return Element(Ie.CONGESTION_LEVEL | level, b"")


def repeat_indicator(repetition: Repetition) -> Element:
    """The next element is there more than once (§4.5.24)."""
    return Element(Ie.REPEAT_INDICATOR | repetition, b"")


def read_congestion_level(content: bytes) -> int:
    """Return the level, as :meth:`Message.find` hands it out."""
    return measured(Ie.CONGESTION_LEVEL, content)[0] & 0x0F


def read_repeat_indicator(content: bytes) -> int:
    """Return how the repetition is meant, as :meth:`Message.find` hands it out."""
    return measured(Ie.REPEAT_INDICATOR, content)[0] & 0x0F
