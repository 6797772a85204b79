"""R10: configuration moves forward only. Every way to be wrong has its alarm, and what is held
stays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.errors import SnapshotRefused
from e911.manifest import (
    ALGORITHM,
    Held,
    Manifest,
    Verify,
    accept,
    next_serial,
    read_manifest,
    render,
)
from e911.snapshot import SCHEMA, Header
from tests.core.springfield import HEADER, NOON, rows


def sign(message: bytes, key: str = "key-1") -> bytes:
    """A stand-in with what matters of a signature: it fits one key and these very bytes."""
    return hashlib.sha256(key.encode() + message).digest()


def verify(key_id: str, message: bytes, signature: bytes) -> bool:
    return key_id == "key-1" and signature == sign(message)


def published(header: Header = HEADER) -> tuple[bytes, bytes]:
    return render(
        header,
        rows(),
        deployment="lab",
        edge="edge-1",
        key_id="key-1",
        poll_s=60,
        body_key="edges/edge-1/body-7.jsonl",
    )


BODY, MANIFEST = published()


def offered(
    manifest: bytes = MANIFEST,
    signature: bytes | None = None,
    body: bytes = BODY,
    held: Held | None = None,
    deployment: str = "lab",
    branch: str = "springfield",
    edge: str = "edge-1",
    check: Verify = verify,
) -> Manifest:
    signed = sign(manifest) if signature is None else signature
    return accept(
        held, manifest, signed, body, check, deployment=deployment, branch=branch, edge=edge
    )


def refused(offer: Callable[[], Manifest]) -> str:
    with pytest.raises(SnapshotRefused) as error:
        offer()
    assert str(error.value).startswith(f"{error.value.slug}: ")
    assert error.value.reason
    return error.value.slug


def altered(**changes: Any) -> bytes:
    """The manifest with other values, honestly signed by the publisher."""
    return json.dumps({**json.loads(MANIFEST), **changes}).encode()


def test_r10_a_signed_manifest_with_its_body_is_accepted() -> None:
    accepted = offered()
    assert (accepted.serial, accepted.generation) == (7, 3)
    assert accepted.body_key == "edges/edge-1/body-7.jsonl"
    assert accepted == read_manifest(MANIFEST)
    assert offered(held=Held(6, 9)) == accepted


def test_a_manifest_says_everything_and_leans_on_no_default() -> None:
    assert json.loads(MANIFEST) == {
        "schema": SCHEMA,
        "deployment": "lab",
        "branch": "springfield",
        "edge": "edge-1",
        "serial": 7,
        "generation": 3,
        "key_id": "key-1",
        "alg": ALGORITHM,
        "length": len(BODY),
        "sha256": hashlib.sha256(BODY).hexdigest(),
        "poll_s": 60,
        "body_key": "edges/edge-1/body-7.jsonl",
        "next_key": "",
        "min_reader": SCHEMA,
    }
    assert published() == (BODY, MANIFEST)


@pytest.mark.parametrize("signature", [b"", sign(MANIFEST, "key-2"), sign(MANIFEST + b" ")])
def test_r10_a_wrong_signature(signature: bytes) -> None:
    assert refused(lambda: offered(signature=signature)) == "snapshot-signature"


def test_r10_a_key_that_we_do_not_trust() -> None:
    stranger = altered(key_id="key-2")
    signature = sign(stranger, "key-2")
    assert refused(lambda: offered(stranger, signature)) == "snapshot-signature"


def test_r10_the_same_document_in_other_bytes_is_not_what_was_signed() -> None:
    other = MANIFEST.replace(b",", b", ", 1)
    assert refused(lambda: offered(other, sign(MANIFEST))) == "snapshot-signature"


@pytest.mark.parametrize("junk", [b"", b"null", b"{}", b"[1]", b'{"key_id":7}', b"\xff\xfe"])
def test_r10_what_is_no_manifest_is_believed_in_nothing(junk: bytes) -> None:
    assert refused(lambda: offered(junk)) == "snapshot-signature"


def test_r10_another_algorithm_than_the_one_that_was_checked() -> None:
    assert refused(lambda: offered(altered(alg="none"))) == "snapshot-signature"


def test_r10_a_signed_document_of_another_shape() -> None:
    assert refused(lambda: offered(altered(serial="7"))) == "snapshot-schema"


def test_r10_another_deployment_branch_or_edge() -> None:
    assert refused(lambda: offered(deployment="prod")) == "snapshot-deployment"
    assert refused(lambda: offered(branch="shelbyville")) == "snapshot-branch"
    assert refused(lambda: offered(edge="edge-2")) == "snapshot-edge"


@pytest.mark.parametrize("held", [7, 8, 2**40])
def test_r10_a_serial_that_is_not_above_the_held_one(held: int) -> None:
    assert refused(lambda: offered(held=Held(held, 1))) == "snapshot-serial"


def test_r10_a_schema_that_needs_a_newer_reader() -> None:
    body, manifest = published(replace(HEADER, schema=SCHEMA + 1, min_reader=SCHEMA + 1))
    assert refused(lambda: offered(manifest, body=body)) == "snapshot-schema"


def test_a_newer_schema_that_we_can_still_read_is_accepted() -> None:
    body, manifest = published(replace(HEADER, schema=SCHEMA + 1))
    assert offered(manifest, body=body).schema == SCHEMA + 1


@pytest.mark.parametrize("body", [b"", BODY[:-1], BODY + b"\n", BODY.replace(b"Lobby", b"Cella")])
def test_r10_a_truncated_longer_or_altered_body(body: bytes) -> None:
    assert refused(lambda: offered(body=body)) == "snapshot-body"


@pytest.mark.parametrize("name", ["branch", "serial", "generation", "schema"])
def test_r10_a_body_whose_header_disagrees_with_its_manifest(name: str) -> None:
    changes: dict[str, Any] = {name: "shelbyville" if name == "branch" else 1_000}
    other = replace(HEADER, **changes)
    body, _ = published(other)
    manifest = altered(length=len(body), sha256=hashlib.sha256(body).hexdigest())
    assert refused(lambda: offered(manifest, body=body)) == "snapshot-body"


def test_r10_a_body_with_a_row_that_cannot_be_read_is_refused_before_it_is_staged() -> None:
    body = BODY + b'{"kind":"zone","id":"x"}\n'
    manifest = altered(length=len(body), sha256=hashlib.sha256(body).hexdigest())
    assert refused(lambda: offered(manifest, body=body)) == "snapshot-body"


def test_the_first_thing_wrong_names_the_alarm() -> None:
    """Signature, deployment, branch, edge, schema, serial, body: an unsigned serial is never talked
    about.
    """
    wrong = altered(deployment="x", branch="x", edge="x", min_reader=99, serial=1, length=1)
    assert refused(lambda: offered(wrong, b"", held=Held(9, 1))) == "snapshot-signature"
    assert refused(lambda: offered(wrong, held=Held(9, 1))) == "snapshot-deployment"
    slug = "snapshot-schema"
    late = altered(min_reader=99, serial=1, length=1)
    assert refused(lambda: offered(late, held=Held(9, 1))) == slug
    later = altered(serial=1, length=1)
    assert refused(lambda: offered(later, held=Held(9, 1))) == "snapshot-serial"


def test_a_rotation_is_announced_by_the_key_before() -> None:
    _, manifest = render(
        HEADER,
        [],
        deployment="lab",
        edge="edge-1",
        key_id="key-1",
        poll_s=300,
        body_key="b",
        next_key="PEM",
    )
    assert read_manifest(manifest).next_key == "PEM"


def test_serials_follow_the_clock_so_that_a_rebuilt_stack_moves_forward() -> None:
    assert next_serial(0, NOON) == int(NOON.timestamp())
    assert next_serial(2**40, NOON) == 2**40 + 1


@given(st.integers(0, 2**40), st.lists(st.integers(0, 2**33), min_size=1, max_size=10))
def test_r10_serials_only_rise_whatever_the_clock_does(last: int, seconds: list[int]) -> None:
    for second in seconds:
        serial = next_serial(last, datetime.fromtimestamp(second, UTC))
        assert serial > last
        assert serial >= second
        last = serial


@given(st.integers(0, len(MANIFEST) - 1), st.integers(1, 255))
def test_r10_one_flipped_byte_anywhere_is_refused(place: int, flip: int) -> None:
    bent = bytearray(MANIFEST)
    bent[place] ^= flip
    assert refused(lambda: offered(bytes(bent), sign(MANIFEST))) == "snapshot-signature"
