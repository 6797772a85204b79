"""What the cloud refuses beyond the domain's own errors, each with its HTTP status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from e911.errors import E911Error


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that is wrong: where in the body, and what."""

    loc: str
    msg: str


class NotFound(E911Error):
    """Nothing is kept under this id."""

    http_status: ClassVar[int] = 404


class Conflict(E911Error):
    """The change does not fit what is there now: another version, another owner, another job."""

    http_status: ClassVar[int] = 409


class VersionMismatch(E911Error):
    """``If-Match`` named a version that is no longer the row's."""

    http_status: ClassVar[int] = 412


class Busy(E911Error):
    """Too many edits at once; the same request may succeed a moment later."""

    http_status: ClassVar[int] = 503


class Invalid(E911Error):
    """Several things are wrong at once; ``details`` has them all."""

    http_status: ClassVar[int] = 422

    def __init__(self, details: Iterable[Detail]) -> None:
        self.details = tuple(details)
        super().__init__(f"{len(self.details)} faults")
