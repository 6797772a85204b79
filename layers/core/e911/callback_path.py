"""Whether a PSAP that dials an ELIN of a branch can reach its edge: a CAMA trunk carries calls out
only.

No call is refused for want of it (R1): an edge alarms, and publishing warns.
"""

from __future__ import annotations

from collections.abc import Iterable

from e911.rows import PeerRow, TrunkKind, TrunkRow
from e911.snapshot import Snapshot

CARRIES_CALLS_IN = {TrunkKind.ISDN: True, TrunkKind.CAMA: False, TrunkKind.SIP: True}
"""Kind of trunk to whether the PSTN can call in on it; of a CAMA trunk only our end ever seizes."""


def has_callback_path(snapshot: Snapshot) -> bool:
    """Whether the branch of ``snapshot`` has a trunk or a peer on which callbacks can come in."""
    return brings_callbacks(
        snapshot.header.branch, snapshot.trunks.values(), snapshot.peers.values()
    )


def brings_callbacks(branch: str, trunks: Iterable[TrunkRow], peers: Iterable[PeerRow]) -> bool:
    """The same of rows; those of other branches do not count, for theirs are other edges."""
    own_trunks = (row.trunk for row in trunks if row.branch == branch)
    delivering = (row.delivers_callbacks for row in peers if row.branch == branch)
    return any(CARRIES_CALLS_IN[kind] for kind in own_trunks) or any(delivering)
