"""Which location policy applies to a phone: the same decision as at the edge, over the policies
that are published.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from e911.hints import read_address
from e911.policy import policy_for
from e911.rows import PolicyRow
from e911.snapshot import SCHEMA, Header, Snapshot
from e911.wire import Document
from e911_cloud.content import Contents
from e911_cloud.errors import NotFound
from e911_cloud.lookups import Published


@dataclass(slots=True)
class _Kept:
    generation: int
    snapshot: Snapshot


class Policies:
    """The policies of each branch, kept while their generation is the published one."""

    def __init__(self, published: Published, contents: Contents) -> None:
        self._published = published
        self._contents = contents
        self._kept: dict[str, _Kept] = {}

    def applying(self, branch: str, contact: str, address: str, utc: datetime) -> Document:
        """The policy of a client, with every setting; :class:`NotFound` where none applies."""
        snapshot = self._snapshot(branch, utc)
        policy = policy_for(snapshot, contact, read_address(address) if address else None)
        if policy is None:
            raise NotFound("no policy applies")
        return _document(policy)

    def _snapshot(self, branch: str, utc: datetime) -> Snapshot:
        generation = self._published.current(utc).generation
        kept = self._kept.get(branch)
        if kept is None or kept.generation != generation:
            kept = self._kept[branch] = _Kept(generation, self._read(branch, generation))
        return kept.snapshot

    def _read(self, branch: str, generation: int) -> Snapshot:
        content = self._contents.index(generation).branches.get(branch)
        if content is None:
            raise NotFound(f"branch {branch}")
        rows = self._contents.rows(branch, content.policies)
        return Snapshot.build(Header(SCHEMA, SCHEMA, branch, 0, generation), rows)


def _document(policy: PolicyRow) -> Document:
    numbers = [{"dial": n.dial, "masks": list(n.masks)} for n in policy.numbers]
    kept = {name: getattr(policy, name) for name in _SETTINGS}
    return {"policy": policy.id, "emergency_numbers": numbers, **kept, "scope": policy.scope.value}


_SETTINGS = (
    "enhanced",
    "location_required",
    "disclaimer",
    "location_for_911_only",
    "usage",
    "conference_uri",
    "conference_mode",
    "refresh_hours",
)
"""What a client is told of its policy; whom else is told stays ours."""
