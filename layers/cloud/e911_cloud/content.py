"""What was published is kept by its digest, so that a rollback is another name for the same bytes.

``content/{branch}/{sha256}.jsonl`` holds the rows of one branch's picture,
``content/index/{generation}.json`` says
which digest each branch has in a generation and which edges it has. Nothing here is ever
overwritten with other bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from e911.errors import InvalidDocument
from e911.rows import BranchRow, ElinRow, ErlRow, PolicyRow, Row
from e911.snapshot import SCHEMA, Header, read_body, render_body
from e911.wire import from_document, to_document
from e911_cloud.drafts import EdgeDraft
from e911_cloud.errors import NotFound


@dataclass(frozen=True, slots=True)
class BranchContent:
    """One branch in one generation."""

    sha256: str
    policies: str
    """Digest of its policies alone, for the function that answers them."""
    edges: tuple[EdgeDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """One generation: which picture each branch has in it."""

    generation: int
    branches: dict[str, BranchContent] = field(default_factory=dict)
    schema: int = 1

    def changed(self, before: Index) -> tuple[str, ...]:
        """Branches whose picture or edges differ from ``before``."""
        return tuple(
            sorted(b for b, content in self.branches.items() if before.branches.get(b) != content)
        )


class Contents:
    """The pictures of all generations, in the stack's bucket."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def freeze(
        self, generation: int, rows: Iterable[Row], edges: Iterable[EdgeDraft], before: Index
    ) -> Index:
        """Write the picture of every branch and the index of ``generation``; what is there already
        is not sent again.
        """
        all_rows, all_edges = list(rows), sorted(edges, key=lambda edge: edge.id)
        known = {c.sha256 for c in before.branches.values()}
        known |= {c.policies for c in before.branches.values()}
        branches = {}
        for branch in sorted(row.id for row in all_rows if isinstance(row, BranchRow)):
            own = picture(branch, all_rows)
            branches[branch] = BranchContent(
                self._keep(branch, own, known),
                self._keep(
                    branch, [row for row in own if isinstance(row, PolicyRow | BranchRow)], known
                ),
                tuple(edge for edge in all_edges if edge.branch == branch),
            )
        index = Index(generation, branches)
        self.name(index)
        return index

    def name(self, index: Index) -> None:
        """Write the index of a generation."""
        body = json.dumps(to_document(index), sort_keys=True).encode()
        self._s3.put_object(Bucket=self._bucket, Key=_index_key(index.generation), Body=body)

    def index(self, generation: int) -> Index:
        """What was published as ``generation``; 0 is the empty one.

        Raises:
            NotFound: no such generation was published.
        """
        if generation == 0:
            return Index(0)
        try:
            body = self._get(_index_key(generation))
        except self._s3.exceptions.NoSuchKey as error:
            raise NotFound(f"generation {generation}") from error
        return from_document(Index, json.loads(body))

    def rows(self, branch: str, digest: str) -> list[Row]:
        """The rows of one picture."""
        body = self._get(_content_key(branch, digest))
        if sha256(body).hexdigest() != digest:
            raise InvalidDocument(f"content.{branch}", "does not have its own digest")
        return read_body(body)[1]

    def _keep(self, branch: str, rows: list[Row], known: set[str]) -> str:
        body = render_body(Header(SCHEMA, SCHEMA, branch, 0, 0), rows)
        digest = sha256(body).hexdigest()
        if digest not in known:
            self._s3.put_object(Bucket=self._bucket, Key=_content_key(branch, digest), Body=body)
        return digest

    def _get(self, key: str) -> bytes:
        body: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return body


def picture(branch: str, rows: Iterable[Row]) -> list[Row]:
    """The rows that an edge of ``branch`` must hold: its own, policies of everyone, and every ERL
    and ELIN.

    The ERLs of other branches are how a call from there is told from a call from outside (R9).
    """
    return [row for row in rows if _belongs(row, branch)]


def _belongs(row: Row, branch: str) -> bool:
    if isinstance(row, ErlRow | ElinRow):
        return True
    return branch_of(row) in (branch, "")


def branch_of(row: Row) -> str:
    """The branch that a row is of; empty for what is everyone's."""
    return str(getattr(row, "branch", row.id))


def _index_key(generation: int) -> str:
    return f"content/index/{generation}.json"


def _content_key(branch: str, digest: str) -> str:
    return f"content/{branch}/{digest}.jsonl"
