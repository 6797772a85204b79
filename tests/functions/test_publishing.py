"""From a draft to a manifest that an edge believes."""

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

from e911.manifest import Held, Manifest, accept
from e911.snapshot import read_body
from tests.functions.gateway import ADMIN, ask


@pytest.mark.usefixtures("published")
def test_a_published_draft_is_what_the_edge_accepts() -> None:
    manifest = adopt("edge-springfield", "springfield")
    assert manifest.generation == 1
    rows = read_body(fetch(manifest.body_key)[0])[1]
    assert {row.branch for row in rows if hasattr(row, "branch")} >= {"springfield"}


def fetch(key: str) -> tuple[bytes, dict[str, str]]:
    found = boto3.client("s3").get_object(Bucket=os.environ["BUCKET"], Key=key)
    return found["Body"].read(), found["Metadata"]


def adopt(edge: str, branch: str, held: Held | None = None) -> Manifest:
    """Fetch and accept as the edge does, with the key that an administrator was given."""
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
