"""What is rendered is what an edge accepts, with the key that it was given at enrolment."""

from __future__ import annotations

import base64
import json
import os

import boto3
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from e911.errors import SnapshotRefused
from e911.manifest import Held, Manifest, accept
from e911.snapshot import Snapshot, read_body
from tests.cloud.stack import sqs_event
from tests.functions.conftest import work_off
from tests.functions.gateway import ADMIN, ask, invoke

pytestmark = pytest.mark.usefixtures("published")


def test_a_published_draft_is_what_the_edge_accepts() -> None:
    manifest = adopt("edge-springfield", "springfield")
    snapshot = Snapshot.build(*read_body(fetch(manifest.body_key)[0]))
    assert [elin.id.digits for elin in snapshot.pool("spf-2")] == ["2175550122", "2175550121"]
    assert set(snapshot.targets) == {"spf-desk"}


def test_each_edge_is_given_its_own_and_refuses_the_others() -> None:
    assert adopt("edge-shelbyville", "shelbyville").poll_s == 30
    with pytest.raises(SnapshotRefused, match="snapshot-branch"):
        adopt("edge-shelbyville", "springfield")


def test_a_rollback_reaches_the_edge_under_the_next_serial() -> None:
    """R10: old content, new generation, higher serial."""
    first = adopt("edge-springfield", "springfield")
    ask("edit_config", "DELETE", "/v1/draft/element/spf-ap", who=ADMIN)
    ask("publish_snapshot", "POST", "/v1/publish", who=ADMIN)
    work_off()
    second = adopt("edge-springfield", "springfield", Held(first.serial, first.generation))
    ask("publish_snapshot", "POST", "/v1/rollback", {"generation": 1}, who=ADMIN)
    work_off()
    third = adopt("edge-springfield", "springfield", Held(second.serial, second.generation))
    assert first.serial < second.serial < third.serial
    assert third.generation == 3
    assert content(third) == content(first) != content(second)


def test_what_cannot_be_rendered_comes_again() -> None:
    message = {"job": "none", "branch": "springfield", "generation": 99}
    outcome = invoke("render_branch", sqs_event(message))
    assert outcome == {"batchItemFailures": [{"itemIdentifier": "m0"}]}


def content(manifest: Manifest) -> list[str]:
    return fetch(manifest.body_key)[0].decode().splitlines()[1:]


def fetch(key: str) -> tuple[bytes, dict[str, str]]:
    found = boto3.client("s3").get_object(Bucket=os.environ["BUCKET"], Key=key)
    return found["Body"].read(), found["Metadata"]


def adopt(edge: str, branch: str, held: Held | None = None) -> Manifest:
    """Fetch and accept as the edge does."""
    manifest, metadata = fetch(f"edges/{edge}/manifest.json")
    signed, _ = fetch(f"edges/{edge}/manifest.sig")
    assert base64.b64decode(metadata["signature"]) == signed
    key = ask("edit_config", "GET", "/v1/signing-key", who=ADMIN).body

    def verify(key_id: str, message: bytes, signature: bytes) -> bool:
        public = load_pem_public_key(key["pem"].encode())
        assert isinstance(public, ec.EllipticCurvePublicKey)
        try:
            public.verify(signature, message, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return bool(key_id == key["key_id"])

    body, _ = fetch(json.loads(manifest)["body_key"])
    return accept(held, manifest, signed, body, verify, deployment="test", branch=branch, edge=edge)
