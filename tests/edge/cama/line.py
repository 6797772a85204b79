"""A trunk of CAMA as its tests see it: one span unless said otherwise, and the far end's doings as
inputs of a script.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from e911.numbers import Elin
from edge_agent.cama.config import CamaSpan, CamaTrunkConfig
from edge_agent.cama.outputs import CamaOutput
from edge_agent.cama.trunk import CamaTrunk
from edge_agent.leg import LegId, LegRequest, SeizeTrunk
from edge_agent.line import BitsChanged, HookChanged, PolarityChanged, PortLost, Transition, Winked
from tests.play import Playbook

TRUNK = "psap"
SPAN = "cama-1"
LEG = LegId("a")
ELIN = Elin("4255550142")
PLAIN = "kp-0-nxx-xxxx-st"


@dataclass(frozen=True, slots=True)
class Played:
    """Media says what became of a spill."""

    spill: int
    why: str = ""
    channel: int = 1
    span: str = SPAN


@dataclass(frozen=True, slots=True)
class Alarm:
    """The span goes into alarm, or comes out of it."""

    active: bool
    span: str = SPAN


@dataclass(frozen=True, slots=True)
class On:
    """A transition of another span than the first."""

    span: str
    transition: Transition


Input = LegRequest | Transition | Played | Alarm | On


class Line:
    """The doors of a trunk as one: what a script feeds finds its own."""

    def __init__(self, trunk: CamaTrunk) -> None:
        self.trunk = trunk
        self.handle_timeout = trunk.handle_timeout
        self.next_deadline = trunk.next_deadline

    def handle(self, request: Input, now: float) -> list[CamaOutput]:
        match request:
            case Played(spill, why, channel, span):
                return self.trunk.spill_played(span, channel, spill, why, now)
            case Alarm(active, span):
                return (self.trunk.span_down if active else self.trunk.span_up)(span, now)
            case On(span, transition):
                return self.trunk.hear(span, transition, now)
            case HookChanged() | Winked() | BitsChanged() | PolarityChanged() | PortLost():
                return self.trunk.hear(SPAN, request, now)
        return self.trunk.handle(request, now)


def config(**changes: Any) -> CamaTrunkConfig:
    """Two channels of one span that pulse Cisco's plain form, in area 425."""
    wanted: dict[str, Any] = {
        "trunk": TRUNK,
        "spans": (CamaSpan(SPAN, (1, 2)),),
        "format": PLAIN,
        "home_area": "425",
    }
    return CamaTrunkConfig(**{**wanted, **changes})


def a_trunk(**changes: Any) -> CamaTrunk:
    return CamaTrunk(config(**changes))


def a_play(**changes: Any) -> Playbook:
    return Playbook(Line(a_trunk(**changes)))


def seize(leg: str = LEG, channel: int | None = 1, **changes: Any) -> SeizeTrunk:
    wanted: dict[str, Any] = {
        "leg": LegId(leg),
        "trunk": TRUNK,
        "channel": channel,
        "calling": ELIN,
        "called": "911",
    }
    return SeizeTrunk(**{**wanted, **changes})


def off(at: float, channel: int = 1) -> HookChanged:
    """The far end goes off hook."""
    return HookChanged(channel, True, at)


def on(at: float, channel: int = 1) -> HookChanged:
    """The far end goes on hook."""
    return HookChanged(channel, False, at)


def wink(at: float, channel: int = 1) -> Winked:
    """The port says that there was a wink."""
    return Winked(channel, at)
