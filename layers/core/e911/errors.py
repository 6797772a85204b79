"""Everything the domain refuses, by name, each with the HTTP status that an API gives it."""

from __future__ import annotations

from typing import ClassVar


class E911Error(Exception):
    """Root of the domain's errors; ``http_status`` is what an API answers."""

    http_status: ClassVar[int] = 400


class InvalidNumber(E911Error):
    """Text that is not a telephone number of the North American plan."""

    http_status = 422


class InvalidDocument(E911Error):
    """A document that crossed a boundary and does not fit its schema.

    ``field`` is the path of the offending value (``erls[3].civic.HNO``), ``reason`` says what is
    wrong.
    """

    http_status = 422

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class InvalidLocation(E911Error):
    """A PIDF-LO that cannot be read as one."""

    http_status = 422


class SnapshotRefused(E911Error):
    """A snapshot that must not replace the one held (R10); ``slug`` names the alarm to raise."""

    http_status = 409

    def __init__(self, slug: str, reason: str) -> None:
        super().__init__(f"{slug}: {reason}")
        self.slug = slug
        self.reason = reason


class NoElin(E911Error):
    """There is not one ELIN to choose from; a published snapshot has one for every ERL."""

    http_status = 409


class UnknownCall(E911Error):
    """No binding has this call id."""

    http_status = 404
