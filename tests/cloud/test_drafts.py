"""Each edit is one transaction with a gapless log; a number is one ERL's ELIN at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from e911.rows import ElinRow
from e911_cloud.drafts import Drafts, EdgeDraft, read_draft
from e911_cloud.errors import Busy, Conflict, Invalid, NotFound, VersionMismatch
from e911_cloud.tables import AuditRow, BranchDrafts, ElinDrafts
from tests.cloud.places import BRANCH, DRAFTS, FLOOR

UTC_NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def drafts(stack: None) -> Drafts:
    return Drafts()


def put(drafts: Drafts, kind: str, id_: str, body: dict[str, Any], **more: Any) -> int:
    return drafts.put(kind, id_, body, who="ann", utc=UTC_NOW, **more)


def log() -> list[tuple[int, str, str, str]]:
    rows = AuditRow.query("log", consistent_read=True)
    return [(int(row.sk), row.action, row.kind, row.id) for row in rows]


def test_a_draft_comes_back_as_it_was_put(drafts: Drafts) -> None:
    assert put(drafts, "erl", "spf-1", FLOOR) == 1
    draft = drafts.get("erl", "spf-1")
    assert (draft.version, draft.body) == (1, FLOOR)


def test_every_edit_has_its_row_in_the_log_without_a_gap(drafts: Drafts) -> None:
    put(drafts, "branch", "springfield", BRANCH)
    put(drafts, "erl", "spf-1", FLOOR)
    assert put(drafts, "erl", "spf-1", {**FLOOR, "name": "Ground"}) == 2
    drafts.delete("erl", "spf-1", who="ann", utc=UTC_NOW)
    assert log() == [
        (1, "put", "branch", "springfield"),
        (2, "put", "erl", "spf-1"),
        (3, "put", "erl", "spf-1"),
        (4, "delete", "erl", "spf-1"),
    ]
    assert AuditRow.get("head", 0).head == 4


@pytest.mark.parametrize(
    "address", ["https://ann:secret@desk.example/", "https://desk.example:99999/", "https:///hook"]
)
def test_an_address_that_no_webhook_goes_to_is_refused_when_it_is_written(address: str) -> None:
    """Not found out during an emergency."""
    fields = {"branch": "springfield", "target": "webhook", "address": address}
    with pytest.raises(Invalid) as caught:
        read_draft("target", "desk", fields)
    assert [detail.loc for detail in caught.value.details] == ["address"]


def test_a_draft_that_no_table_takes_is_refused(drafts: Drafts) -> None:
    policy = {"scope": "global", "usage": "u", "description": "x" * 300_000}
    with pytest.raises(Invalid, match="1 faults"):
        put(drafts, "policy", "p", policy)
    assert log() == []


def test_a_refused_edit_leaves_no_trace(drafts: Drafts) -> None:
    with pytest.raises(Invalid):
        put(drafts, "branch", "springfield", {**BRANCH, "window_minutes": 0})
    with pytest.raises(NotFound):
        drafts.delete("branch", "springfield", who="ann", utc=UTC_NOW)
    assert log() == []


def test_if_match_names_the_version_that_must_be_there(drafts: Drafts) -> None:
    put(drafts, "erl", "spf-1", FLOOR, if_match=0)
    with pytest.raises(VersionMismatch):
        put(drafts, "erl", "spf-1", FLOOR, if_match=0)
    assert put(drafts, "erl", "spf-1", FLOOR, if_match=1) == 2
    with pytest.raises(VersionMismatch):
        drafts.delete("erl", "spf-1", who="ann", utc=UTC_NOW, if_match=1)


def test_an_elin_moves_only_by_being_deleted_first(drafts: Drafts) -> None:
    put(drafts, "elin", "2175550111", {"branch": "springfield", "erl": "spf-1"})
    assert put(drafts, "elin", "2175550111", {"branch": "springfield", "erl": "spf-1"}) == 2
    with pytest.raises(Conflict):
        put(drafts, "elin", "2175550111", {"branch": "springfield", "erl": "spf-2"})
    drafts.delete("elin", "2175550111", who="ann", utc=UTC_NOW)
    put(drafts, "elin", "2175550111", {"branch": "springfield", "erl": "spf-2"})


def test_an_elin_is_one_number_however_it_is_written(drafts: Drafts) -> None:
    put(drafts, "elin", "+1 (217) 555-0111", {"branch": "springfield", "erl": "spf-1"})
    assert drafts.get("elin", "2175550111").version == 1
    with pytest.raises(Conflict):
        put(drafts, "elin", "1-217-555-0111", {"branch": "springfield", "erl": "spf-2"})


def test_a_claim_that_is_there_already_stops_the_edit(drafts: Drafts) -> None:
    ElinDrafts("ELIN#2175550111", "claim", body={}).save()
    with pytest.raises(Busy):
        put(drafts, "elin", "2175550111", {"branch": "springfield", "erl": "spf-1"})
    assert log() == []


def test_all_rows_come_out_as_values(drafts: Drafts) -> None:
    for (kind, id_), body in list(DRAFTS.items())[:9] + [(("edge", "e1"), {"branch": "b"})]:
        put(drafts, kind, id_, body)
    BranchDrafts("token", "springfield", body={"hashes": []}).save()
    rows = list(drafts.rows())
    assert len(rows) == 10
    assert EdgeDraft("e1", "b", 60) in rows
    assert [row.rank for row in rows if isinstance(row, ElinRow)] == [0, 1, 0, 0]


@pytest.mark.parametrize(
    ("kind", "id_", "body", "where"),
    [
        ("erl", "spf-1", {**FLOOR, "civic": {**FLOOR["civic"], "HNO": 742}}, "civic.HNO"),
        ("erl", "spf-1", {"name": "x"}, "branch"),
        ("erl", "spf-1", {**FLOOR, "colour": "red"}, "colour"),
        ("erl", "../spf", FLOOR, "id"),
        ("branch", "Spring/field", BRANCH, "id"),
        ("elin", "911", {"branch": "springfield", "erl": "spf-1"}, "id"),
        ("branch", "springfield", {**BRANCH, "window_minutes": 1441}, "window_minutes"),
        ("edge", "e1", {"branch": "springfield", "poll_s": 5}, "poll_s"),
        ("trunk", "t", {"branch": "springfield", "trunk": "rope"}, "trunk"),
    ],
)
def test_a_fault_names_its_field(kind: str, id_: str, body: dict[str, Any], where: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_draft(kind, id_, body)
    assert [detail.loc for detail in caught.value.details] == [where]


def test_there_are_no_other_kinds(drafts: Drafts) -> None:
    with pytest.raises(NotFound):
        drafts.get("ELIN#2175550111", "claim")
    with pytest.raises(NotFound):
        drafts.all_of("token")
