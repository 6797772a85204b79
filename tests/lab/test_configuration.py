"""What the lab types in is a whole that may be published, checked by the product's own rules."""

from __future__ import annotations

import pytest

from e911.rows import KINDS, PolicyRow, Row, TrunkRow
from e911.rows_check import check_rows
from e911.wire import from_document
from lab.cast import cast
from lab.configuration import Reached, drafts, edge_of, trunk_of

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


def test_each_branch_has_an_edge_and_a_policy_that_tells_both_ways() -> None:
    edges = [id_ for kind, id_, _ in drafts(cast(7), REACHED) if kind == "edge"]
    assert edges == [edge_of("springfield"), edge_of("shelbyville")]
    policies = [row for row in _rows(7) if isinstance(row, PolicyRow)]
    assert [len(policy.targets) for policy in policies] == [2, 2]


def _rows(seed: int) -> list[Row]:
    typed = [each for each in drafts(cast(seed), REACHED) if each[0] != "edge"]
    return [from_document(KINDS[kind], {**fields, "id": id_}) for kind, id_, fields in typed]
