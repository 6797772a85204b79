"""What the cores are told of this box and its branch: file and snapshot in the cores' own terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_network
from typing import TypeVar

from e911.rows import PeerRow, TrunkKind, TrunkRow
from e911.snapshot import Snapshot
from edge_agent.config import Config, Fault
from edge_agent.drivers.dahdi_line import DahdiOrder
from edge_agent.drivers.span import Voice
from edge_agent.drivers.wires import SpanOrder, SpanPorts
from edge_agent.gateway.exchange import LastResort
from edge_agent.gateway.requests import Equip
from edge_agent.gateway.trunks import Order
from edge_agent.isdn.config import (
    BRI_CHANNELS,
    E1_CHANNELS,
    T1_CHANNELS,
    IsdnTrunkConfig,
    Line,
    Speech,
)
from edge_agent.isdn.elements import Npi, Presentation, Screening, Ton
from edge_agent.isdn.group import TrunkGroup
from edge_agent.isdn.lapd_config import LinkConfig
from edge_agent.isdn.switches import SwitchType
from edge_agent.isdn.timers import ChannelTimer, LinkTimer, T
from edge_agent.isdn.trunk import Ids, Trunk
from edge_agent.leg import Law
from edge_agent.line import circuit
from edge_agent.messages import OpenSpan
from edge_agent.ops.timetable import Timetable
from edge_agent.ops.trunk_watch import Limits
from edge_agent.sections import (
    CamaSection,
    LastResortSection,
    PeerSection,
    SpanSection,
    TrunkSection,
)
from edge_agent.sip.config import EndpointConfig, Remote, Role

E = TypeVar("E", Ton, Npi)

D_CHANNELS = {"t1": 24, "e1": 16, "bri": 3}
"""The timeslot of the D channel, counted from 1 as DAHDI counts."""
LINES = {"t1": T1_CHANNELS, "e1": E1_CHANNELS, "bri": BRI_CHANNELS}
"""The B channels that a line has."""
SIGNALLED_LINES = {"t1": (*T1_CHANNELS, 24), "e1": E1_CHANNELS}
"""The channels of a line without a D channel; an E1 has its bits in timeslot 16."""
LINKS = {"point-to-point": LinkConfig.basic, "multipoint": LinkConfig.multipoint}
"""The data link of a basic rate line, by how its terminal is addressed."""
NOT_OF_A_CALL = frozenset({"T200", "T202", "T203", "T309", "T316"})
"""Timers of the link and of channels without a call."""


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
        flash=sip.flash,
        flash_form=sip.flash_form,
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


def trunks_of(config: Config) -> list[Equip]:
    """The trunks that exist whatever the snapshot says, with their channels by span."""
    trunks = [_equipped(config, name) for name in _trunk_names(config)]
    if config.last_resort.host:
        trunks.append(Equip(config.last_resort.trunk, ()))
    return trunks


def spans_of(config: Config, trunk: str) -> list[SpanSection]:
    """The spans of a trunk in the order of the file: their circuits are numbered by it."""
    return [span for span in config.spans if span.trunk == trunk]


def channels_of(span: SpanSection) -> tuple[int, ...]:
    """The channels of a line that carry calls."""
    lines = LINES if has_d_channel(span) else SIGNALLED_LINES
    return span.channels or lines[span.line]


def has_d_channel(span: SpanSection) -> bool:
    """Whether a line is signalled on a channel of its own, and not channel by channel (CAS)."""
    return span.signalling == "isdn"


def law_of(span: SpanSection) -> Law:
    """T1 lines and analog ports speak mu-law, E1 and BRI lines A-law (G.711), where the file says
    nothing else."""
    return Law(span.law) if span.law else Law.MU if span.line in ("t1", "analog") else Law.A


def trunk_config(span: SpanSection, trunk: TrunkSection) -> IsdnTrunkConfig:
    """The signalling of one span: what its line is, and what its trunk's carrier wants.

    Raises:
        ValueError: something that only the core can say is out of its limits.
    """
    return IsdnTrunkConfig(
        trunk=span.trunk,
        span=span.id,
        channels=channels_of(span),
        switch=SwitchType(span.switch),
        law=law_of(span),
        speech=Speech(trunk.speech),
        called_ton=_named(Ton, trunk.called_ton),
        called_npi=_named(Npi, trunk.called_npi),
        calling_ton=_named(Ton, trunk.calling_ton),
        calling_npi=_named(Npi, trunk.calling_npi),
        presentation=Presentation[trunk.presentation.upper()],
        screening=Screening[trunk.screening.upper().replace("-", "_")],
        exclusive=trunk.exclusive,
        bearer_layer1=trunk.bearer_layer1,
        network_facility=bytes.fromhex(trunk.network_facility),
        logical_channels=trunk.logical_channels,
        overlap=trunk.overlap,
        overlap_digits=trunk.overlap_digits,
        restart=trunk.restart,
        line=None if span.line == "bri" else Line(span.line),
        link=_link(span, trunk.timers),
        t309_s=trunk.timers.get("T309", LinkTimer.T309.value.seconds),
        t316_s=trunk.timers.get("T316", ChannelTimer.T316.value.seconds),
        timers=_call_timers(trunk.timers),
        emergency_timers=_call_timers(trunk.emergency_timers),
    )


def trunk_groups(config: Config, ids: Ids) -> dict[str, TrunkGroup]:
    """The ISDN trunks by name, each with its spans."""
    return {
        name: TrunkGroup(
            [Trunk(trunk_config(span, config.trunk(name)), ids) for span in spans_of(config, name)]
        )
        for name in _trunk_names(config)
        if config.cama(name) is None
    }


def limits_of(config: Config) -> dict[str, Limits]:
    """What an operator wants to hear of each trunk."""
    trunks: list[TrunkSection | CamaSection] = [*config.trunks, *config.camas]
    return {each.id: Limits(each.least_free, each.proof_days) for each in trunks}


def timetables_of(config: Config) -> tuple[Timetable, ...]:
    """The test numbers of the trunks, and when they are called."""
    named = [each for each in config.trunks if each.test_number]
    return tuple(Timetable(t.id, t.test_number, t.test_at, t.test_all) for t in named)


def span_faults(config: Config) -> tuple[Fault, ...]:
    """What the cores will not take of the spans and trunks of a file."""
    found = []
    for n, span in enumerate(config.spans):
        if not has_d_channel(span):
            continue
        try:
            trunk_config(span, config.trunk(span.trunk))
        except ValueError as error:
            found.append(Fault(f"span[{n}]", f"with trunk {span.trunk}: {error}"))
    return tuple(found)


def _trunk_names(config: Config) -> list[str]:
    """The trunks that have spans, once each, in the order of the file."""
    return list(dict.fromkeys(span.trunk for span in config.spans))


def _equipped(config: Config, trunk: str) -> Equip:
    spans = [
        (span.id, tuple(circuit(n, channel) for channel in channels_of(span)))
        for n, span in enumerate(spans_of(config, trunk))
    ]
    every = tuple(each for _, circuits in spans for each in circuits)
    described = config.cama(trunk) or config.trunk(trunk)
    return Equip(trunk, every, tuple(spans), Order(described.order))


def _named(kind: type[E], name: str) -> E | None:
    return kind[name.upper()] if name else None


def _link(span: SpanSection, seconds: Mapping[str, float]) -> LinkConfig:
    base = LINKS[span.tei]() if span.line == "bri" else LinkConfig.primary()
    return replace(
        base,
        t200_s=seconds.get("T200", base.t200_s),
        t202_s=seconds.get("T202", base.t202_s),
        t203_s=seconds.get("T203", base.t203_s),
    )


def _call_timers(seconds: Mapping[str, float]) -> dict[T, float]:
    unknown = sorted(set(seconds) - set(T.__members__) - NOT_OF_A_CALL)
    if unknown:
        raise ValueError(f"no timer is called {', '.join(unknown)}")
    return {T[name]: value for name, value in seconds.items() if name in T.__members__}


def span_order(span: SpanSection) -> SpanOrder:
    """Where a span is, and by which driver."""
    if span.driver == "loop":
        ports = span.d_local, span.d_remote, span.b_local, span.b_remote
        return SpanPorts(span.id, span.host, *ports, is_signalled=not has_d_channel(span))
    d_channel = D_CHANNELS[span.line] if has_d_channel(span) else 0
    b_channels = channels_of(span)
    cancel, number = span.echo_cancel, span.dahdi_span
    return DahdiOrder(span.id, number, d_channel, b_channels, law_of(span), cancel)


def open_span(span: SpanSection) -> OpenSpan:
    """What media is told of a span; the descriptor goes beside it."""
    return OpenSpan(
        span.id, span.driver, channels_of(span), law_of(span).value, span.host, span.b_remote
    )


def lent(span: OpenSpan, voice: Voice) -> OpenSpan:
    """The same with the channels that are open now, where the driver opens them one by one."""
    return replace(span, channels=voice.channels) if voice.channels else span


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
