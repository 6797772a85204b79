"""The selective router: a 911 call goes to the PSAP of its calling number, with ALI's record."""

from __future__ import annotations

from typing import Protocol

from lab.pstn.ali import Ali, AliRecord
from lab.pstn.circuit import Circuit

UNALLOCATED = 1


class Answering(Protocol):
    """Who takes emergency calls."""

    def take(self, circuit: Circuit, record: AliRecord | None) -> None:
        """A call for us, with what ALI knows of its calling number."""


class SelectiveRouter:
    """Takes every call that comes in on a trunk; anything but 911 leads nowhere here."""

    def __init__(self, ali: Ali, psap: Answering) -> None:
        self._ali, self._psap = ali, psap
        self.strays: list[str] = []
        """Called numbers other than 911."""

    def offered(self, circuit: Circuit) -> None:
        """A call came in."""
        if circuit.called != "911":
            self.strays.append(circuit.called)
            circuit.hang_up(UNALLOCATED)
            return
        self._psap.take(circuit, self._ali.look_up(circuit.calling))
