"""From an INVITE to a plan: is it an emergency, where is it from, which trunks are tried and in
which order.

Health only reorders the steps, nothing removes one (R1). A foreign ELIN goes only over a trunk that
lists its ERL (R9).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from e911.bindings import How
from e911.hints import LocationHint
from e911.locate import Clues, Located, Outside, locate
from e911.numbers import Caller, Did, Elin
from e911.policy import (
    LONGEST_MARKED,
    MARKED,
    TEST_DIALS,
    Emergency,
    RoutePlan,
    plan,
    policy_for,
    recognise,
)
from e911.rows import DeliveredDigits, RouteStep
from e911.rows_check import delivered
from e911.snapshot import Snapshot
from edge_agent.gateway.exchange import Exchange
from edge_agent.leg import Offered

WITHOUT_SNAPSHOT = frozenset({"911", "112", "9911"})
"""What is an emergency when no snapshot says so."""

LOCAL_FORMS = (10, 7, 4)
"""Lengths by which a called number is matched when the trunk's rule finds nothing."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One route step, and the ERL whose pool gives its ELIN."""

    step: RouteStep
    erl: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with one emergency call."""

    located: Located
    attempts: tuple[Attempt, ...]
    targets: tuple[str, ...] = ()
    desk: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    """Alarm slugs that this plan gives reason for."""


def emergency_of(exchange: Exchange, offered: Offered) -> Emergency | None:
    """Whether the INVITE is an emergency call, and by which rule."""
    snapshot = exchange.snapshot
    if snapshot is None:
        digits = offered.dialled.removeprefix("+").split(";")[0]
        known = digits in WITHOUT_SNAPSHOT or offered.dialled.startswith("urn:service:sos")
        short = 0 < len(digits) <= LONGEST_MARKED and digits not in TEST_DIALS
        marked = offered.marked_emergency and short
        return Emergency(digits, "" if known else MARKED) if known or marked else None
    peer = snapshot.peers.get(offered.source)
    return recognise(
        snapshot,
        offered.dialled,
        offered.marked_emergency,
        peer,
        offered.address,
        offered.caller.contact,
    )


def caller_on_record(snapshot: Snapshot | None, offered: Offered) -> Caller:
    """The caller of the INVITE, completed from what is on record; the INVITE's own words win."""
    caller = replace(offered.caller, peer=offered.caller.peer or offered.source)
    row = snapshot.callers.get(caller.contact.casefold()) if snapshot else None
    if row is None:
        return caller
    return replace(
        caller,
        name=caller.name or row.name,
        number=caller.number or row.number,
        extension=caller.extension or row.extension,
        alternates=tuple(dict.fromkeys(caller.alternates + row.alternates)),
    )


def whereabouts(exchange: Exchange, offered: Offered, caller: Caller) -> Located | Outside:
    """Where the call is from; with no snapshot, the last resort's place."""
    snapshot = exchange.snapshot
    if snapshot is None:
        return Located("", How.LAST_RESORT, ())
    return locate(
        snapshot,
        Clues(
            offered.location,
            LocationHint(address=offered.address),
            caller,
            snapshot.peers.get(offered.source),
        ),
    )


def plan_of(exchange: Exchange, offered: Offered, caller: Caller, located: Located) -> Plan:
    """The attempts for a located call, best first; never empty."""
    snapshot = exchange.snapshot
    last = exchange.last_resort
    if snapshot is None:
        step = RouteStep(last.trunk, last.called)
        return Plan(located, (Attempt(step, ""),), desk=(last.desk,), remarks=("no-snapshot",))
    policy = policy_for(snapshot, caller.contact, offered.address)
    route = plan(snapshot, located.erl, policy)
    attempts = tuple(
        Attempt(step, _pool_owner(snapshot, located, step)) for step in _known(exchange, route)
    )
    remarks = () if attempts else ("route-empty",)
    if not attempts:
        attempts = (Attempt(RouteStep(last.trunk, last.called), located.erl),)
    return Plan(
        located,
        _by_health(exchange, located, attempts),
        route.targets,
        route.desk or snapshot.branch.desk or (last.desk,),
        remarks + _remarks(located, offered),
    )


def elin_called(exchange: Exchange, trunk: str, dialled: str, utc: datetime) -> Elin | None:
    """The ELIN that the PSTN called, whatever form this trunk delivers it in; ``None`` where it is
    none of ours.

    An ELIN that the snapshot does not name (none is held, or it is no longer listed) is ours as
    long as somebody is bound to it (R7).
    """
    snapshot = exchange.snapshot
    row = snapshot.trunks.get(trunk) if snapshot else None
    rule = row.delivered if row else DeliveredDigits()
    listed = snapshot.elins if snapshot else {}
    whole = Did.read(dialled)
    if whole is not None and Elin(whole.digits) in listed:
        return Elin(whole.digits)
    found = _meant(dialled, rule, (*listed, exchange.last_resort.elin))
    if found is not None:
        return found
    return _meant(dialled, rule, {binding.elin for binding in exchange.ledger.all(utc)})


def elin_delivered(exchange: Exchange, offered: Offered, utc: datetime) -> Elin | None:
    """The ELIN that a platform hands us a callback to; ``None`` from one that hands us none.

    Only the whole number counts, with or without 1, ``+`` and the peer's prefix: what merely ends
    like an ELIN is somebody's telephone. With no snapshot the peers of the last resort are trusted
    with ELINs that somebody is bound to.
    """
    snapshot = exchange.snapshot
    peer = snapshot.peers.get(offered.source) if snapshot else None
    trusted = exchange.last_resort.peers if snapshot is None else ()
    if not (peer.delivers_callbacks if peer else offered.source in trusted):
        return None
    known = {*(snapshot.elins if snapshot else ()), *(b.elin for b in exchange.ledger.all(utc))}
    wholes = _wholes(offered.dialled, peer.strip_prefix if peer else "")
    return next((elin for elin in wholes if elin in known), None)


def comes_back(exchange: Exchange, offered: Offered, contact: str, elin: Elin | None) -> bool:
    """Whether the peer that hands us a callback to ``elin`` would hand us the INVITE to ``contact``
    as the next one, and so on without end: its user part is that number, in any form."""
    snapshot = exchange.snapshot
    peer = snapshot.peers.get(offered.source) if snapshot else None
    user = contact.partition(":")[2].partition("@")[0]
    is_handed = not offered.from_trunk and elin is not None
    return is_handed and elin in _wholes(user, peer.strip_prefix if peer else "")


def _wholes(dialled: str, prefix: str) -> tuple[Elin, ...]:
    """The whole number that was dialled, as an ELIN; with the prefix and without."""
    digits = dialled.split(";")[0]
    read = (Did.read(text) for text in (digits, digits.removeprefix("+").removeprefix(prefix)))
    return tuple(Elin(number.digits) for number in read if number)


def _meant(dialled: str, rule: DeliveredDigits, known: Collection[Elin]) -> Elin | None:
    digits = "".join(c for c in dialled if c.isdigit())
    exact = [elin for elin in known if digits == delivered(elin, rule)]
    if len(set(exact)) == 1:
        return exact[0]
    full = Did.read(dialled)
    if full is not None and Elin(full.digits) in known:
        return Elin(full.digits)
    for length in LOCAL_FORMS:
        ending = [
            elin
            for elin in known
            if len(digits) >= length and elin.digits[-length:] == digits[-length:]
        ]
        if len(set(ending)) == 1:
            return ending[0]
    return None


def _known(exchange: Exchange, route: RoutePlan) -> list[RouteStep]:
    return [step for step in route.steps if step.trunk in exchange.trunks]


def _pool_owner(snapshot: Snapshot, located: Located, step: RouteStep) -> str:
    trunk = snapshot.trunks.get(step.trunk)
    foreign = located.offered_erl
    return foreign if foreign and trunk and foreign in trunk.erls else located.erl


def _by_health(
    exchange: Exchange, located: Located, attempts: tuple[Attempt, ...]
) -> tuple[Attempt, ...]:
    """Trunks that may carry the caller's true ERL first, then those whose link is up; order
    otherwise kept."""

    def rank(attempt: Attempt) -> tuple[bool, bool]:
        wrong_place = bool(located.offered_erl) and attempt.erl != located.offered_erl
        return (not exchange.trunks.is_up(attempt.step.trunk), wrong_place)

    return tuple(sorted(attempts, key=rank))


def _remarks(located: Located, offered: Offered) -> tuple[str, ...]:
    found = []
    if located.note:
        found.append(f"location-{located.note}")
    if located.disagreeing:
        found.append("location-disagreeing")
    if offered.location_fault:
        found.append("location-unreadable")
    return tuple(found)
