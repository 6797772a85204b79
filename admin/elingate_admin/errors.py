"""Why a command ends badly: each reason has an exit code, and says what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar


class Refusal(Exception):
    """Root of what ends a command; ``advice`` is what to do next, ``details`` are (where, what)."""

    exit_code: ClassVar[int] = 1

    def __init__(
        self, message: str, advice: str = "", details: Iterable[tuple[str, str]] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.details = tuple(details)


class CloudRefused(Refusal):
    """The cloud understood and said no, or part of the work failed."""

    def __init__(
        self,
        message: str,
        advice: str = "",
        details: Iterable[tuple[str, str]] = (),
        status: int = 0,
    ) -> None:
        super().__init__(message, advice, details)
        self.status = status


class BadInput(Refusal):
    """Something given to the command cannot be read; nothing was sent."""

    exit_code = 2


class NotAuthorised(Refusal):
    """No token, a bad one, or one without the role ``admin``."""

    exit_code = 3


class Unreachable(Refusal):
    """The cloud did not answer, or what answered is not the cloud."""

    exit_code = 4


class TookTooLong(Refusal):
    """The work goes on in the cloud, but was not done in the time that the command may wait."""

    exit_code = 5


EXIT_CODES: Mapping[int, str] = {
    0: "done",
    1: "the cloud refused, or part of the work failed; what and why is listed",
    2: "an argument or an input file cannot be read; nothing was changed",
    3: "no valid token with the role admin",
    4: "the cloud could not be reached",
    5: "not finished within --timeout; the work goes on in the cloud",
}
"""What programs may rely on."""
