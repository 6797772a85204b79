"""A circuit that a test holds both ends of, and a line that makes them."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.phones.bulletin import Bulletin
from lab.phones.voice import Voice
from lab.pstn.circuit import Circuit


@dataclass
class HeldCircuit:
    """Remembers what was done with it."""

    news: Bulletin
    calling: str
    called: str
    trunk: str = "spf-pri"
    began: float = 0.0
    done: list[str] = field(default_factory=list)
    is_ringing: bool = False
    is_up: bool = False
    is_over: bool = False

    def __post_init__(self) -> None:
        self.voice: Voice = _Mute(self.news)

    def ring(self) -> None:
        """It rings."""
        self.done.append("ring")

    def answer(self) -> None:
        """It is up."""
        self.done.append("answer")
        self.is_up = True

    def hang_up(self, cause: int = 16) -> None:
        """It is over."""
        self.done.append(f"clear {cause}")
        self.is_over = True


@dataclass
class HeldLine:
    """A trunk on which every call is a held circuit."""

    news: Bulletin
    placed: list[HeldCircuit] = field(default_factory=list)

    async def place(self, calling: str, called: str) -> Circuit:
        """One more."""
        self.placed.append(HeldCircuit(self.news, calling, called))
        return self.placed[-1]


class _Mute(Voice):
    """Whose blocks go nowhere."""

    def send_block(self, block: bytes) -> None:
        """Nowhere."""
