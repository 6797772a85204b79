"""The same rows give the same bytes and the same answers, built at once or row by row."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.errors import InvalidDocument
from e911.hints import ElementKind
from e911.numbers import Elin
from e911.places import CivicAddress
from e911.rows import (
    KINDS,
    ElementRow,
    ElinRow,
    ErlRow,
    OutsideNetworkRow,
    PeerRow,
    PolicyRow,
    Row,
    Scope,
)
from e911.snapshot import (
    Header,
    Snapshot,
    SnapshotBuilder,
    key_of,
    kind_of,
    read_body,
    read_line,
    render_body,
    row_document,
)
from e911.wire import to_line
from tests.core.springfield import (
    ANA,
    E1,
    E2,
    E3,
    HARBOR,
    HEADER,
    LOBBY,
    SHELBY,
    elements,
    rows,
    snapshot,
)

BODY = render_body(HEADER, rows())


@given(st.permutations(rows()))
def test_the_same_rows_give_the_same_bytes_whatever_order_they_come_in(shuffled: list[Row]) -> None:
    assert render_body(HEADER, shuffled) == BODY


def test_a_body_read_back_is_what_was_rendered() -> None:
    header, read = read_body(BODY)
    assert header == HEADER
    assert read == sorted(rows(), key=key_of)
    assert render_body(header, read) == BODY


def test_rows_lie_sorted_by_kind_and_id_under_one_header() -> None:
    lines = BODY.splitlines()
    assert lines[0].startswith(b'{"branch":"springfield","generation":3,"kind":"header"')
    keys = [
        key_of(row)
        for row in (read_line(line, 1) for line in lines[1:])
        if not isinstance(row, Header)
    ]
    assert keys == sorted(keys)
    assert {kind for kind, _ in keys} == set(KINDS)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (b"{", "line 7"),
        (b"[]", "line 7"),
        (b"\xff", "line 7"),
        (b'{"id":"x"}', "line 7.kind"),
        (b'{"kind":"zone","id":"x"}', "line 7.kind"),
        (b'{"kind":["erl"],"id":"x"}', "line 7.kind"),
        (b'{"kind":"route","id":"x","branch":"b"}', "line 7.steps"),
        (b'{"kind":"route","id":"x","branch":"b","steps":[{}]}', "line 7.steps[0].trunk"),
        (b'{"kind":"elin","id":"911","branch":"b","erl":"e"}', "line 7.id"),
        (b'{"kind":"header","schema":1}', "line 7.min_reader"),
    ],
)
def test_a_bad_line_is_named_with_its_field(line: bytes, path: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        read_line(line, 7)
    assert refused.value.field == path


@pytest.mark.parametrize("body", [b"", b"\n", BODY.split(b"\n", 1)[1]])
def test_a_body_without_its_header_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidDocument, match="line 1"):
        read_body(body)


def test_a_second_header_is_refused() -> None:
    first = BODY.split(b"\n", 1)[0] + b"\n"
    with pytest.raises(InvalidDocument, match="line 2: is a second header"):
        read_body(first + first)


def test_a_field_of_a_newer_release_is_passed_over() -> None:
    line = BODY.splitlines()[1].replace(b'{"', b'{"colour":"red","', 1)
    assert read_line(line, 2) == read_line(BODY.splitlines()[1], 2)


def test_a_peer_of_an_older_release_delivers_no_callbacks_and_one_that_does_stays_so() -> None:
    old = b'{"branch":"springfield","host":"10.1.0.5","id":"lync","kind":"peer"}\n'
    held = read_line(old, 2)
    assert held == PeerRow("lync", "springfield", "10.1.0.5")
    assert isinstance(held, PeerRow)
    assert not held.delivers_callbacks
    carrying = replace(held, delivers_callbacks=True)
    line = to_line(row_document(carrying))
    assert b'"delivers_callbacks":true' in line
    assert read_line(line, 2) == carrying


def test_row_by_row_is_the_same_as_all_at_once() -> None:
    builder = SnapshotBuilder(HEADER)
    for row in reversed(rows()):
        builder.add(row)
    sliced, whole = builder.finish(), snapshot()
    assert (sliced.erls, sliced.elins, sliced.callers) == (whole.erls, whole.elins, whole.callers)
    for erl in whole.erls:
        assert sliced.pool(erl) == whole.pool(erl)
        assert sliced.overflow(erl) == whole.overflow(erl)
    address = ip_address("10.1.2.3")
    assert sliced.subnet(address) == whole.subnet(address) == "spf-f2"


def test_a_snapshot_without_its_branch_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="branch/springfield: is missing"):
        Snapshot.build(HEADER, rows()[1:])


def test_a_row_that_cannot_be_looked_up_is_refused_with_its_path() -> None:
    builder = SnapshotBuilder(HEADER)
    subnet = ElementRow("n1", "springfield", ElementKind.SUBNET, "10.1.0.9/16", "spf-f1")
    with pytest.raises(InvalidDocument, match="element/n1.value"):
        builder.add(subnet)
    with pytest.raises(InvalidDocument, match="outside-network/vpn.network"):
        builder.add(OutsideNetworkRow("vpn", "springfield", "vpn"))
    with pytest.raises(InvalidDocument, match=r"policy/p.subjects\[0\]"):
        builder.add(PolicyRow("p", Scope.NETWORK_SITE, subjects=("floor 2",)))


def test_a_pool_is_ordered_by_rank_then_number() -> None:
    picture = snapshot(replace(snapshot().elins[E3], rank=0))
    late = ElinRow(Elin("4255550099"), "springfield", "spf-f2", 1)
    assert [row.id for row in snapshot(late).pool("spf-f2")] == [E1, late.id, E2, E3]
    assert picture.pool("spf-f9") == ()


def test_a_building_overflows_to_its_other_floors_only() -> None:
    picture = snapshot()
    assert [row.id for row in picture.overflow("spf-f1")] == [E1, E2, E3]
    assert [row.id for row in picture.overflow("spf-f2")] == [LOBBY]
    assert picture.overflow("shv-f1") == ()
    assert picture.overflow("nowhere") == ()


def test_an_overflow_group_reaches_where_the_building_does_not() -> None:
    annex = ErlRow("annex", "springfield", "Annex", SHELBY)
    spare = ElinRow(Elin("4255550180"), "springfield", "annex", overflow_group="campus")
    lobby = replace(snapshot().elins[LOBBY], overflow_group="campus")
    picture = snapshot(annex, spare, lobby)
    assert spare in picture.overflow("spf-f1")
    assert [row.id for row in picture.overflow("annex")] == [LOBBY]


def test_two_branches_may_call_their_buildings_by_one_name() -> None:
    same = replace(snapshot().erls["shv-f1"], building="harbor")
    assert [row.id for row in snapshot(same).overflow("shv-f1")] == []


def test_elements_are_found_in_any_spelling() -> None:
    picture = snapshot()
    assert picture.element(ElementKind.BSSID, "0A1B.2C3D.4E5F") == "spf-f2"
    assert picture.element(ElementKind.PORT, "001122334455|GI1/0/7") == "spf-f2"
    assert picture.element(ElementKind.SWITCH, "00:11:22:33:44:55") == "spf-f1"
    assert picture.element(ElementKind.SUBNET, "10.1.2.0/24") == "spf-f2"
    assert picture.element(ElementKind.BSSID, "00-00-00-00-00-00") is None


def test_outside_networks_are_told_from_inside() -> None:
    picture = snapshot(OutsideNetworkRow("v6", "springfield", "2001:db8:9::/48"))
    assert picture.is_outside_address(ip_address("10.99.1.1"))
    assert picture.is_outside_address(ip_address("2001:db8:9::1"))
    assert not picture.is_outside_address(ip_address("10.98.1.1"))


def test_streets_know_the_erls_of_every_branch() -> None:
    assert snapshot().at_street(HARBOR.matching_key()) == ("spf-f1", "spf-f2")
    assert snapshot().at_street(SHELBY.matching_key()) == ("shv-f1",)
    assert snapshot().at_street(CivicAddress().matching_key()) == ()


def test_callers_and_users_are_found_without_regard_to_case() -> None:
    policy = PolicyRow("ana", Scope.USER, subjects=(ANA.contact.upper(),))
    assert snapshot(policy).policy_of_user(ANA.contact.title()) == policy
    assert snapshot().policy_of_user(ANA.contact) is None


def test_every_row_has_a_kind() -> None:
    assert {kind_of(row) for row in rows()} == set(KINDS)
    assert key_of(snapshot().elins[E1]) == ("elin", E1.digits)


@given(st.lists(st.tuples(st.integers(0, 2**20 - 1), st.integers(12, 32)), max_size=60))
def test_subnets_agree_with_looking_at_all(drawn: list[tuple[int, int]]) -> None:
    """Longest prefix by brute force: every listed network, its neighbours, and their insides."""
    listed = {}
    for number, length in drawn:
        network = ip_network((IPv4Address(number << 12), length), strict=False)
        listed[str(network)] = network
    kept = [row for row in rows() if row not in elements()]
    for n, text in enumerate(listed):
        kept.append(ElementRow(f"s{n}", "springfield", ElementKind.SUBNET, text, text))
    picture = Snapshot.build(HEADER, kept)
    for network in listed.values():
        for address in (network[0], network[-1], IPv4Address(int(network[-1]) ^ 4096)):
            holding = [other for other in listed.values() if address in other]
            best = max(holding, key=lambda other: other.prefixlen, default=None)
            assert picture.subnet(address) == (None if best is None else str(best))
