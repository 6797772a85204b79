"""Configuration moves forward only (R10): a manifest says what a body is, and ``accept`` believes
nothing unsigned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from e911.errors import InvalidDocument, SnapshotRefused
from e911.rows import Row
from e911.snapshot import SCHEMA, Header, read_body, render_body
from e911.wire import from_document, from_line, to_line

ALGORITHM = "ECDSA_SHA_256"


class Verify(Protocol):
    """Checks a signature; keys and cryptography live with the caller."""

    def __call__(self, key_id: str, message: bytes, signature: bytes) -> bool:
        """Whether the key ``key_id`` signed exactly ``message``; an unknown key is ``False``."""
        ...


class Held(NamedTuple):
    """What an edge holds already."""

    serial: int
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The description of one body, signed over its exact bytes."""

    schema: int
    deployment: str
    branch: str
    edge: str
    serial: int
    generation: int
    key_id: str
    alg: str = ALGORITHM
    length: int
    """Bytes of the body."""
    sha256: str
    """Of the body, in hex."""
    poll_s: int = 60
    """How often the edge asks (30 to 900)."""
    body_key: str
    """Where the body lies in the bucket."""
    next_key: str = ""
    """PEM of the key that will sign later manifests: how a rotation is announced."""
    min_reader: int = 1
    """The oldest schema whose readers understand the body."""


def render(
    header: Header,
    rows: Iterable[Row],
    *,
    deployment: str,
    edge: str,
    key_id: str,
    poll_s: int = 60,
    body_key: str,
    next_key: str = "",
) -> tuple[bytes, bytes]:
    """The publisher's half: a body and the manifest's bytes, which are what gets signed."""
    body = render_body(header, rows)
    manifest = Manifest(
        schema=header.schema,
        deployment=deployment,
        branch=header.branch,
        edge=edge,
        serial=header.serial,
        generation=header.generation,
        key_id=key_id,
        length=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
        poll_s=poll_s,
        body_key=body_key,
        next_key=next_key,
        min_reader=header.min_reader,
    )
    # Every field is written out: what is signed must not depend on a reader's defaults.
    return body, to_line(asdict(manifest))


def read_manifest(manifest_bytes: bytes) -> Manifest:
    """The manifest in ``manifest_bytes``, unverified: enough to know where its body lies.

    Raises:
        InvalidDocument: the bytes are no manifest.
    """
    return from_document(Manifest, from_line(manifest_bytes, "manifest"), "manifest")


def accept(
    held: Held | None,
    manifest_bytes: bytes,
    signature: bytes,
    body: bytes,
    verify: Verify,
    *,
    deployment: str,
    branch: str,
    edge: str,
) -> Manifest:
    """The edge's half: the manifest, where its body may replace what is held; the caller does all
    I/O.

    In this order: the signature, over the exact bytes; deployment, branch and edge; a schema that
    we can read; a serial above the one held (an equal one too is refused: whoever polls by ETag
    never offers it); the body that it describes.

    Raises:
        SnapshotRefused: with the slug of the alarm; what is held stays.
    """
    manifest = _signed(manifest_bytes, signature, verify)
    _same("deployment", manifest.deployment, deployment)
    _same("branch", manifest.branch, branch)
    _same("edge", manifest.edge, edge)
    if manifest.min_reader > SCHEMA:
        raise SnapshotRefused("snapshot-schema", f"needs a reader of schema {manifest.min_reader}")
    if held is not None and manifest.serial <= held.serial:
        reason = f"serial {manifest.serial} is not above {held.serial}"
        raise SnapshotRefused("snapshot-serial", reason)
    _check_body(manifest, body)
    return manifest


def next_serial(last: int, utc: datetime) -> int:
    """The serial after ``last``: also above every serial of a stack that was lost and rebuilt."""
    return max(last + 1, int(utc.timestamp()))


def _signed(manifest_bytes: bytes, signature: bytes, verify: Verify) -> Manifest:
    """Nothing of an unsigned manifest is believed but the name of the key that should have signed
    it.
    """
    try:
        key_id = from_line(manifest_bytes, "manifest").get("key_id")
    except InvalidDocument as error:
        raise SnapshotRefused("snapshot-signature", str(error)) from error
    if not isinstance(key_id, str) or not verify(key_id, manifest_bytes, signature):
        raise SnapshotRefused("snapshot-signature", "is not signed by a key that we trust")
    try:
        manifest = read_manifest(manifest_bytes)
    except InvalidDocument as error:
        raise SnapshotRefused("snapshot-schema", str(error)) from error
    if manifest.alg != ALGORITHM:
        raise SnapshotRefused("snapshot-signature", f"alg is not {ALGORITHM}")
    return manifest


def _same(name: str, theirs: str, ours: str) -> None:
    if theirs != ours:
        raise SnapshotRefused(f"snapshot-{name}", f"is for another {name}")


def _check_body(manifest: Manifest, body: bytes) -> None:
    if len(body) != manifest.length:
        reason = f"has {len(body)} bytes, not {manifest.length}"
        raise SnapshotRefused("snapshot-body", reason)
    if hashlib.sha256(body).hexdigest() != manifest.sha256:
        raise SnapshotRefused("snapshot-body", "is not the body that was signed")
    try:
        header, _ = read_body(body)
    except InvalidDocument as error:
        raise SnapshotRefused("snapshot-body", str(error)) from error
    for name in ("schema", "min_reader", "branch", "serial", "generation"):
        if getattr(header, name) != getattr(manifest, name):
            raise SnapshotRefused("snapshot-body", f"its header has another {name}")
