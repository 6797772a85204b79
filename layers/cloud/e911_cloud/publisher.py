"""One branch of one generation to each of its edges: body, then signature, then the manifest that
names both.

A reader follows the manifest, so it is written last: whatever it names is there. The signature also
rides in the
manifest's own metadata, where the two cannot be seen apart; ``manifest.sig`` is the same bytes as
an object.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from e911.manifest import render
from e911.rows import Row
from e911.snapshot import SCHEMA, Header
from e911_cloud.content import Contents
from e911_cloud.drafts import EdgeDraft
from e911_cloud.edges import Edges
from e911_cloud.signer import Signer


class Publisher:
    """Writes what edges fetch."""

    def __init__(
        self,
        s3: Any,
        bucket: str,
        deployment: str,
        signer: Signer,
        contents: Contents,
        edges: Edges,
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._deployment = deployment
        self._signer = signer
        self._contents = contents
        self._edges = edges

    def render_branch(self, branch: str, generation: int, utc: datetime) -> list[str]:
        """Render ``generation`` for every edge that still serves ``branch`` and does not have it or
        a later one; their ids.
        """
        content = self._contents.index(generation).branches.get(branch)
        waiting = [
            edge
            for edge in (content.edges if content else ())
            if self._edges.waits_for(edge.id, branch, generation)
        ]
        if content is None or not waiting:
            return []
        rows = self._contents.rows(branch, content.sha256)
        for edge in waiting:
            self._render(edge, rows, generation, utc)
        return [edge.id for edge in waiting]

    def _render(self, edge: EdgeDraft, rows: list[Row], generation: int, utc: datetime) -> None:
        serial = self._edges.take_serial(edge.id, utc)
        folder = f"edges/{edge.id}"
        body_key = f"{folder}/body-{serial}.jsonl"
        body, manifest = render(
            Header(SCHEMA, SCHEMA, edge.branch, serial, generation),
            rows,
            deployment=self._deployment,
            edge=edge.id,
            key_id=self._signer.public_key().key_id,
            poll_s=edge.poll_s,
            body_key=body_key,
        )
        signature = self._signer.sign(manifest)
        self._put(body_key, body)
        self._put(f"{folder}/manifest.sig", signature)
        attached = {"signature": base64.b64encode(signature).decode()}
        self._put(f"{folder}/manifest.json", manifest, attached)
        self._edges.rendered(edge.id, generation)

    def _put(self, key: str, body: bytes, metadata: dict[str, str] | None = None) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, Metadata=metadata or {})
