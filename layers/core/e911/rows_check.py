"""Whether rows make a whole that may be published: all they name exists, and no two things can be
mistaken.

Meant for all rows of the organisation at once. What is refused here is what an edge could not put
right during a call.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from e911.callback_path import CARRIES_CALLS_IN
from e911.errors import InvalidDocument
from e911.hints import ElementKind, IpNetwork, element_key, read_network
from e911.numbers import Elin
from e911.policy import ALWAYS
from e911.row_limits import Fault, check_row
from e911.rows import (
    BranchRow,
    CallerRow,
    DeliveredDigits,
    ElementRow,
    ElinRow,
    ErlRow,
    OutsideNetworkRow,
    PeerRow,
    PolicyRow,
    RouteRow,
    Row,
    Scope,
    TargetRow,
    TestNumberRow,
    TrunkKind,
    TrunkRow,
)
from e911.snapshot import key_of

__all__ = ["Fault", "check_row", "check_rows", "delivered"]


def check_rows(rows: Iterable[Row]) -> list[Fault]:
    """Everything that keeps ``rows`` from being published, sorted by path; empty where nothing
    does.
    """
    whole = _Whole(rows)
    faults = [fault for row in whole.rows for fault in check_row(row)]
    for check in _CHECKS:
        faults.extend(Fault(path, reason) for path, reason in check(whole))
    return sorted(set(faults))


def delivered(elin: Elin, rule: DeliveredDigits) -> str:
    """The digits by which a trunk delivers a call to ``elin``: the last ``count`` of it, behind the
    prefix.
    """
    return rule.prefix + f"1{elin.digits}"[-rule.count :]


class _Whole:
    """All rows, by what other rows name them by."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = sorted(rows, key=key_of)
        self.branches = {row.id: row for row in self.of(BranchRow)}
        self.erls = {row.id: row for row in self.of(ErlRow)}
        self.elins = {row.id: row for row in self.of(ElinRow)}
        self.trunks = {row.id: row for row in self.of(TrunkRow)}
        self.routes = {row.id: row for row in self.of(RouteRow)}
        self.targets = {row.id: row for row in self.of(TargetRow)}

    def of(self, kind: type[Any]) -> Iterator[Any]:
        """The rows of one kind."""
        return (row for row in self.rows if type(row) is kind)


Found = Iterator[tuple[str, str]]


def _path(row: Row, field: str) -> str:
    return f"{'/'.join(key_of(row))}.{field}"


def _duplicates(whole: _Whole) -> Found:
    for (kind, row_id), count in Counter(key_of(row) for row in whole.rows).items():
        if count > 1:
            yield f"{kind}/{row_id}.id", f"is given to {count} rows"


def _branches_exist(whole: _Whole) -> Found:
    for row in whole.rows:
        if isinstance(row, BranchRow) or (isinstance(row, PolicyRow) and not row.branch):
            continue
        if row.branch not in whole.branches:
            yield _path(row, "branch"), "names no branch"
    for policy in whole.of(PolicyRow):
        if policy.scope is Scope.BRANCH and not policy.branch:
            yield _path(policy, "branch"), "is missing: the policy is a branch's"


def _erls_exist(whole: _Whole) -> Found:
    for branch in whole.branches.values():
        yield from _erl_of(whole, branch, "default_erl", branch.default_erl, branch.id)
    for kind in (ElinRow, ElementRow):
        for row in whole.of(kind):
            yield from _erl_of(whole, row, "erl", row.erl, row.branch)
    for row in whole.of(CallerRow):
        if row.erl and row.erl not in whole.erls:
            yield _path(row, "erl"), "names no ERL"
    for row in whole.trunks.values():
        for n, erl in enumerate(row.erls):
            if erl not in whole.erls:
                yield _path(row, f"erls[{n}]"), "names no ERL"


def _erl_of(whole: _Whole, row: Row, field: str, erl: str, branch: str) -> Found:
    found = whole.erls.get(erl)
    if found is None:
        yield _path(row, field), "names no ERL"
    elif found.branch != branch:
        yield _path(row, field), "names an ERL of another branch"


def _every_erl_owns_an_elin(whole: _Whole) -> Found:
    owning = {row.erl for row in whole.elins.values()}
    for erl in whole.erls.values():
        if erl.id not in owning:
            yield f"erl/{erl.id}", "owns no ELIN"


def _routes_lead_somewhere(whole: _Whole) -> Found:
    for row in (*whole.routes.values(), *whole.erls.values()):
        for n, step in enumerate(row.steps):
            yield from _trunk_of(whole, row, f"steps[{n}].trunk", step.trunk, row.branch)
    for row in whole.of(TestNumberRow):
        yield from _trunk_of(whole, row, "trunk", row.trunk, row.branch)
    for row in whole.branches.values():
        if row.relay_trunk:
            yield from _number_trunk_of(whole, row, "relay_trunk", row.relay_trunk, row.id)
    for row, branch in _with_desks(whole):
        for n, contact in enumerate(row.desk):
            match = re.search(r";trunk=([^;]+)", contact)
            if match is not None and contact.startswith("tel:"):
                yield from _number_trunk_of(whole, row, f"desk[{n}]", match[1], branch)


def _with_desks(whole: _Whole) -> Iterator[tuple[BranchRow | ErlRow, str]]:
    yield from ((row, row.id) for row in whole.branches.values())
    yield from ((row, row.branch) for row in whole.erls.values())


def _trunk_of(whole: _Whole, row: Row, field: str, trunk: str, branch: str) -> Found:
    found = whole.trunks.get(trunk)
    if found is None:
        yield _path(row, field), "names no trunk"
    elif found.branch != branch:
        yield _path(row, field), "names a trunk of another branch"


def _number_trunk_of(whole: _Whole, row: Row, field: str, trunk: str, branch: str) -> Found:
    """A trunk to a number that is no emergency: over CAMA, whatever was dialled, a PSAP answers."""
    yield from _trunk_of(whole, row, field, trunk, branch)
    found = whole.trunks.get(trunk)
    if found is not None and found.trunk is TrunkKind.CAMA:
        yield _path(row, field), "names a cama trunk, which reaches PSAPs only"


def _policies_fit(whole: _Whole) -> Found:
    taken: dict[Hashable, str] = {}
    for row in whole.of(PolicyRow):
        if row.usage and row.usage not in whole.routes:
            yield _path(row, "usage"), "names no route"
        for n, target in enumerate(row.targets):
            if target not in whole.targets:
                yield _path(row, f"targets[{n}]"), "names no target"
        for field, claim in _claims(row):
            other = taken.setdefault(claim, row.id)
            if other != row.id:
                yield _path(row, field), f"is already ruled by policy {other}"


def _claims(row: PolicyRow) -> Iterator[tuple[str, Hashable]]:
    """What a policy rules, and nothing else may: else which one applies would be chance."""
    if row.scope is Scope.GLOBAL:
        yield "scope", row.scope
    elif row.scope is Scope.BRANCH:
        yield "branch", (row.scope, row.branch)
    else:
        for n, subject in enumerate(row.subjects):
            yield f"subjects[{n}]", (row.scope, row.branch, subject.casefold())


def _elements_are_unique(whole: _Whole) -> Found:
    taken: dict[Hashable, str] = {}
    for row in whole.of(ElementRow):
        try:
            key = (row.branch, row.element, element_key(row.element, row.value))
        except InvalidDocument:
            continue  # check_row has named it
        other = taken.setdefault(key, row.id)
        if other != row.id:
            yield _path(row, "value"), f"is already element {other}"


def _inside_is_not_outside(whole: _Whole) -> Found:
    """A subnet that lies within an outside network would never be believed (R9): one of the two is
    wrong.
    """
    outside: dict[str, list[tuple[IpNetwork, str]]] = defaultdict(list)
    for row in whole.of(OutsideNetworkRow):
        network = _network(row.network)
        if network is not None:
            outside[row.branch].append((network, row.id))
    for row in whole.of(ElementRow):
        subnet = _network(row.value) if row.element is ElementKind.SUBNET else None
        if subnet is None:
            continue
        for network, row_id in outside[row.branch]:
            if _lies_in(subnet, network):
                yield _path(row, "value"), f"lies in the outside network {row_id}"


def _network(text: str) -> IpNetwork | None:
    try:
        return read_network(text)
    except InvalidDocument:
        return None


def _lies_in(inner: IpNetwork, outer: IpNetwork) -> bool:
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network):
        return inner.subnet_of(outer)
    return False


def _elins_look_different(whole: _Whole) -> Found:
    """A trunk that delivers four digits cannot tell 425-555-0100 from 360-555-0100: a callback
    would find a stranger. A CAMA trunk delivers none: it carries calls out only.
    """
    for trunk in whole.trunks.values():
        if not CARRIES_CALLS_IN[trunk.trunk]:
            continue
        seen: dict[str, Elin] = {}
        for row in whole.elins.values():
            if row.branch != trunk.branch and row.erl not in trunk.erls:
                continue
            other = seen.setdefault(delivered(row.id, trunk.delivered), row.id)
            if other != row.id:
                reason = f"looks like {other.digits} as trunk {trunk.id} delivers it"
                yield f"elin/{row.id.digits}.id", reason


def _numbers_have_one_meaning(whole: _Whole) -> Found:
    """An ELIN that is somebody's own number, or a test number that is an emergency, would swap two
    meanings.
    """
    elins = {elin.digits for elin in whole.elins}
    for branch in whole.branches.values():
        if branch.main_number.digits in elins:
            yield _path(branch, "main_number"), "is an ELIN"
    for caller in whole.of(CallerRow):
        if caller.number is not None and caller.number.digits in elins:
            yield _path(caller, "number"), "is an ELIN"
    emergencies = {ALWAYS.dial}
    for policy in whole.of(PolicyRow):
        for number in policy.numbers:
            emergencies.update((number.dial, *number.masks))
    for test in whole.of(TestNumberRow):
        if test.number.removeprefix("+") in emergencies:
            yield _path(test, "number"), "is an emergency number of a policy"


def _peers_are_unique(whole: _Whole) -> Found:
    """Two peers at one address could not be told apart."""
    taken: dict[Hashable, str] = {}
    for row in whole.of(PeerRow):
        other = taken.setdefault((row.branch, row.host.casefold(), row.port), row.id)
        if other != row.id:
            yield _path(row, "host"), f"and port are already peer {other}'s"


_CHECKS: tuple[Callable[[_Whole], Found], ...] = (
    _duplicates,
    _branches_exist,
    _erls_exist,
    _every_erl_owns_an_elin,
    _routes_lead_somewhere,
    _policies_fit,
    _elements_are_unique,
    _inside_is_not_outside,
    _elins_look_different,
    _numbers_have_one_meaning,
    _peers_are_unique,
)
