"""What an edge fetches is whole and signed, and its serial rises whatever is rendered."""

from __future__ import annotations

import json
import os
from datetime import timedelta

import boto3
import pytest

from e911_cloud.content import Contents, Index
from e911_cloud.edges import Edges
from e911_cloud.publisher import Publisher
from e911_cloud.signer import Signer
from tests.cloud.calls_of import NOON
from tests.cloud.test_content import EDGES
from tests.cloud.test_lookups import rows


@pytest.fixture
def publisher(stack: None) -> Publisher:
    s3, bucket = boto3.client("s3"), os.environ["BUCKET"]
    contents = Contents(s3, bucket)
    first = contents.freeze(1, rows(), EDGES, Index(0))
    contents.name(Index(2, first.branches))
    for edge in EDGES:
        Edges().register(edge.id, edge.branch)
    signer = Signer(os.environ["SIGNING_KEY_ID"])
    return Publisher(s3, bucket, "test", signer, contents, Edges())


def objects() -> dict[str, bytes]:
    s3, bucket = boto3.client("s3"), os.environ["BUCKET"]
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix="edges/")["Contents"]]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def manifest(edge: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(objects()[f"edges/{edge}/manifest.json"])
    return found


def test_each_edge_has_its_own_folder_and_nobody_elses(publisher: Publisher) -> None:
    assert publisher.render_branch("springfield", 1, NOON) == ["edge-springfield"]
    serial = int(NOON.timestamp())
    assert set(objects()) == {
        f"edges/edge-springfield/body-{serial}.jsonl",
        "edges/edge-springfield/manifest.json",
        "edges/edge-springfield/manifest.sig",
    }


def test_the_manifest_says_what_is_in_the_draft_of_the_edge(publisher: Publisher) -> None:
    publisher.render_branch("springfield", 1, NOON)
    found = manifest("edge-springfield")
    assert (found["deployment"], found["edge"], found["branch"]) == (
        "test",
        "edge-springfield",
        "springfield",
    )
    assert (found["poll_s"], found["generation"], found["alg"]) == (60, 1, "ECDSA_SHA_256")


def test_a_message_that_comes_twice_renders_once(publisher: Publisher) -> None:
    publisher.render_branch("springfield", 1, NOON)
    before = objects()
    assert publisher.render_branch("springfield", 1, NOON + timedelta(hours=1)) == []
    assert objects() == before


def test_the_same_content_under_another_generation_has_a_higher_serial(
    publisher: Publisher,
) -> None:
    """R10: a rollback moves forward."""
    publisher.render_branch("springfield", 1, NOON)
    first = manifest("edge-springfield")
    publisher.render_branch("springfield", 2, NOON)
    second = manifest("edge-springfield")
    assert (second["generation"], second["serial"]) == (2, int(str(first["serial"])) + 1)


def test_an_older_generation_does_not_replace_a_newer_one(publisher: Publisher) -> None:
    publisher.render_branch("springfield", 2, NOON)
    assert publisher.render_branch("springfield", 1, NOON) == []
    assert manifest("edge-springfield")["generation"] == 2


def test_what_waited_for_an_edge_that_is_gone_or_moved_holds_nobody_up(
    publisher: Publisher,
) -> None:
    """A render that failed here would hold back the branch's next one for half an hour."""
    Edges().forget("edge-springfield")
    assert publisher.render_branch("springfield", 1, NOON) == []
    Edges().register("edge-springfield", "shelbyville")
    assert publisher.render_branch("springfield", 1, NOON) == []


def test_a_branch_that_is_not_published_has_nothing_to_render(publisher: Publisher) -> None:
    assert publisher.render_branch("nowhere", 1, NOON) == []
