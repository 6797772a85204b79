"""What the endpoint hands to its driver and to the gateway, and the addresses in it."""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.leg import LegEvent, LegId, LinkChanged, TextSettled


@dataclass(frozen=True, slots=True)
class Destination:
    """Where bytes go to or came from. ``host`` is an IP address or a name that the driver may
    resolve.

    ``connection`` is the driver's number for one open TCP connection. A destination without one
    lets the driver use a connection to that host and port that it has, or open one.
    """

    transport: str
    """``udp`` or ``tcp``."""
    host: str
    port: int
    connection: int | None = None

    @property
    def is_stream(self) -> bool:
        """Whether the transport repeats lost bytes by itself."""
        return self.transport != "udp"


Source = Destination
"""A source is a destination seen from the other side; on TCP it carries its connection."""


@dataclass(frozen=True, slots=True)
class Send:
    """Give these bytes to the wire: one datagram, or a piece of a stream."""

    data: bytes
    destination: Destination


@dataclass(frozen=True, slots=True)
class Refused:
    """Something was not taken: counted by ``reason``, traced, never a log line with a caller in it.

    ``unknown-address``, ``garbage`` (unreadable from an unknown address), ``malformed`` (from a
    known one), ``stray-response``, ``framing-lost`` (the connection has to go), ``refer``.
    """

    source: Source
    reason: str


@dataclass(frozen=True, slots=True)
class PortsExhausted:
    """No RTP port was left for this leg: the call goes on without voice of ours (R1). To be
    alarmed.
    """

    leg: LegId


@dataclass(frozen=True, slots=True)
class MediaEvent:
    """Have media send a telephone-event (RFC 4733) in the voice of a leg."""

    leg: LegId
    event: int


Output = Send | LegEvent | LinkChanged | TextSettled | Refused | PortsExhausted | MediaEvent
