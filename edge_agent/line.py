"""Channels as cores and drivers both name them: their numbers, and what the far end of one shows
beside its voice: facts with a time, never interpretations.

Whether an off-hook was a wink, an answer or a fault is for the core of the trunk to say. Only a
port that itself tells no more than "wink" is believed: :class:`Winked`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HookChanged:
    """The far end of a channel went off or on hook. ``at`` is on the loop's clock, in seconds."""

    channel: int
    off_hook: bool
    at: float


@dataclass(frozen=True, slots=True)
class Winked:
    """The far end went off hook and on again within a time that the port calls a wink: it tells no
    more, so nobody can judge how long it was. ``at`` is when it was over."""

    channel: int
    at: float


@dataclass(frozen=True, slots=True)
class BitsChanged:
    """The signalling bits ABCD of a channel, A the highest of four."""

    channel: int
    bits: int
    at: float


@dataclass(frozen=True, slots=True)
class PolarityChanged:
    """The battery of a loop-start or reverse-battery line was turned round, or back."""

    channel: int
    is_reversed: bool
    at: float


@dataclass(frozen=True, slots=True)
class PortLost:
    """The port of a channel that we had off hook was closed under us: our own hook is on, and the
    far end has seen us hang up, whatever the channel shows when it is opened again."""

    channel: int
    at: float


Transition = HookChanged | Winked | BitsChanged | PolarityChanged | PortLost


CIRCUITS = 100
"""Circuit numbers of one span."""


def circuit(span: int, channel: int) -> int:
    """The circuit number of a channel on the trunk's span number ``span``, counted from 0."""
    return CIRCUITS * span + channel
