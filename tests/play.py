"""A script played against a core: ``>>`` feeds an input, ``<<`` expects one output, ``@`` is when.

    play = Playbook(endpoint)
    play >> Datagram(INVITE, PHONE) << Like(Respond, status=100) << Offered
    play @ 4.0 << Send("SETUP")            # timers due on the way fire, each at its own time

Outputs are expected in order and none may be left over: not before the next input, not when the
clock moves, and not at the end of the test (``conftest`` asks ``left_unheard``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

PATIENCE = 1000
"""Timeouts without the clock moving, after which the core is taken to be stuck."""

_playing: list[Playbook] = []


@dataclass(frozen=True, slots=True)
class Datagram:
    """Bytes from a wire: they go in by ``receive(data, source, now)``."""

    data: bytes
    source: Any = None


@dataclass(frozen=True, init=False, eq=False)
class Like:
    """Expects an output of a type with these fields; fields not named may hold anything."""

    kind: type
    fields: dict[str, Any]

    def __init__(self, kind: type, **fields: Any) -> None:
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "fields", fields)

    def accepts(self, output: object) -> bool:
        """Whether the output is of the kind and every named field is equal."""
        return isinstance(output, self.kind) and all(
            getattr(output, name) == value for name, value in self.fields.items()
        )


class Playbook:
    """One core, one clock, and what the core said that nobody has expected yet.

    The core is an object with the doors of a core (``receive``, ``handle``, ``handle_timeout``,
    ``next_deadline``; only those that the script uses), or a bare ``handle(request, now)``.
    """

    def __init__(self, core: Any, now: float = 0.0) -> None:
        self._core = core
        self._handle: Callable[[Any, float], Iterable[Any]] = getattr(core, "handle", core)
        self.now = now
        self.heard: list[Any] = []
        _playing.append(self)

    def __rshift__(self, request: Any) -> Playbook:
        """Feed an input: a ``Datagram`` through ``receive``, anything else through ``handle``."""
        self._nothing_unheard(f"before {request!r}")
        if isinstance(request, Datagram):
            self._hear(self._core.receive(request.data, request.source, self.now))
        else:
            self._hear(self._handle(request, self.now))
        return self

    def __lshift__(self, expected: Any) -> Playbook:
        """Expect the next output: an equal value, any instance of a class, or ``Like``."""
        if not self.heard:
            raise AssertionError(f"at {self.now} s: expected {expected!r}, heard nothing more")
        if not _fits(expected, self.heard[0]):
            heard, self.heard = self.heard, []
            raise AssertionError(f"at {self.now} s: expected {expected!r}, heard {heard!r}")
        self.heard.pop(0)
        return self

    def __matmul__(self, now: float) -> Playbook:
        """Move the clock; timeouts due until then fire in order, each at its own deadline."""
        self._nothing_unheard(f"before the clock moves to {now} s")
        assert now >= self.now, f"time does not go back from {self.now} to {now} s"
        fired_here = 0
        while (deadline := self._deadline()) is not None and deadline <= now:
            fired_here = fired_here + 1 if deadline <= self.now else 0
            assert fired_here < PATIENCE, f"{fired_here} timeouts, and still one due at {deadline}"
            self.now = max(self.now, deadline)
            self._hear(self._core.handle_timeout(self.now))
        self.now = now
        return self

    def _deadline(self) -> float | None:
        ask: Callable[[], float | None] | None = getattr(self._core, "next_deadline", None)
        return None if ask is None else ask()

    def _hear(self, outputs: Iterable[Any]) -> None:
        self.heard.extend(outputs)

    def _nothing_unheard(self, when: str) -> None:
        heard, self.heard = self.heard, []
        assert not heard, f"at {self.now} s, {when}: nobody expected {heard!r}"


def left_unheard() -> list[Any]:
    """Outputs that no playbook of this test expected; forgets the playbooks."""
    heard = [output for play in _playing for output in play.heard]
    _playing.clear()
    return heard


def _fits(expected: Any, output: Any) -> bool:
    if isinstance(expected, Like):
        return expected.accepts(output)
    if isinstance(expected, type) and not isinstance(output, type):
        return isinstance(output, expected)
    return bool(expected == output)
