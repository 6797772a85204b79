"""The span port: what a line of channels can do, in two halves, whatever card or wire is behind it.

The agent owns the D channel and the signalling of CAS channels; the media process owns the voice.
What a CAS channel shows is told as a :data:`~edge_agent.line.Transition`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import IntFlag
from typing import Protocol

from edge_agent.leg import Law
from edge_agent.line import Transition

BLOCK = 160
"""Bytes of a block: 20 ms of G.711 at 8 kHz."""
BLOCK_S = 0.02
SILENCE = {Law.MU: b"\xff" * BLOCK, Law.A: b"\xd5" * BLOCK}
"""A block in which nothing is said."""


class SpanAlarm(IntFlag):
    """T1 alarms of a span (ANSI T1.231); none is ``SpanAlarm(0)``."""

    RED = 1
    """We have lost the signal or its framing."""
    YELLOW = 2
    """The far end says that it has lost ours."""
    BLUE = 4
    """All ones: something between the ends is broken."""


OnFrame = Callable[[bytes, float], None]
"""A whole frame of the D channel without flags and FCS, and when it came."""
OnAlarm = Callable[[SpanAlarm, float], None]
"""The alarms of the span as they are now."""
OnBlock = Callable[[int, bytes, float], None]
"""20 ms of voice of a channel: its clock is the card's and thereby the trunk's."""
OnTransition = Callable[[Transition], None]
OnSlip = Callable[[int, int], None]
"""So many blocks of a channel were lost on the way here."""
OnPlayed = Callable[[str], None]
"""A sound has gone out whole (empty), or why it did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanStatus:
    """What a card says of one of its lines; counters run from when the driver was loaded."""

    alarms: SpanAlarm
    name: str = ""
    description: str = ""
    kind: str = ""
    """``T1``, ``E1``, ``TE``, ``NT``, or what else the driver calls it."""
    coding: str = ""
    """Framing and line coding, for example ``ESF/B8ZS``."""
    channels: int = 0
    """Channels that dahdi_cfg has configured."""
    sync_source: int = 0
    """The span that gives the card its clock; 0: it runs free."""
    bipolar_violations: int = 0
    crc_errors: int = 0
    e_bit_errors: int = 0
    """CRC-4 errors that the far end of an E1 saw (ITU-T G.704)."""
    framing_errors: int = 0
    code_violations: int = 0
    bit_errors: int = 0
    errored_seconds: int = 0
    irq_misses: int = 0
    """Interrupts that the machine served too late: each costs all lines of the card voice."""
    frames_sent: int = 0
    frames_heard: int = 0
    frames_lost: int = 0
    """D channel frames that found no room on their way out."""
    frames_broken: int = 0
    """D channel frames heard with a bad check sequence, aborted or too long."""
    openings: int = 0
    """How often the span was found and opened: above 1, it was taken away meanwhile."""


@dataclass(frozen=True, slots=True)
class Voice:
    """The voice half of a span as it can be lent to media: descriptors that stay the agent's.

    There is one for each of ``channels``, in order; or, with no channels named, one for all of them
    (``loop``). With no descriptors the half is gone, and copies of it are to be closed.
    """

    descriptors: tuple[int, ...]
    channels: tuple[int, ...] = ()


class DChannel(Protocol):
    """The signalling half of a span."""

    def send(self, frame: bytes) -> None:
        """Put a frame on the wire, without flags and FCS. Never blocks; what does not go is lost,
        and Q.921 repeats it."""

    def close(self) -> None:
        """Let go of the channel; nothing is heard from it after this."""


class Signals(Protocol):
    """The signalling half of a span of CAS channels, in place of a D channel."""

    def hook(self, channel: int, *, off_hook: bool) -> None:
        """Take ``channel`` off hook (close its loop), or hang up."""

    def close(self) -> None:
        """Let go of the channels; nothing is heard from them after this."""


class BChannels(Protocol):
    """The voice half of a span."""

    def send(self, channel: int, block: bytes) -> None:
        """Play :data:`BLOCK` bytes to the far end of ``channel``. Never blocks."""

    def listen(self, channels: Collection[int]) -> None:
        """Only these are of interest from now on; others need not be heard."""

    def play(self, channel: int, sound: bytes, on_played: OnPlayed) -> None:
        """Put a whole sound on the line at once, so that no lateness of ours can tear it; told
        when its last sample has gone out, or that it did not go out as it is."""

    def hush(self, channel: int) -> None:
        """Stop the sound that is on its way to ``channel``; nothing is told of it any more."""

    def close(self) -> None:
        """Let go of the channels; nothing is heard from them after this."""
