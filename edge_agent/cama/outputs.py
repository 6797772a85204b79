"""What a CAMA trunk asks of the line and of media, beside the words of its legs."""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.cama.signals import Tones
from edge_agent.leg import ChannelsChanged, Discarded, LegEvent, LinkChanged, WireAlarm


@dataclass(frozen=True, slots=True)
class Hook:
    """Take a channel off hook (close its loop), or hang up."""

    span: str
    channel: int
    off_hook: bool


@dataclass(frozen=True, slots=True)
class Pulse:
    """Put a spill on a channel, whole; what comes of it is told by ``spill_played``."""

    span: str
    channel: int
    spill: int
    signals: str
    tones: Tones


@dataclass(frozen=True, slots=True)
class Hush:
    """What is still on its way to a channel must not go out; nothing is told of it any more."""

    span: str
    channel: int


LineOutput = Hook | Pulse | Hush
CamaOutput = LineOutput | LegEvent | LinkChanged | ChannelsChanged | WireAlarm | Discarded
