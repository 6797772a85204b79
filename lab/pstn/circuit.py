"""A call as the public network has it, whatever trunk it is on."""

from __future__ import annotations

from typing import Protocol

from lab.phones.bulletin import Bulletin
from lab.phones.voice import Voice


class Circuit(Protocol):
    """One call on one trunk; ``began`` is when its first message was seen or sent."""

    calling: str
    called: str
    trunk: str
    began: float
    voice: Voice

    @property
    def is_ringing(self) -> bool:
        """Whether the far end rings; calls out only."""

    @property
    def is_up(self) -> bool:
        """Whether both ends are connected."""

    @property
    def is_over(self) -> bool:
        """Whether the call is gone."""

    def ring(self) -> None:
        """It rings at the called party; calls in only."""

    def answer(self) -> None:
        """The called party picks up; calls in only."""

    def hang_up(self, cause: int = 16) -> None:
        """Clear the call, with a cause of Q.850."""


class TrunkLine(Protocol):
    """A trunk on which the network can place a call."""

    news: Bulletin

    async def place(self, calling: str, called: str) -> Circuit:
        """Call ``called`` at the enterprise."""
