"""A picture is kept under its digest: what did not change is not written again."""

from __future__ import annotations

import os

import boto3
import pytest

from e911.errors import InvalidDocument
from e911.rows import ErlRow, PolicyRow
from e911_cloud.content import Contents, Index, picture
from e911_cloud.drafts import EdgeDraft, read_draft
from e911_cloud.errors import NotFound
from tests.cloud.places import DRAFTS
from tests.cloud.test_lookups import rows

EDGES = [EdgeDraft("edge-springfield", "springfield"), EdgeDraft("edge-shelbyville", "shelbyville")]


@pytest.fixture
def contents(stack: None) -> Contents:
    return Contents(boto3.client("s3"), os.environ["BUCKET"])


def keys() -> list[str]:
    found = boto3.client("s3").list_objects_v2(Bucket=os.environ["BUCKET"])
    return [each["Key"] for each in found.get("Contents", [])]


def test_what_is_frozen_can_be_read_again(contents: Contents) -> None:
    index = contents.freeze(1, rows(), EDGES, Index(0))
    assert contents.index(1) == index
    assert set(index.branches) == {"springfield", "shelbyville"}
    assert index.branches["springfield"].edges == (EDGES[0],)
    found = contents.rows("springfield", index.branches["springfield"].sha256)
    assert {type(row) for row in found} == {type(row) for row in rows()}


def test_the_same_rows_in_another_order_are_the_same_content(contents: Contents) -> None:
    first = contents.freeze(1, rows(), EDGES, Index(0))
    written = keys()
    second = contents.freeze(2, list(reversed(rows())), list(reversed(EDGES)), first)
    assert second.changed(first) == ()
    assert set(keys()) - set(written) == {"content/index/2.json"}


def test_a_change_in_one_branch_changes_what_the_other_must_know_and_no_more(
    contents: Contents,
) -> None:
    first = contents.freeze(1, rows(), EDGES, Index(0))
    body = {**DRAFTS["target", "spf-desk"], "address": "https://other.example/hook"}
    target = read_draft("target", "spf-desk", body)
    assert not isinstance(target, EdgeDraft)
    others = [row for row in rows() if row.id != "spf-desk"]
    assert contents.freeze(2, [*others, target], EDGES, first).changed(first) == ("springfield",)


def test_an_edge_more_changes_its_branch(contents: Contents) -> None:
    first = contents.freeze(1, rows(), EDGES, Index(0))
    more = contents.freeze(2, rows(), [*EDGES, EdgeDraft("second", "springfield")], first)
    assert more.changed(first) == ("springfield",)


def test_a_picture_holds_every_erl_so_that_another_branch_is_not_outside(stack: None) -> None:
    """R9: an address of another branch is told from an address that is nobody's."""
    found = picture("shelbyville", rows())
    assert {row.id for row in found if isinstance(row, ErlRow)} == {"spf-1", "spf-2", "shv-1"}
    assert {row.id for row in found if isinstance(row, PolicyRow)} == {"shv"}


def test_a_generation_that_never_was_is_not_found(contents: Contents) -> None:
    assert contents.index(0) == Index(0)
    with pytest.raises(NotFound):
        contents.index(7)


def test_a_picture_that_was_tampered_with_is_refused(contents: Contents) -> None:
    digest = contents.freeze(1, rows(), EDGES, Index(0)).branches["springfield"].sha256
    key = f"content/springfield/{digest}.jsonl"
    boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key=key, Body=b"{}\n")
    with pytest.raises(InvalidDocument):
        contents.rows("springfield", digest)
