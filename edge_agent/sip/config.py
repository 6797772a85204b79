"""What an endpoint is told once: who we are, where voice goes, and which remotes there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Protocol

from edge_agent.leg import LegId
from edge_agent.sip.outputs import Destination, Source


class Role(StrEnum):
    """Which side of the gateway a remote is on."""

    PLATFORM = "platform"
    """A UC platform, SBC, phone or desk: its calls are emergencies, its people are rung."""
    TRUNK = "trunk"
    """The PSTN's side: it only ever sees ELINs (R2); its calls are callbacks."""


@dataclass(frozen=True, slots=True)
class Remote:
    """One configured far end."""

    id: str
    """Peer or trunk id: ``Offered.source``, ``RingParty.peer``, ``SeizeTrunk.trunk``."""
    role: Role
    host: str
    """Where requests are sent: an IP address, or a name that the driver resolves."""
    port: int = 5060
    transport: str = "udp"
    domain: str = ""
    """Domain of the addresses there, where it is not ``host``."""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Further addresses that requests may come from; ``host`` always may."""
    every_call_is_911: bool = False
    callers_are_phones: bool = False
    """The phones themselves talk to us: the source of their calls is their own address (a location
    hint).
    """
    address_header: str = ""
    """Header in which this platform tells the phone's own address, where it does."""

    @property
    def destination(self) -> Destination:
        """Where a new request to it is sent."""
        return Destination(self.transport, self.host, self.port)

    @property
    def realm(self) -> str:
        """The host part of addresses at this remote."""
        if self.domain:
            return self.domain
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 5060 else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """Our own addresses and the remotes."""

    host: str
    """Address at which the remotes reach our signalling."""
    udp_port: int
    tcp_port: int
    media_host: str
    rtp_first: int = 20_000
    """First RTP port; even ports are used, the odd ones are RTCP's."""
    rtp_last: int = 20_998
    remotes: tuple[Remote, ...] = ()
    domain: str = ""
    """Domain of our own addresses, where it is not ``host``."""
    rtp_rest_s: float = 5.0
    """How long a port rests after its leg, so that late packets do not land in the next call."""
    agent: str = "Elingate"
    flash: str = "info"
    """How a PSAP's hook flash is passed on: ``info``, or ``event`` (RFC 4733) to who takes it."""
    flash_form: str = "broadsoft"
    """How the INFO spells it: a key of :data:`edge_agent.sip.flash.FLASH_BODIES`."""

    @property
    def realm(self) -> str:
        """The host part of our addresses."""
        return self.domain or (f"[{self.host}]" if ":" in self.host else self.host)


class Ids(Protocol):
    """Where the dice are: everything that must be unique or unguessable."""

    def branch(self) -> str:
        """A Via branch, beginning ``z9hG4bK``."""

    def tag(self) -> str:
        """A From or To tag."""

    def call_id(self) -> str:
        """A Call-ID; holds no address of ours and no number."""

    def leg_id(self) -> LegId:
        """An id for a leg that somebody offers us."""

    def session_id(self) -> int:
        """An SDP session id, below 2**62."""


@dataclass(slots=True)
class RemoteTable:
    """Finds the remote that a source address belongs to."""

    remotes: tuple[Remote, ...]
    by_id: dict[str, Remote] = field(init=False)

    def __post_init__(self) -> None:
        self.by_id = {remote.id: remote for remote in self.remotes}

    def of(self, source: Source, sent_by_port: int | None = None) -> Remote | None:
        """Who talks to us from ``source``: best the exact address and port, then the port that the
        Via names, then the address alone, then the smallest network that holds it. Ports only ever
        choose among remotes that share the address.
        """
        best: tuple[tuple[int, int], Remote] | None = None
        for remote in self.remotes:
            rank = _rank(remote, source, sent_by_port)
            if rank is not None and (best is None or rank < best[0]):
                best = (rank, remote)
        return None if best is None else best[1]


def _rank(remote: Remote, source: Source, sent_by_port: int | None) -> tuple[int, int] | None:
    if remote.host == source.host:
        if remote.port == source.port:
            return (0, 0)
        return (1, 0) if remote.port == sent_by_port else (2, 0)
    if not remote.networks:
        return None
    try:
        address = ip_address(source.host)
    except ValueError:
        return None
    fits = [n.prefixlen for n in remote.networks if n.version == address.version and address in n]
    return (3, -max(fits)) if fits else None
