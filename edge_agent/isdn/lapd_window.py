"""The numbers of one data link: what waits, what is out and not acknowledged, what is expected next
(Q.921 §3.5.2).

It survives an establishment: what was out goes back in front of what waits, and is sent again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from edge_agent.isdn.lapd_frame import MODULUS

MOST_LINKS = 16
"""On how many establishments of the link one message is tried."""


@dataclass(slots=True)
class _Item:
    info: bytes
    tag: int
    links: int = 0
    """On how many establishments it was on the wire."""
    last: int = -1
    """The latest of them."""


class Window:
    """Messages out, by V(S) and V(A), and the number of the next one in, V(R)."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._waiting: deque[_Item] = deque()
        self._out: deque[_Item] = deque()
        self._establishment = 0
        self.vs = self.va = self.vr = 0

    @property
    def outstanding(self) -> bool:
        """Whether anything is out that the peer has not acknowledged."""
        return bool(self._out)

    @property
    def ready(self) -> bool:
        """Whether a message waits and the window has room for it."""
        return bool(self._waiting) and len(self._out) < self._size

    def put(self, info: bytes, tag: int) -> None:
        """Queue a message."""
        self._waiting.append(_Item(info, tag))

    def unsent(self, tag: int) -> bool:
        """Whether a message of ``tag`` waits that never was on the wire."""
        return bool(self._waiting) and any(i.tag == tag and not i.links for i in self._waiting)

    def drop(self, tag: int, *, out: bool) -> None:
        """Forget the messages of ``tag`` that have no number on this link: the peer may have taken
        one that it has not acknowledged, and would take another under its number for a repetition.

        ``out`` says that the link is down, so that numbers are void and all can be forgotten.
        """
        self._waiting = _kept(
            self._waiting,
            lambda item: item.tag != tag or (not out and item.last == self._establishment),
        )
        if out:
            self._out = _kept(self._out, lambda item: item.tag != tag)

    def send(self) -> tuple[int, bytes]:
        """Number the next message: N(S) and what it carries. Only where :attr:`ready`."""
        item = self._waiting.popleft()
        if item.last != self._establishment:
            item.links += 1
            item.last = self._establishment
        self._out.append(item)
        number = self.vs
        self.vs = (self.vs + 1) % MODULUS
        return number, item.info

    def acknowledges(self, nr: int) -> bool:
        """V(A) <= N(R) <= V(S), modulo 128 (Q.921 §5.8.1)."""
        return (nr - self.va) % MODULUS <= (self.vs - self.va) % MODULUS

    def acknowledge(self, nr: int) -> bool:
        """Forget what the peer has; whether that was anything new."""
        progress = self.va != nr
        while self.va != nr:
            self._out.popleft()
            self.va = (self.va + 1) % MODULUS
        return progress

    def accept(self, ns: int) -> bool:
        """Whether ``ns`` is the number expected; the next one is expected from then on."""
        if ns != self.vr:
            return False
        self.vr = (self.vr + 1) % MODULUS
        return True

    def rewind(self) -> None:
        """Put what is out back in front of what waits, to be sent under the same numbers."""
        self._waiting.extendleft(reversed(self._out))
        self._out.clear()
        self.vs = self.va

    def reset(self) -> int:
        """The link was established: all numbers are 0. Returns how many messages are given up.

        One message that a peer cannot stand would else end every link on which it is sent, and all
        calls with it.
        """
        self.rewind()
        self.vs = self.va = self.vr = 0
        self._establishment += 1
        before = len(self._waiting)
        self._waiting = _kept(self._waiting, lambda item: item.links < MOST_LINKS)
        return before - len(self._waiting)


def _kept(items: deque[_Item], keeps: Callable[[_Item], bool]) -> deque[_Item]:
    return deque(item for item in items if keeps(item))
