"""What may be published as a whole: everything named exists, and nothing can be mistaken for
something else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.hints import ElementKind
from e911.numbers import Did, Elin
from e911.row_limits import Fault
from e911.rows import (
    BranchRow,
    CallerRow,
    DeliveredDigits,
    ElementRow,
    ElinRow,
    EmergencyNumber,
    ErlRow,
    OutsideNetworkRow,
    PeerRow,
    PolicyRow,
    RouteRow,
    RouteStep,
    Row,
    Scope,
    TrunkKind,
    TrunkRow,
)
from e911.rows_check import check_rows, delivered
from e911.snapshot import key_of
from tests.core.springfield import ANA, BRANCH, E1, FAR, LOBBY, POLICY, READBACK, rows

COUNTS = st.sampled_from([3, 4, 7, 10, 11])


def row_of(kind: type[Any], row_id: object) -> Any:
    return next(row for row in rows() if isinstance(row, kind) and row.id == row_id)


def changed(kind: type[Any], row_id: object, **changes: Any) -> list[str]:
    """Faults of the organisation with one row changed."""
    return added(replace(row_of(kind, row_id), **changes))


def added(*more: Row) -> list[str]:
    """Faults of the organisation with rows added or replaced."""
    kept = {key_of(row): row for row in (*rows(), *more)}
    return [str(fault) for fault in check_rows(kept.values())]


def without(kind: type[Any], row_id: object) -> list[str]:
    gone = row_of(kind, row_id)
    return [
        str(fault) for fault in check_rows(row for row in rows() if row is not gone and row != gone)
    ]


def test_springfield_may_be_published() -> None:
    assert check_rows(rows()) == []


def test_faults_come_sorted_and_with_those_of_single_rows() -> None:
    found = check_rows([*rows(), ElinRow(Elin("4255550190"), "springfield", "nowhere", -1)])
    assert found == [
        Fault("elin/4255550190.erl", "names no ERL"),
        Fault("elin/4255550190.rank", "must be 0 to 10000"),
    ]


CHANGES: list[tuple[type[Any], object, dict[str, Any], str]] = [
    (
        BranchRow,
        "springfield",
        {"default_erl": "x"},
        "branch/springfield.default_erl: names no ERL",
    ),
    (
        BranchRow,
        "springfield",
        {"default_erl": "shv-f1"},
        "branch/springfield.default_erl: names an ERL of another branch",
    ),
    (
        BranchRow,
        "springfield",
        {"relay_trunk": "x"},
        "branch/springfield.relay_trunk: names no trunk",
    ),
    (
        BranchRow,
        "springfield",
        {"desk": ("tel:+14255550190;trunk=x",)},
        "branch/springfield.desk[0]: names no trunk",
    ),
    (
        BranchRow,
        "springfield",
        {"main_number": Did(E1.digits)},
        "branch/springfield.main_number: is an ELIN",
    ),
    (ElinRow, E1, {"erl": "x"}, "elin/4255550101.erl: names no ERL"),
    (ElinRow, E1, {"erl": "shv-f1"}, "elin/4255550101.erl: names an ERL of another branch"),
    (ElinRow, E1, {"branch": "x"}, "elin/4255550101.branch: names no branch"),
    (ElementRow, "n1", {"erl": "x"}, "element/n1.erl: names no ERL"),
    (ErlRow, "spf-f2", {"steps": (RouteStep("x"),)}, "erl/spf-f2.steps[0].trunk: names no trunk"),
    (
        RouteRow,
        "spf-911",
        {"steps": (RouteStep("x"),)},
        "route/spf-911.steps[0].trunk: names no trunk",
    ),
    (
        RouteRow,
        "spf-911",
        {"steps": (RouteStep("shv-sip"),)},
        "route/spf-911.steps[0].trunk: names a trunk of another branch",
    ),
    (PolicyRow, "everybody", {"usage": "x"}, "policy/everybody.usage: names no route"),
    (PolicyRow, "everybody", {"targets": ("x",)}, "policy/everybody.targets[0]: names no target"),
    (TrunkRow, "shv-sip", {"erls": ("x",)}, "trunk/shv-sip.erls[0]: names no ERL"),
    (
        CallerRow,
        "sip:cam@contoso.example",
        {"erl": "x"},
        "caller/sip:cam@contoso.example.erl: names no ERL",
    ),
    (
        CallerRow,
        "sip:cam@contoso.example",
        {"number": Did(E1.digits)},
        "caller/sip:cam@contoso.example.number: is an ELIN",
    ),
    (type(READBACK), "readback", {"trunk": "x"}, "test-number/readback.trunk: names no trunk"),
    (
        type(READBACK),
        "readback",
        {"number": "112"},
        "test-number/readback.number: is an emergency number of a policy",
    ),
]


@pytest.mark.parametrize(("kind", "row_id", "changes", "fault"), CHANGES)
def test_what_names_nothing_is_told_by_path_and_reason(
    kind: type[Any], row_id: object, changes: dict[str, Any], fault: str
) -> None:
    assert fault in changed(kind, row_id, **changes)


def test_every_erl_owns_an_elin() -> None:
    assert without(ElinRow, LOBBY) == ["erl/spf-f1: owns no ELIN"]


def test_an_id_is_given_once() -> None:
    twice = [*rows(), row_of(ElinRow, E1)]
    assert Fault("elin/4255550101.id", "is given to 2 rows") in check_rows(twice)


def test_a_branch_policy_names_its_branch_and_is_the_only_one() -> None:
    mine = PolicyRow("a", Scope.BRANCH, "springfield", usage="spf-911")
    assert added(mine) == []
    assert added(replace(mine, branch="")) == [
        "policy/a.branch: is missing: the policy is a branch's"
    ]
    assert added(mine, replace(mine, id="b")) == ["policy/b.branch: is already ruled by policy a"]


def test_there_is_one_global_policy_and_one_of_each_subject() -> None:
    assert added(replace(POLICY, id="second")) == [
        "policy/second.scope: is already ruled by policy everybody"
    ]
    user = PolicyRow("a", Scope.USER, "springfield", (ANA.contact,), usage="spf-911")
    shouted = replace(user, id="b", subjects=(ANA.contact.upper(),))
    assert added(user, shouted) == ["policy/b.subjects[0]: is already ruled by policy a"]


def test_an_element_stands_in_one_place_however_it_is_spelled() -> None:
    again = ElementRow("ap2", "springfield", ElementKind.BSSID, "0a1b.2c3d.4e5f", "spf-f1")
    assert added(again) == ["element/ap2.value: is already element ap"]
    assert added(replace(again, branch="shelbyville", erl="shv-f1")) == []


def test_r9_a_subnet_inside_an_outside_network_is_a_contradiction_but_not_the_other_way() -> None:
    inside = ElementRow("n3", "springfield", ElementKind.SUBNET, "10.99.7.0/24", "spf-f1")
    assert added(inside) == ["element/n3.value: lies in the outside network vpn"]
    assert added(OutsideNetworkRow("guest", "springfield", "10.1.200.0/24")) == []
    six = OutsideNetworkRow("six", "springfield", "2001:db8:1:2::/64")
    assert added(six) == ["element/n7.value: lies in the outside network six"]


def test_two_elins_that_look_alike_on_one_trunk_are_refused() -> None:
    four = {"delivered": DeliveredDigits(4)}
    assert changed(TrunkRow, "spf-pri", **four) == []
    alike = ElinRow(Elin("3605550101"), "springfield", "spf-f1", 5)
    trunk = replace(row_of(TrunkRow, "spf-pri"), **four)
    assert added(alike) == []
    assert added(trunk, alike) == [
        "elin/4255550101.id: looks like 3605550101 as trunk spf-pri delivers it"
    ]


def test_a_cama_trunk_delivers_no_digits_so_nothing_looks_alike_on_it() -> None:
    cama = TrunkRow("spf-cama", "springfield", TrunkKind.CAMA)
    assert added(cama) == []
    alike = ElinRow(Elin("3605550101"), "springfield", "spf-f1", 5)
    short = replace(cama, delivered=DeliveredDigits(4))
    assert added(short, alike) == []
    assert added(replace(short, trunk=TrunkKind.ISDN), alike) == [
        "elin/4255550101.id: looks like 3605550101 as trunk spf-cama delivers it"
    ]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (replace(BRANCH, relay_trunk="spf-cama"), "branch/springfield.relay_trunk"),
        (replace(BRANCH, desk=("tel:+14255550190;trunk=spf-cama",)), "branch/springfield.desk[0]"),
    ],
)
def test_r9_a_call_that_is_no_emergency_is_never_sent_over_a_trunk_to_psaps(
    row: Row, field: str
) -> None:
    cama = TrunkRow("spf-cama", "springfield", TrunkKind.CAMA)
    assert added(row, cama) == [f"{field}: names a cama trunk, which reaches PSAPs only"]
    assert added(row, replace(cama, trunk=TrunkKind.ISDN)) == []


def test_elins_of_a_branch_that_a_trunk_carries_for_another_count_too() -> None:
    """R9: the trunk lists an ERL of the other branch, so its ELIN is called back over it."""
    trunk = replace(row_of(TrunkRow, "spf-pri"), delivered=DeliveredDigits(4))
    assert FAR.digits[-4:] == LOBBY.digits[-4:]
    assert added(trunk) == []
    assert added(replace(trunk, erls=("shv-f1",))) == [
        "elin/4255550100.id: looks like 3605550100 as trunk spf-pri delivers it"
    ]


@pytest.mark.parametrize(
    ("rule", "digits"),
    [
        (DeliveredDigits(), "4255550101"),
        (DeliveredDigits(3), "101"),
        (DeliveredDigits(4, "7"), "70101"),
        (DeliveredDigits(7), "5550101"),
        (DeliveredDigits(11), "14255550101"),
        (DeliveredDigits(10, "+1"), "+14255550101"),
    ],
)
def test_a_trunk_delivers_the_last_digits_behind_its_prefix(
    rule: DeliveredDigits, digits: str
) -> None:
    assert delivered(E1, rule) == digits


def test_two_peers_at_one_address_cannot_be_told_apart() -> None:
    again = PeerRow("teams", "springfield", "10.1.0.5")
    assert added(again) == ["peer/teams.host: and port are already peer lync's"]
    assert added(replace(again, port=5080)) == []


def test_a_mask_of_any_policy_makes_a_test_number_an_emergency() -> None:
    odd = replace(POLICY, numbers=(EmergencyNumber("911", ("958",)),))
    assert added(odd, replace(READBACK, number="958")) == [
        "test-number/readback.number: is an emergency number of a policy"
    ]


@given(st.permutations(rows()))
def test_the_order_of_the_rows_changes_no_fault(shuffled: list[Row]) -> None:
    broken = [row for row in shuffled if not (isinstance(row, ElinRow) and row.id == LOBBY)]
    assert check_rows(broken) == [Fault("erl/spf-f1", "owns no ELIN")]


@given(st.sets(st.integers(0, 9999), min_size=2, max_size=6), COUNTS)
def test_elins_that_differ_in_the_delivered_digits_are_never_refused(
    tails: set[int], count: int
) -> None:
    trunk = replace(row_of(TrunkRow, "spf-pri"), delivered=DeliveredDigits(count))
    own = [row for row in rows() if not (isinstance(row, ElinRow) and row.branch == "springfield")]
    pool = [Elin(f"425556{n:04}") for n in sorted(tails)]
    floors = ["spf-f1", "spf-f2"]
    elins: list[Row] = [ElinRow(elin, "springfield", floors[n % 2]) for n, elin in enumerate(pool)]
    whole = {key_of(row): row for row in [*own, *elins, trunk]}
    alike = len({elin.digits[-count:] for elin in pool}) < len(pool)
    assert bool(check_rows(whole.values())) == alike
