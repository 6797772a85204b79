"""What Lync's lines would change in the drafts: one ERL per place, its pool, what stands in it.

Nothing is ever deleted and no address is guessed. What looks like a typo is a warning; what would
send responders to two places by one number is a fault.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from e911.errors import InvalidDocument
from e911.hints import ElementKind, element_key
from e911.numbers import Elin
from e911.places import CivicAddress
from e911.wire import from_document
from elingate_admin.documents import Fields, Key, canonical
from elingate_admin.location_ids import building_of, element_id, erl_id
from elingate_admin.lync_csv import ADDRESS, COMPANY, NAMES, Finding
from elingate_admin.lync_places import (
    KnownPlace,
    Place,
    PlaceKey,
    gather,
    place_key,
    suspected_typos,
)
from elingate_admin.lync_rows import MOST_ELINS, Line


@dataclass(frozen=True, slots=True)
class Change:
    """One draft to write; ``before`` is what it replaces, ``where`` the line that says so."""

    kind: str
    id: str
    fields: Fields
    before: Fields | None
    where: str

    @property
    def differing(self) -> tuple[str, ...]:
        """The names of the fields that change."""
        before = self.before or {}
        names = sorted({*self.fields, *before})
        return tuple(name for name in names if self.fields.get(name) != before.get(name))


@dataclass(slots=True)
class Plan:
    """What would be written, and what a person must look at."""

    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    warnings: list[Finding] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)


def plan(lines: Iterable[Line], branch: str, held: Mapping[Key, Fields]) -> Plan:
    """The changes that make the drafts ``held`` say of ``branch`` what ``lines`` say."""
    return _Planner(branch, _Drafts(branch, held)).run(lines)


class _Drafts:
    """The drafts, by what an import asks for."""

    def __init__(self, branch: str, rows: Mapping[Key, Fields]) -> None:
        self.rows = rows
        self.pools: dict[str, list[Elin]] = defaultdict(list)
        self.known: list[KnownPlace] = []
        self.erls: dict[PlaceKey, str] = {}
        self.elements: dict[tuple[str, str], str] = {}
        for (kind, id_), body in rows.items():
            if kind == "elin":
                self.pools[body["erl"]].append(Elin(id_))
        for pool in self.pools.values():
            pool.sort(key=lambda elin: (rows["elin", elin.digits].get("rank", 0), elin))
        for (kind, id_), body in rows.items():
            if body.get("branch") != branch:
                continue
            if kind == "erl":
                civic = from_document(CivicAddress, body["civic"])
                self.known.append(KnownPlace(id_, civic, tuple(self.pools[id_])))
                self.erls[place_key(civic)] = id_
            elif kind == "element":
                self.elements[body["element"], _one_spelling(body)] = id_

    def pool_of(self, key: PlaceKey) -> list[Elin]:
        """The ELINs that a place has in the drafts, in order."""
        return self.pools.get(self.erls.get(key, ""), [])


class _Planner:
    """The steps, in order; each leaves its findings in the plan."""

    def __init__(self, branch: str, drafts: _Drafts) -> None:
        self._branch = branch
        self._drafts = drafts
        self._plan = Plan()

    def run(self, lines: Iterable[Line]) -> Plan:
        """Look at everything first, then write what is good."""
        places, self._plan.warnings = gather(lines, self._drafts.erls)
        self._plan.warnings.extend(suspected_typos(places, self._drafts.known))
        self._check_pools(places)
        self._check_claims(places)
        elements = self._elements(places)
        self._name(places)
        for place in places.values():
            if place.is_good:
                self._write_place(place)
        for line, place in elements:
            if place.is_good:
                self._write_element(line, place)
        self._plan.warnings.sort()
        self._plan.faults.sort()
        return self._plan

    def _check_pools(self, places: Mapping[PlaceKey, Place]) -> None:
        for key, place in places.items():
            there = self._drafts.pool_of(key)
            if not place.pool and not there:
                self._fault(place, place.first, COMPANY, "names no ELIN: a location needs one")
            elif len(place.pool) > MOST_ELINS:
                reason = f"{len(place.pool)} ELINs in all for this location, at most {MOST_ELINS}"
                self._fault(place, place.first, COMPANY, reason)
            for elin in there if place.pool else ():
                if elin not in place.pool:
                    reason = f"does not name {elin.digits}, its ELIN in the drafts, which stays"
                    self._plan.warnings.append(place.first.row.finding(COMPANY, reason))

    def _check_claims(self, places: Mapping[PlaceKey, Place]) -> None:
        """An ELIN has one record in ALI, so it can stand for one place only."""
        claims: dict[Elin, Place] = {}
        for key, place in places.items():
            for elin, line in _first_naming(place):
                other = claims.setdefault(elin, place)
                if other is not place:
                    at = f"{other.first.where}: {other.civic.one_line()}"
                    reason = f"{elin.digits} is already the ELIN of {at}"
                    self._fault(place, line, COMPANY, reason)
                    continue
                draft = self._drafts.rows.get(("elin", elin.digits))
                if draft is not None and draft["erl"] != self._drafts.erls.get(key):
                    first = f"first elingate draft delete elin {elin.digits}"
                    reason = f"{elin.digits} is the ELIN of draft erl/{draft['erl']}: {first}"
                    self._fault(place, line, COMPANY, reason)

    def _elements(self, places: Mapping[PlaceKey, Place]) -> list[tuple[Line, Place]]:
        seen: dict[tuple[ElementKind, str], tuple[Line, Place]] = {}
        standing = [(line, place) for place in places.values() for line in place.lines]
        for line, place in standing:
            kind = line.row.kind
            first, other = seen.setdefault((kind, line.value), (line, place))
            if other is not place:
                reason = f"is on {first.where} too, at another location"
                self._fault(place, line, NAMES[kind][-1], reason)
            elif first is not line:
                finding = line.row.finding(NAMES[kind][-1], f"is on {first.where} already")
                self._plan.warnings.append(finding)
        return list(seen.values())

    def _name(self, places: Mapping[PlaceKey, Place]) -> None:
        taken = {id_ for kind, id_ in self._drafts.rows if kind == "erl"}
        for key, place in places.items():
            place.erl = self._drafts.erls.get(key) or erl_id(self._branch, place.civic, taken)
            taken.add(place.erl)

    def _write_place(self, place: Place) -> None:
        before = self._drafts.rows.get(("erl", place.erl), {})
        given = {name: getattr(place.civic, name) for name in ADDRESS.values()}
        fields = {
            "name": place.civic.LOC or place.civic.one_line(),
            "building": building_of(place.civic),
            **before,
            "branch": self._branch,
            "civic": {**before.get("civic", {}), **given},
        }
        self._write("erl", place.erl, fields, place.first)
        for rank, elin in enumerate(place.pool):
            there = self._drafts.rows.get(("elin", elin.digits), {})
            row = {**there, "branch": self._branch, "erl": place.erl, "rank": rank}
            self._write("elin", elin.digits, row, place.first)

    def _write_element(self, line: Line, place: Place) -> None:
        kind = line.row.kind
        there = self._drafts.elements.get((kind.value, line.value))
        id_ = there or element_id(self._branch, kind, line.value)
        before = self._drafts.rows.get(("element", id_), {})
        fields = {
            "branch": self._branch,
            "element": kind.value,
            "value": before.get("value", line.value),
            "erl": place.erl,
            "description": line.description or before.get("description", ""),
        }
        self._write("element", id_, fields, line)

    def _write(self, kind: str, id_: str, fields: Fields, line: Line) -> None:
        before = self._drafts.rows.get((kind, id_))
        after = canonical(kind, id_, fields)
        if after == before:
            self._plan.unchanged += 1
        else:
            self._plan.changes.append(Change(kind, id_, after, before, line.where))

    def _fault(self, place: Place, line: Line, header: str, reason: str) -> None:
        place.is_good = False
        self._plan.faults.append(line.row.finding(header, reason))


def _first_naming(place: Place) -> list[tuple[Elin, Line]]:
    named: dict[Elin, Line] = {}
    for line in place.lines:
        for elin in line.elins:
            named.setdefault(elin, line)
    return list(named.items())


def _one_spelling(body: Fields) -> str:
    try:
        return element_key(ElementKind(body["element"]), body["value"])
    except InvalidDocument:
        return str(body["value"])
