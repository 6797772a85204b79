"""Where a call is from: a ranking of what is known, and three answers, of which *outside* needs
evidence (R9).

Inside, the first that knows wins: the ELIN of the PIDF-LO, its civic address, access point, switch
port, switch, subnet, the caller's record, the branch's default. What a lower rank says otherwise is
listed, not followed.

Outside is decided before any of that by what no phone can be mistaken about: the peer that the call
came from, and an address in a network listed as outside (a VPN client carries the location of an
office it is not in, so its PIDF-LO proves nothing). A PIDF-LO that lies in no location of the
organisation is evidence too, unless it names one of our ELINs; no network hint overturns it,
because half the world's homes share the private subnets of an office. A PIDF-LO that is empty,
cannot be read, or does not say a street and a town is no evidence of anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt

from e911.bindings import How
from e911.errors import InvalidDocument
from e911.hints import ElementKind, LocationHint, port_value
from e911.numbers import Caller, Elin
from e911.pidf import PidfLocation
from e911.places import CivicAddress, Point
from e911.rows import ErlRow, PeerRow
from e911.snapshot import Snapshot
from e911.wire import read_stamp

NEAR_M = 1000.0
"""A point this near to one of ours (beyond its own radius) proves nothing: a campus is wide, a
phone's fix is poor.
"""

UNKNOWN = "unknown"
OTHER_BRANCH = "other-branch"


class Evidence(StrEnum):
    """What proves that a call is from outside (R9)."""

    NETWORK = "network"
    CIVIC = "civic"
    GEO = "geo"
    PEER = "peer"


@dataclass(frozen=True, slots=True)
class Clues:
    """Everything that one call brings along about where it is from."""

    location: PidfLocation | None
    """``None`` where none came or it could not be read."""
    hint: LocationHint
    caller: Caller
    peer: PeerRow | None
    utc: datetime | None = None
    """The present, where the age of the PIDF-LO is wanted."""


@dataclass(frozen=True, slots=True)
class Located:
    """Inside: the ERL whose ELIN is used, and how sure that is."""

    erl: str
    how: How
    disagreeing: tuple[str, ...] = ()
    """What less believed clues said instead: ``subnet says spf-f1``."""
    elins: tuple[Elin, ...] = ()
    """Those that the PIDF-LO named, in its order."""
    note: str = ""
    """``unknown`` (nothing was known: the default), ``other-branch``, or empty."""
    offered_erl: str = ""
    """The ERL of another branch that the best clue named; used only over a trunk that lists it
    (R9).
    """
    age_s: float | None = None
    """How old the PIDF-LO was, where both clocks are known."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Not from inside the organisation, and what proves it; no ELIN is right for it (R9)."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Clue:
    """One thing that names an ERL; an inexact one (a building, no floor) contradicts nobody."""

    how: How
    erl: str
    exact: bool = True


def locate(snapshot: Snapshot, clues: Clues) -> Located | Outside:
    """Where the call is from; always an answer, the branch's default if nothing is known (R1)."""
    evidence = _outside_by_network(snapshot, clues) or _outside_by_location(snapshot, clues)
    if evidence is not None:
        return Outside(evidence)
    found = list(_clues(snapshot, clues))
    own = [clue for clue in found if _is_own(snapshot, clue.erl)]
    best = found[0] if found else None
    settled = own[0] if own else _Clue(How.DEFAULT, snapshot.branch.default_erl)
    foreign = best is not None and best is not settled
    elins = clues.location.elins if clues.location else ()
    return Located(
        erl=settled.erl,
        how=settled.how,
        disagreeing=_disagreeing(found, best),
        elins=elins,
        note=UNKNOWN if best is None else OTHER_BRANCH if foreign else "",
        offered_erl=best.erl if best is not None and foreign else "",
        age_s=_age_s(clues),
    )


def _outside_by_network(snapshot: Snapshot, clues: Clues) -> Evidence | None:
    if clues.peer is not None and clues.peer.outside:
        return Evidence.PEER
    address = clues.hint.address
    if address is not None and snapshot.is_outside_address(address):
        return Evidence.NETWORK
    return None


def _outside_by_location(snapshot: Snapshot, clues: Clues) -> Evidence | None:
    location = clues.location
    if location is None or any(elin in snapshot.elins for elin in location.elins):
        return None
    civic = location.civic
    if civic is not None and civic.RD.strip():
        return Evidence.CIVIC if _lies_nowhere(snapshot, civic) else None
    if location.point is not None and _is_far(snapshot, location.point):
        return Evidence.GEO
    return None


def _lies_nowhere(snapshot: Snapshot, civic: CivicAddress) -> bool:
    """Whether a civic address is that of no location of ours; one without town or house number
    cannot tell.
    """
    if not civic.A3.strip() or not civic.HNO.strip():
        return False
    return not snapshot.at_street(civic.matching_key())


def _is_far(snapshot: Snapshot, point: Point) -> bool:
    """Whether a point lies in no location of ours, as far as our locations have points."""
    ours = [erl.point for erl in snapshot.erls.values() if erl.point is not None]
    return bool(ours) and all(distance_m(point, own) > NEAR_M + point.radius_m for own in ours)


def distance_m(a: Point, b: Point) -> float:
    """Great-circle distance in metres (haversine on a sphere of 6,371 km: good to 0.5 %)."""
    north = radians(b.latitude - a.latitude)
    east = radians(b.longitude - a.longitude)
    h = sin(north / 2) ** 2
    h += cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(east / 2) ** 2
    return 2 * 6_371_000 * asin(sqrt(min(1.0, h)))


def _clues(snapshot: Snapshot, clues: Clues) -> Iterator[_Clue]:
    """Everything that names an ERL which we know, best first."""
    for how, erl, exact in _named(snapshot, clues):
        if erl is not None and erl in snapshot.erls:
            yield _Clue(how, erl, exact)


def _named(snapshot: Snapshot, clues: Clues) -> Iterator[tuple[How, str | None, bool]]:
    if clues.location is not None:
        for elin in clues.location.elins:
            row = snapshot.elins.get(elin)
            yield How.PIDF_ELIN, row.erl if row else None, True
        if clues.location.civic is not None:
            erl, exact = match_civic(snapshot, clues.location.civic)
            yield How.CIVIC, erl, exact
    hint = clues.hint
    if hint.bssid:
        yield How.BSSID, snapshot.element(ElementKind.BSSID, hint.bssid), True
    if hint.chassis and hint.port:
        value = port_value(hint.chassis, hint.port)
        yield How.PORT, snapshot.element(ElementKind.PORT, value), True
    if hint.chassis:
        yield How.SWITCH, snapshot.element(ElementKind.SWITCH, hint.chassis), True
    if hint.address is not None:
        yield How.SUBNET, snapshot.subnet(hint.address), True
    record = snapshot.callers.get(clues.caller.contact.casefold())
    if record is not None and record.erl:
        # Where somebody usually sits: better than nothing, but it contradicts nothing.
        yield How.CALLER, record.erl, False


def match_civic(snapshot: Snapshot, civic: CivicAddress) -> tuple[str | None, bool]:
    """The ERL of a civic address, and whether it is exactly that one.

    The street must match. Of the ERLs there it is the one of the same place inside, own branch
    first (two branches may share a building); else, own branch first, the only one; else the one
    whose place inside shares most words, then the first by id: right for the building only.
    """
    if not civic.RD.strip():
        return None, False
    there = [snapshot.erls[erl] for erl in snapshot.at_street(civic.matching_key())]
    own_first = sorted(there, key=lambda erl: erl.branch != snapshot.branch.id)
    for erl in own_first:
        if erl.civic.inside == civic.inside:
            return erl.id, True
    here = [erl for erl in there if erl.branch == snapshot.branch.id] or there
    if not here:
        return None, False
    if len(here) == 1:
        return here[0].id, True
    return min(here, key=lambda erl: (-_likeness(erl, civic), erl.id)).id, False


def _likeness(erl: ErlRow, civic: CivicAddress) -> float:
    ours, theirs = _words(erl.civic.inside), _words(civic.inside)
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 0.0


def _words(inside: str) -> frozenset[str]:
    """The words of a place inside a building, in one spelling: ``2nd Floor`` and ``Flr 2`` are the
    same.
    """
    words = re.findall(r"[^\W_]+", inside)
    return frozenset(_SAME_WORD.get(w, re.sub(r"^(\d+)(?:st|nd|rd|th)$", r"\1", w)) for w in words)


_SAME_WORD = {"floor": "flr", "fl": "flr", "level": "flr", "rm": "room", "ste": "suite"}


def _is_own(snapshot: Snapshot, erl: str) -> bool:
    return snapshot.erls[erl].branch == snapshot.branch.id


def _disagreeing(found: list[_Clue], best: _Clue | None) -> tuple[str, ...]:
    if best is None:
        return ()
    said = [f"{c.how} says {c.erl}" for c in found if c.exact and c.erl != best.erl]
    if best.how is How.CIVIC and not best.exact:
        said.insert(0, "civic names no place inside that we know")
    return tuple(dict.fromkeys(said))


def _age_s(clues: Clues) -> float | None:
    """Age of the PIDF-LO; unknown where its stamp has no zone, as in Microsoft's own example."""
    if clues.location is None or clues.utc is None or not clues.location.timestamp:
        return None
    text = clues.location.timestamp.strip()
    if not re.search(r"(Z|[+-]\d\d:?\d\d)$", text, re.IGNORECASE):
        return None
    try:
        return max(0.0, (clues.utc - read_stamp(text)).total_seconds())
    except InvalidDocument:
        return None
