"""What a data link says to its owner, in order; and what one input carries through the acts of its
row.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from edge_agent.isdn.lapd_frame import Frame
from edge_agent.leg import Discarded


@dataclass(frozen=True, slots=True)
class SendFrame:
    """Write this on the D channel; flags and FCS are the driver's."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Deliver:
    """A layer 3 message arrived, once and in order; a ``broadcast`` went to all users of a
    multipoint line, in no order and maybe more than once.
    """

    info: bytes
    broadcast: bool = False


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The link is established; also said when the peer established a working link anew."""


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The link does not carry messages now; ``why`` names the input that said so."""

    why: str


LinkOutput = SendFrame | Discarded | Deliver | LinkUp | LinkLost


@dataclass(slots=True)
class Heard:
    """What the acts of one row work on."""

    now: float
    frame: Frame | None = None
    why: str = ""
    outputs: list[LinkOutput] = field(default_factory=list)
