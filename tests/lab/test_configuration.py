"""What the lab types in is a whole that may be published, checked by the product's own rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from e911.rows import KINDS, PeerRow, PolicyRow, RouteRow, Row, TrunkRow
from e911.rows_check import check_rows
from e911.rows_warnings import warnings_of
from e911.wire import from_document
from lab.cast import cast
from lab.configuration import BACKUP, Reached, drafts, edge_of, trunk_of

REACHED = Reached({"springfield": 5071, "shelbyville": 5072}, 5073, 5074, "https://127.0.0.1:8443")


@pytest.mark.parametrize("seed", range(10))
def test_every_seed_makes_drafts_without_fault(seed: int) -> None:
    rows = _rows(seed)
    assert check_rows(rows) == []
    assert len(rows) == 33


def test_shelbyvilles_trunk_lists_no_erl_of_springfield() -> None:
    trunks = {row.id: row for row in _rows(7) if isinstance(row, TrunkRow)}
    assert trunks[trunk_of("shelbyville")].erls == ()
    assert trunks[trunk_of("springfield")].host == ""


CAMA = replace(REACHED, kind="cama")


@pytest.mark.parametrize("seed", range(10))
def test_a_springfield_with_cama_is_without_fault_and_without_a_warning(seed: int) -> None:
    rows = _rows(seed, CAMA)
    assert check_rows(rows) == []
    assert warnings_of(rows) == []


def test_a_springfield_with_cama_has_a_way_out_beside_it_and_its_platform_brings_callbacks() -> (
    None
):
    rows = _rows(7, CAMA)
    routes = {row.id: [step.trunk for step in row.steps] for row in rows if type(row) is RouteRow}
    assert routes == {"spf-911": ["spf-cama", BACKUP], "shb-911": ["shb-sip"]}
    trunks = {row.id: row.trunk for row in rows if isinstance(row, TrunkRow)}
    assert trunks == {"spf-cama": "cama", BACKUP: "sip", "shb-sip": "sip"}
    delivering = [row.id for row in rows if isinstance(row, PeerRow) and row.delivers_callbacks]
    assert delivering == ["spf-platform"]


def test_each_branch_has_an_edge_and_a_policy_that_tells_both_ways() -> None:
    edges = [id_ for kind, id_, _ in drafts(cast(7), REACHED) if kind == "edge"]
    assert edges == [edge_of("springfield"), edge_of("shelbyville")]
    policies = [row for row in _rows(7) if isinstance(row, PolicyRow)]
    assert [len(policy.targets) for policy in policies] == [2, 2]


def _rows(seed: int, reached: Reached = REACHED) -> list[Row]:
    typed = [each for each in drafts(cast(seed), reached) if each[0] != "edge"]
    return [from_document(KINDS[kind], {**fields, "id": id_}) for kind, id_, fields in typed]
