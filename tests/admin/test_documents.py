"""A line of JSON is a draft or a fault with its line; one spelling decides what is unchanged."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elingate_admin.documents import DraftLine, canonical, canonical_id, faults_of, read_lines
from tests.cloud.places import DRAFTS


@given(st.binary())
def test_any_bytes_are_drafts_or_faults(content: bytes) -> None:
    drafts, faults = read_lines(content)
    filled = [n for n, line in enumerate(content.splitlines(), 1) if line.strip()]
    assert {d.number for d in drafts} | {f.line for f in faults} <= set(filled)
    assert len(drafts) + len(faults) <= len(filled)


def test_a_header_and_blank_lines_are_no_drafts() -> None:
    content = (
        b'\xef\xbb\xbf{"kind": "header"}\r\n\r\n{"kind": "edge", "id": "e", "branch": "b"}\r\n'
    )
    assert read_lines(content) == ([DraftLine(3, "edge", "e", {"branch": "b"})], [])


@pytest.mark.parametrize(
    ("line", "draft"),
    [
        ('{"id": "x"}', "kind"),
        ('{"kind": ["erl"], "id": "x"}', "kind"),
        ('{"kind": "erl"}', "id"),
        ('{"kind": "erl", "id": 7}', "id"),
        ('{"kind": "elin", "id": "911"}', "id"),
        ("[]", "line"),
    ],
)
def test_a_line_that_is_no_draft_is_a_fault(line: str, draft: str) -> None:
    drafts, (fault,) = read_lines(f"\n{line}\n".encode())
    assert (drafts, fault.line, fault.draft) == ([], 2, draft)


def test_one_draft_on_two_lines_is_a_fault_whatever_its_spelling() -> None:
    lines = [{"kind": "elin", "id": id_} for id_ in ("4255550100", "+1 425-555-0100")]
    drafts, faults = read_lines("\n".join(map(json.dumps, lines)).encode())
    assert [draft.number for draft in drafts] == [1]
    assert [(fault.line, fault.reason) for fault in faults] == [(2, "is already on line 1")]


def test_ids_have_one_spelling() -> None:
    assert canonical_id("caller", "SIP:Homer@PBX") == "sip:homer@pbx"
    assert canonical_id("elin", "(425) 555-0100") == "4255550100"
    assert canonical_id("erl", "Floor-2") == "Floor-2"


def test_defaults_and_spelling_make_no_difference() -> None:
    said = {"branch": "b", "name": "B", "number": "+1 (217) 555-0177", "alternates": []}
    kept = {"branch": "b", "name": "B", "number": "2175550177"}
    assert canonical("caller", "sip:b@x", said) == kept
    assert canonical("edge", "e", {"branch": "b", "poll_s": 60}) == {"branch": "b"}


@pytest.mark.parametrize(("kind", "id_"), DRAFTS, ids=str)
def test_good_drafts_have_no_fault(kind: str, id_: str) -> None:
    assert faults_of(DraftLine(1, kind, id_, DRAFTS[kind, id_])) == []


def test_every_fault_of_a_draft_is_found_before_it_is_sent() -> None:
    civic = {"HNO": "1" * 11, "RD": "Main", "A3": "X", "A1": "ILL"}
    bad = DraftLine(4, "erl", "x", {"branch": "b", "name": "", "civic": civic})
    assert {fault.draft for fault in faults_of(bad)} == {
        "erl/x.name",
        "erl/x.civic.HNO",
        "erl/x.civic.A1",
    }
    strange = DraftLine(5, "elin", "4255550100", {"branch": "b", "erl": "x", "ranc": 1})
    assert [fault.draft for fault in faults_of(strange)] == ["elin/4255550100.ranc"]
    missing = DraftLine(6, "elin", "4255550100", {"branch": "b"})
    assert [fault.draft for fault in faults_of(missing)] == ["elin/4255550100.erl"]
