"""Published facts by key: one read answers, and a publish that has not flipped yet is not seen.

A key carries no generation. Its row maps the last three generations to a value or a tombstone, and
a reader takes the
greatest generation not above CURRENT. So a publish writes the keys that changed and then flips
CURRENT, and no reader
ever sees half of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

from e911.hints import (
    ElementKind,
    IpAddress,
    LocationHint,
    element_key,
    port_value,
    read_network,
)
from e911.rows import (
    BranchRow,
    ElementRow,
    ElinRow,
    ErlRow,
    PolicyRow,
    Row,
    Scope,
    TargetRow,
    TrunkRow,
)
from e911.wire import to_document
from e911_cloud.content import branch_of
from e911_cloud.tables import LookupRow

CURRENT = "CURRENT"
KEPT = 3
"""Generations that a row remembers."""
MOST_ELINS = 5
"""What a location answer may hold (Lync takes no more)."""
_HOLD = timedelta(seconds=5)
_BY_BRANCH = "by_branch"

Value = dict[str, Any] | None
Values = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Current:
    """What is published now, and the prefix lengths in it (``"4/24"``), longest first."""

    generation: int
    lengths: tuple[str, ...] = ()


def values_of(rows: Iterable[Row]) -> Values:
    """Every key of the published rows with its value: enough to answer without a second read."""
    rows = list(rows)
    places = _places(rows)
    lent = _lent(rows)
    values: Values = {}
    for row in rows:
        match row:
            case ElementRow() if row.erl in places:
                key = lookup_key(row.element, row.value)
                values[key] = _beside(values.get(key), places[row.erl])
            case ElinRow():
                to = sorted(lent.get(row.erl, ()))
                values[f"ELIN#{row.id.digits}"] = {"branch": row.branch, "erl": row.erl, "lent": to}
            case ErlRow():
                civic = to_document(row.civic)
                values[f"ERL#{row.id}"] = {"branch": row.branch, "name": row.name, "civic": civic}
            case BranchRow():
                values[f"BRANCH#{row.id}"] = {"name": row.name, "zone": row.zone}
            case TargetRow():
                values[f"TARGET#{row.id}"] = to_document(row)
            case _:
                pass
    return values


def lookup_key(kind: ElementKind, value: str) -> str:
    """The key of a network element, in the one spelling that writers and readers share."""
    if kind is ElementKind.SUBNET:
        network = read_network(value)
        return _net_key(network.version, network.prefixlen, network.network_address.packed)
    return f"{kind.upper()}#{element_key(kind, value)}"


def hint_keys(hint: LocationHint, lengths: Iterable[str]) -> list[tuple[ElementKind, str]]:
    """The keys that a hint may be found under, in the order in which they are believed."""
    keys = []
    if hint.bssid:
        keys.append((ElementKind.BSSID, lookup_key(ElementKind.BSSID, hint.bssid)))
    if hint.chassis and hint.port:
        port = port_value(hint.chassis, hint.port)
        keys.append((ElementKind.PORT, lookup_key(ElementKind.PORT, port)))
    if hint.chassis:
        keys.append((ElementKind.SWITCH, lookup_key(ElementKind.SWITCH, hint.chassis)))
    if hint.address is not None:
        keys += [(ElementKind.SUBNET, key) for key in _covering(hint.address, lengths)]
    return keys


def place_in(value: Mapping[str, Any], branch: str) -> dict[str, Any] | None:
    """The place that an element's value names to who asks from ``branch``; ``None`` where the
    element stands in other branches alone, in more than one: a guess would be another town.
    """
    if _BY_BRANCH not in value:
        return dict(value)
    place: dict[str, Any] | None = value[_BY_BRANCH].get(branch)
    return place


def prefix_lengths(values: Iterable[str]) -> tuple[str, ...]:
    """The prefix lengths among published keys, longest first."""
    found = {tuple(key.split("#")[1:3]) for key in values if key.startswith("NET#")}
    ordered = sorted(found, key=lambda pair: -int(pair[1]))
    return tuple(f"{version}/{length}" for version, length in ordered)


def difference(before: Values, after: Values) -> Values:
    """Keys to write: what is new or other, and a tombstone for what is gone."""
    changed = {key: value for key, value in after.items() if before.get(key, _ABSENT) != value}
    return changed | {key: None for key in before if key not in after}


class Published:
    """What readers see; CURRENT is held for five seconds, which is how old an answer may be."""

    def __init__(self) -> None:
        self._current = Current(0)
        self._read_at: datetime | None = None

    def current(self, utc: datetime) -> Current:
        """The generation that readers see now."""
        if self._read_at is None or not timedelta() <= utc - self._read_at < _HOLD:
            self._current, self._read_at = read_current(), utc
        return self._current

    def get(self, keys: Iterable[str], utc: datetime) -> dict[str, dict[str, Any]]:
        """The values of those keys that are published: one BatchGetItem for up to 100 keys."""
        generation = self.current(utc).generation
        found = {}
        for row in LookupRow.batch_get(list(dict.fromkeys(keys))):
            value = seen(row.values, generation)
            if value is not None:
                found[row.key] = value
        return found


def seen(values: Mapping[str, Value], generation: int) -> Value:
    """The value of the greatest generation not above ``generation``."""
    visible = [int(g) for g in values if int(g) <= generation]
    return values[str(max(visible))] if visible else None


def read_current() -> Current:
    """CURRENT as it is in the table."""
    try:
        row = LookupRow.get(CURRENT, consistent_read=True)
    except LookupRow.DoesNotExist:
        return Current(0)
    return Current(int(row.values["generation"]), tuple(row.values["lengths"]))


def write(changed: Values, generation: int) -> None:
    """Add ``generation`` to the rows of the changed keys; repeating it changes nothing."""
    keys = sorted(changed)
    for start in range(0, len(keys), 100):
        part = keys[start : start + 100]
        held = {row.key: row.values for row in LookupRow.batch_get(part, consistent_read=True)}
        with LookupRow.batch_write() as batch:
            for key in part:
                values = {**held.get(key, {}), str(generation): changed[key]}
                kept = sorted(values, key=int)[-KEPT:]
                batch.save(LookupRow(key, values={g: values[g] for g in kept}))


def flip(generation: int, lengths: Iterable[str]) -> None:
    """Make ``generation`` the one that readers see; flipping to it again changes nothing."""
    row = LookupRow(CURRENT, values={"generation": generation, "lengths": list(lengths)})
    row.save()


def _places(rows: list[Row]) -> dict[str, dict[str, Any]]:
    pools: dict[str, list[ElinRow]] = {}
    for row in rows:
        if isinstance(row, ElinRow):
            pools.setdefault(row.erl, []).append(row)
    refresh = _refresh_hours(rows)
    places = {}
    for row in rows:
        if isinstance(row, ErlRow):
            pool = sorted(pools.get(row.id, ()), key=lambda elin: (elin.rank, elin.id))
            places[row.id] = {
                "branch": row.branch,
                "erl": row.id,
                "civic": to_document(row.civic),
                "elins": [elin.id.digits for elin in pool[:MOST_ELINS]],
                "refresh_hours": refresh.get(row.branch, refresh.get("", 4)),
            }
    return places


def _beside(held: Value, place: dict[str, Any]) -> dict[str, Any]:
    """Branches may use the same private networks: then the key holds a place for each of them."""
    if held is None or held.get("branch") == place["branch"]:
        return place
    others = held[_BY_BRANCH] if _BY_BRANCH in held else {held["branch"]: held}
    return {_BY_BRANCH: {**others, place["branch"]: place}}


def _refresh_hours(rows: list[Row]) -> dict[str, int]:
    wide = (Scope.BRANCH, Scope.GLOBAL)
    policies = [row for row in rows if isinstance(row, PolicyRow) and row.scope in wide]
    return {policy.branch: policy.refresh_hours for policy in policies}


def _lent(rows: list[Row]) -> dict[str, set[str]]:
    """ERL to the other branches whose trunks may carry its ELINs (R9)."""
    lent: dict[str, set[str]] = {}
    for row in rows:
        if isinstance(row, TrunkRow):
            for erl in row.erls:
                lent.setdefault(erl, set()).add(branch_of(row))
    return lent


def _covering(address: IpAddress, lengths: Iterable[str]) -> list[str]:
    keys = []
    for length in lengths:
        version, _, bits = length.partition("/")
        if int(version) == address.version:
            network = ip_network(f"{address}/{bits}", strict=False)
            keys.append(_net_key(address.version, int(bits), network.network_address.packed))
    return keys


def _net_key(version: int, length: int, packed: bytes) -> str:
    return f"NET#{version}#{length}#{packed.hex()}"


_ABSENT: dict[str, Any] = {"": "no published value looks like this"}
