"""The carrier's file is made of what is published, not of a draft."""

from __future__ import annotations

import os

import boto3
import pytest

from e911.ali import read_record
from e911_cloud import lookups
from e911_cloud.ali_export import export
from e911_cloud.content import Contents, Index
from e911_cloud.errors import NotFound
from tests.cloud.calls_of import NOON
from tests.cloud.test_lookups import rows


@pytest.fixture
def contents(stack: None) -> Contents:
    contents = Contents(boto3.client("s3"), os.environ["BUCKET"])
    contents.freeze(1, rows(), [], Index(0))
    return contents


def test_every_published_elin_of_the_branch_is_in_the_file(contents: Contents) -> None:
    lookups.flip(1, ())
    lines = export(contents, "springfield", 1, NOON).splitlines()
    found = [read_record(line) for line in lines[1:-1]]
    assert [each["npa"] + each["number"] for each in found] == [
        "2175550111",
        "2175550121",
        "2175550122",
    ]
    assert {each["street"] for each in found} == {"EVERGREEN"}


def test_what_is_frozen_but_not_published_is_not_exported(contents: Contents) -> None:
    with pytest.raises(NotFound):
        export(contents, "springfield", 1, NOON)


def test_a_branch_that_is_not_there_is_not_found(contents: Contents) -> None:
    lookups.flip(1, ())
    with pytest.raises(NotFound):
        export(contents, "nowhere", 1, NOON)
