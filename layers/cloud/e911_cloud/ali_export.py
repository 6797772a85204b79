"""The ALI file of a branch comes from what is published, never from a draft: it must say what the
edges believe.
"""

from __future__ import annotations

from datetime import datetime

from e911.ali import write_file
from e911_cloud.content import Contents
from e911_cloud.errors import NotFound
from e911_cloud.lookups import read_current


def export(contents: Contents, branch: str, cycle: int, utc: datetime) -> str:
    """The NENA 2.1 file of every ELIN of ``branch``; NotFound if unpublished."""
    content = contents.index(read_current().generation).branches.get(branch)
    if content is None:
        raise NotFound(f"branch {branch}")
    rows = contents.rows(branch, content.sha256)
    return write_file(branch, rows, cycle=cycle, extracted=utc.date())
