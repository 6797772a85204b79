"""What the switchboard is joined to, as it sees them: a gateway, wires, and the world outside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from edge_agent.cama.outputs import CamaOutput, Pulse
from edge_agent.gateway.outputs import GatewayOutput
from edge_agent.isdn.group import SpanFrame
from edge_agent.leg import Discarded, LegId, LegRequest, WireEvent
from edge_agent.line import Transition
from edge_agent.sip.config import Remote
from edge_agent.sip.outputs import (
    Destination,
    MediaEvent,
    PortsExhausted,
    Refused,
    Send,
    Source,
)

WireOutput = (
    Send | SpanFrame | CamaOutput | WireEvent | Refused | PortsExhausted | MediaEvent | Discarded
)


class Brain(Protocol):
    """The gateway, as the switchboard sees it."""

    def receive(self, event: WireEvent, now: float) -> Iterable[GatewayOutput]: ...
    def handle_timeout(self, now: float) -> Iterable[GatewayOutput]: ...
    def next_deadline(self) -> float | None: ...


class Wire(Protocol):
    """A core that speaks legs: the SIP endpoint or one trunk."""

    def handle(self, request: LegRequest, now: float) -> Iterable[WireOutput]: ...
    def handle_timeout(self, now: float) -> Iterable[WireOutput]: ...
    def next_deadline(self) -> float | None: ...


class SipWire(Wire, Protocol):
    """The endpoint, with the doors that only it has."""

    def receive(self, data: bytes, source: Source, now: float) -> Iterable[WireOutput]: ...
    def connection_lost(self, source: Source, now: float) -> Iterable[WireOutput]: ...
    def adopt(self, remotes: tuple[Remote, ...], now: float) -> Iterable[WireOutput]: ...


class TrunkWire(Wire, Protocol):
    """A trunk on one or more spans."""

    @property
    def spans(self) -> Iterable[str]: ...
    def start(self, now: float) -> Iterable[WireOutput]: ...
    def stop(self, now: float) -> Iterable[WireOutput]: ...
    def span_up(self, span: str, now: float) -> Iterable[WireOutput]: ...
    def span_down(self, span: str, now: float) -> Iterable[WireOutput]: ...
    def set_service(
        self, span: str, numbers: frozenset[int], now: float, *, in_service: bool
    ) -> Iterable[WireOutput]: ...


class IsdnWire(TrunkWire, Protocol):
    """A trunk whose spans have D channels."""

    def receive(self, span: str, frame: bytes, now: float) -> Iterable[WireOutput]: ...


class CamaWire(TrunkWire, Protocol):
    """A trunk whose channels have hooks, and whose digits are tones that media makes."""

    def hear(self, span: str, transition: Transition, now: float) -> Iterable[WireOutput]: ...
    def spill_played(
        self, span: str, channel: int, spill: int, why: str, now: float
    ) -> Iterable[WireOutput]: ...


class Outside(Protocol):
    """What the switchboard can make happen."""

    def send(self, data: bytes, destination: Destination) -> None:
        """Write SIP."""

    def send_frame(self, span: str, frame: bytes) -> None:
        """Write on the D channel of a span."""

    def hook(self, span: str, channel: int, *, off_hook: bool) -> None:
        """Take a channel of a span off hook, or hang up."""

    def pulse(self, pulse: Pulse) -> None:
        """Have media put MF signals on a channel; what became of them comes back."""

    def hush(self, span: str, channel: int) -> None:
        """Have media stop what is on its way to a channel."""

    def play_event(self, leg: LegId, event: int) -> None:
        """Have media send a telephone-event (RFC 4733) to a leg."""

    def afterwards(self, outputs: list[GatewayOutput], now: float) -> None:
        """The step is over: disk, media, alarms."""

    def cut(self, connection: int) -> None:
        """End a stream whose framing is lost."""

    def trace(self, what: str, wire: str, value: object) -> None:
        """A line of the call trace."""


class Histogram(Protocol):
    """Where durations go."""

    def observe(self, seconds: float) -> None: ...
