"""Which of Lync's lines stand at one place, and which only look as if they did not.

Lync makes another location of whatever differs in one character (Set-CsLisSubnet and its like);
here a place is what an agent compares: street address and place inside, in one spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from e911.numbers import Elin
from e911.places import CivicAddress
from elingate_admin.lync_csv import ADDRESS, COMPANY, Finding
from elingate_admin.lync_rows import Line

PlaceKey = tuple[tuple[str, ...], str]
_NEAR = re.compile(r"(?:near|close to)\s+(.+)")
"""How Lync's planning guide has the location of an access point begin that is heard on two floors.
"""


@dataclass(slots=True)
class Place:
    """One address, with every line that stands at it and every ELIN that they name."""

    lines: list[Line]
    erl: str = ""
    """Id of its ERL, once it has one."""
    pool: list[Elin] = field(default_factory=list)
    is_good: bool = True

    @property
    def first(self) -> Line:
        """The line whose spelling is kept."""
        return self.lines[0]

    @property
    def civic(self) -> CivicAddress:
        """The address, as the first line spells it."""
        return self.first.civic


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place that the drafts hold already."""

    erl: str
    civic: CivicAddress
    elins: tuple[Elin, ...]


def place_key(civic: CivicAddress) -> PlaceKey:
    """What two spellings of one place share."""
    return civic.matching_key(), civic.inside


def gather(
    lines: Iterable[Line], known: Iterable[PlaceKey]
) -> tuple[dict[PlaceKey, Place], list[Finding]]:
    """The places of the lines, in the order of the files; a line ``Near`` a place is at it."""
    lines = list(lines)
    keys = {place_key(line.civic) for line in lines} | set(known)
    places: dict[PlaceKey, Place] = {}
    warnings: list[Finding] = []
    for line in lines:
        street, inside = place_key(line.civic)
        match = _NEAR.fullmatch(inside)
        if match is not None and (street, match[1]) in keys:
            inside = match[1]
            warnings.append(line.row.finding("Location", f"is taken as {inside!r} of this address"))
        places.setdefault((street, inside), Place([])).lines.append(line)
    for place in places.values():
        place.lines.sort(key=_is_near)
        place.pool = list(dict.fromkeys(elin for line in place.lines for elin in line.elins))
    return places, warnings


def suspected_typos(
    places: Mapping[PlaceKey, Place], known: Iterable[KnownPlace]
) -> Iterator[Finding]:
    """Lines whose location differs in one field only from one that was seen before them."""
    seen: dict[tuple[str, tuple[str, ...]], tuple[str, str, PlaceKey]] = {}
    for draft in known:
        for header, rest, value in _all_but_one(draft.civic, draft.elins):
            if header != COMPANY:  # an ELIN more or less is what an import is for
                there = (value, f"draft erl/{draft.erl}", place_key(draft.civic))
                seen.setdefault((header, rest), there)
    told: set[tuple[str, tuple[str, ...], str]] = set()
    for key, place in places.items():
        for line in place.lines:
            if _is_near(line):
                continue
            for header, rest, value in _all_but_one(line.civic, line.elins):
                other, where, other_key = seen.setdefault((header, rest), (value, line.where, key))
                if other == value or (header, rest, value) in told:
                    continue
                told.add((header, rest, value))
                what = "the same ERL" if key == other_key else "two ERLs"
                reason = (
                    f"alone differs from {where} ({other or 'empty'}): a typo? These are {what}"
                )
                yield line.row.finding(header, reason)


def _all_but_one(
    civic: CivicAddress, elins: tuple[Elin, ...]
) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Each field of a location with all others: (header, the others, its value).

    Without ELINs two floors differ in one field as they should, so only the lack of ELINs is looked
    at.
    """
    texts = {header: getattr(civic, element) for header, element in ADDRESS.items()}
    texts[COMPANY] = ";".join(elin.digits for elin in elins)
    for header, value in texts.items():
        if elins or header == COMPANY:
            yield header, tuple(text for other, text in texts.items() if other != header), value


def _is_near(line: Line) -> bool:
    return _NEAR.fullmatch(line.civic.inside) is not None
