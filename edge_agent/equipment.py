"""What the cores are told of this box and its branch: file and snapshot in the cores' own terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_network

from e911.rows import PeerRow, TrunkKind, TrunkRow
from e911.snapshot import Snapshot
from edge_agent.config import Config
from edge_agent.drivers.wires import SpanPorts
from edge_agent.gateway.exchange import LastResort
from edge_agent.isdn.config import E1_CHANNELS, T1_CHANNELS, IsdnTrunkConfig
from edge_agent.isdn.switches import SwitchType
from edge_agent.leg import Law
from edge_agent.messages import OpenSpan
from edge_agent.sections import LastResortSection, PeerSection, SpanSection
from edge_agent.sip.config import EndpointConfig, Remote, Role


def endpoint_config(config: Config) -> EndpointConfig:
    """Our own addresses, and the remotes of the last resort."""
    sip = config.sip
    return EndpointConfig(
        host=sip.host,
        udp_port=sip.port,
        tcp_port=sip.port,
        media_host=sip.host,
        rtp_first=sip.rtp_first,
        rtp_last=sip.rtp_first + sip.rtp_count - 2,
        remotes=remotes_of(config, None),
        domain=sip.domain,
    )


def remotes_of(config: Config, snapshot: Snapshot | None) -> tuple[Remote, ...]:
    """Whom the endpoint knows: the snapshot's peers and trunks, or those of the last resort."""
    last = config.last_resort
    if snapshot is None:
        return (*(_last_peer(peer) for peer in last.peers), *_last_trunk(last))
    trunks = [_trunk(row) for row in snapshot.trunks.values() if row.trunk is TrunkKind.SIP]
    spare = _last_trunk(last) if last.trunk not in snapshot.trunks else ()
    return (*(_peer(row) for row in snapshot.peers.values()), *trunks, *spare)


def with_addresses(remotes: tuple[Remote, ...], found: Mapping[str, str]) -> tuple[Remote, ...]:
    """The remotes with names turned into the addresses found; the name stays their domain."""
    return tuple(
        replace(each, host=found[each.host], domain=each.domain or each.host)
        if each.host in found
        else each
        for each in remotes
    )


def last_resort(config: Config) -> LastResort:
    """What places a call with no snapshot (R1)."""
    last = config.last_resort
    peers = tuple(peer.id for peer in last.peers)
    return LastResort(last.elin, last.trunk, last.called, last.desk, peers)


def trunks_of(config: Config) -> list[tuple[str, tuple[int, ...]]]:
    """The trunks that exist whatever the snapshot says, with their channels."""
    trunks = [(span.trunk, channels_of(span)) for span in config.spans]
    if config.last_resort.host:
        trunks.append((config.last_resort.trunk, ()))
    return trunks


def channels_of(span: SpanSection) -> tuple[int, ...]:
    """The B channels of a line."""
    return T1_CHANNELS if span.line == "t1" else E1_CHANNELS


def law_of(span: SpanSection) -> Law:
    """T1 lines speak µ-law, E1 lines A-law (G.711)."""
    return Law.MU if span.line == "t1" else Law.A


def trunk_config(span: SpanSection) -> IsdnTrunkConfig:
    """The ISDN trunk on a span."""
    return IsdnTrunkConfig(
        trunk=span.trunk,
        span=span.id,
        channels=channels_of(span),
        switch=SwitchType(span.switch),
        law=law_of(span),
    )


def span_ports(span: SpanSection) -> SpanPorts:
    """Where a span of the ``loop`` driver is."""
    return SpanPorts(
        span.trunk, span.host, span.d_local, span.d_remote, span.b_local, span.b_remote
    )


def open_span(span: SpanSection) -> OpenSpan:
    """What media is told of a span; the descriptor goes beside it."""
    return OpenSpan(
        span.id, span.driver, channels_of(span), law_of(span).value, span.host, span.b_remote
    )


def _peer(row: PeerRow) -> Remote:
    return Remote(
        row.id,
        Role.PLATFORM,
        row.host,
        row.port,
        row.transport.value,
        networks=tuple(ip_network(each) for each in row.networks),
        domain=row.domain,
        every_call_is_911=row.every_call_is_911,
        callers_are_phones=row.phones,
        address_header=row.address_header,
    )


def _trunk(row: TrunkRow) -> Remote:
    return Remote(row.id, Role.TRUNK, row.host, row.port, row.transport.value)


def _last_peer(peer: PeerSection) -> Remote:
    networks = tuple(ip_network(each) for each in peer.networks)
    return Remote(peer.id, Role.PLATFORM, peer.host, peer.port, peer.transport, networks=networks)


def _last_trunk(last: LastResortSection) -> tuple[Remote, ...]:
    if not last.host:
        return ()
    return (Remote(last.trunk, Role.TRUNK, last.host, last.port, last.transport),)
