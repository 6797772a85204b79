"""Who is on which ELIN, now and within their windows: the one mutable object of the domain.

Several bindings may share an ELIN (R4) and none is ever overwritten: a redial adds one, a callback
holds one (R5), an end only ever moves later. Whether a binding still answers is checked at every
read; ``expire`` merely frees memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from e911.bindings import Binding, CallKind, How
from e911.elin import FREE, HELD, REST, ElinUse, choose_elin, holds
from e911.errors import UnknownCall
from e911.numbers import Caller, Elin
from e911.rows import ElinRow


@dataclass(frozen=True, slots=True)
class Bound:
    """What binding a call came to."""

    binding: Binding
    rank: int
    """Rank of R3 by which the ELIN was chosen, 1 to 5; 3 and 5 are forced, 4 is the building's."""
    shared_with: tuple[Binding, ...]
    """The other callers who are on the ELIN, live or in their window, newest first (R4)."""


class Ledger:
    """Every binding of this edge, by call and by ELIN."""

    def __init__(self) -> None:
        self._by_call: dict[str, Binding] = {}
        self._by_elin: dict[Elin, dict[str, Binding]] = {}
        self._legs: dict[str, int] = {}
        """Calls and callbacks that live on a binding; it ends when the last of them does."""
        self._released: dict[Elin, datetime] = {}
        """Outlives the bindings: R3 asks which ELIN has been free the longest."""

    def bind(
        self,
        *,
        call: str,
        caller: Caller,
        erl: str,
        how: How,
        kind: CallKind,
        utc: datetime,
        pool: Sequence[ElinRow],
        overflow: Sequence[ElinRow],
        guard_s: float,
        window_s: int,
        incident: str,
        trunk: str = "",
        channel: int | None = None,
        platform_call_id: str = "",
        elins_named: Collection[Elin] = (),
    ) -> Bound:
        """Choose an ELIN by R3 and bind ``caller`` to it.

        ``pool`` are the ELINs of the ERL (for an ERL without any, the caller passes the default
        ERL's), ``overflow`` those of the same building, ``elins_named`` those of the PIDF-LO. Never
        a refusal.

        Raises:
            NoElin: pool and overflow are both empty.
        """
        rows = (*pool, *overflow)
        uses = {row.id: self.use_of(row.id, erl, utc) for row in rows}
        guard = timedelta(seconds=guard_s)
        choice = choose_elin(pool, overflow, uses, caller, utc, guard, elins_named)
        binding = Binding(
            call=call,
            elin=choice.elin,
            caller=caller,
            erl=erl,
            how=how,
            kind=kind,
            bound_at=utc,
            incident=incident,
            window_s=window_s,
            trunk=trunk,
            channel=channel,
            platform_call_id=platform_call_id,
            forced=choice.is_forced,
        )
        return self._bound(binding, choice.rank, utc)

    def bind_fixed(
        self,
        elin: Elin,
        *,
        call: str,
        caller: Caller,
        erl: str,
        how: How,
        kind: CallKind,
        utc: datetime,
        window_s: int,
        incident: str,
        trunk: str = "",
        channel: int | None = None,
        platform_call_id: str = "",
    ) -> Bound:
        """Bind ``caller`` to this very ELIN: the last resort's, or another branch's over a trunk
        that lists it (R9).
        """
        others = self.others_on(elin, caller, utc)
        mine = any(binding.caller.is_same(caller) for binding in self.callers_of(elin, utc))
        rank = HELD if mine else REST if others else FREE
        binding = Binding(
            call=call,
            elin=elin,
            caller=caller,
            erl=erl,
            how=how,
            kind=kind,
            bound_at=utc,
            incident=incident,
            window_s=window_s,
            trunk=trunk,
            channel=channel,
            platform_call_id=platform_call_id,
            forced=rank == REST,
        )
        return self._bound(binding, rank, utc)

    def withdraw(self, call: str) -> Binding | None:
        """Take a binding back as if it had never been: no trunk was sent a byte (R6)."""
        binding = self._by_call.pop(call, None)
        if binding is not None:
            self._by_elin[binding.elin].pop(call)
            self._legs.pop(call, None)
        return binding

    def end(self, call: str, utc: datetime) -> Binding | None:
        """One call or callback on the binding is over; its window starts when none is left (R5,
        R6).

        Returns the binding as it is now (still open while another call lives on it); ``None`` for
        an unknown call.
        """
        binding = self._by_call.get(call)
        if binding is None:
            return None
        living = self._legs.get(call, 1) - 1
        if living > 0:
            self._legs[call] = living
            return binding
        self._legs.pop(call, None)
        ended = binding.ended(utc)
        self._note_release(ended)
        return self._keep(ended)

    def hold(self, call: str, utc: datetime) -> Binding:
        """A callback takes hold of the binding: it is open again until :meth:`end` is called for it
        (R5).

        Raises:
            UnknownCall: no such binding; ask :meth:`callers_of` first.
        """
        binding = self._get(call)
        self._note_release(binding)
        self._legs[call] = self._legs.get(call, 0) + 1
        return self._keep(binding.reopened())

    def callers_of(self, elin: Elin, utc: datetime) -> tuple[Binding, ...]:
        """Whom a callback to ``elin`` at ``utc`` can find: the latest binding of each caller,
        newest first.
        """
        found: list[Binding] = []
        for binding in _newest_first(self._by_elin.get(elin, {}).values()):
            if binding.answers(utc) and not holds(binding.caller, (b.caller for b in found)):
                found.append(binding)
        return tuple(found)

    def others_on(self, elin: Elin, caller: Caller, utc: datetime) -> tuple[Binding, ...]:
        """The callers besides ``caller`` who are on ``elin``, newest first (R4)."""
        return tuple(b for b in self.callers_of(elin, utc) if not b.caller.is_same(caller))

    def use_of(self, elin: Elin, erl: str, utc: datetime) -> ElinUse:
        """How ``elin`` is used at ``utc``, seen from ``erl``."""
        answering = [b for b in self._by_elin.get(elin, {}).values() if b.answers(utc)]
        return ElinUse(
            elin=elin,
            live=sum(b.is_open for b in answering),
            windowed=any(not b.is_open for b in answering),
            holders=tuple(b.caller for b in answering if b.erl == erl),
            last_released=self._released.get(elin),
        )

    def get(self, call: str) -> Binding | None:
        """The binding of a call."""
        return self._by_call.get(call)

    def add_alternate(self, call: str, contact: str) -> Binding:
        """Another contact that a callback may ring: a party that took the call over.

        Raises:
            UnknownCall: no such binding.
        """
        binding = self._get(call)
        caller = binding.caller
        known = (caller.contact, *caller.alternates)
        if contact.casefold() in (each.casefold() for each in known):
            return binding
        caller = replace(caller, alternates=(*caller.alternates, contact))
        return self._keep(replace(binding, caller=caller))

    def moved(self, call: str, trunk: str, channel: int | None) -> Binding:
        """The call took the next route step: another trunk, another channel, the same ELIN.

        Raises:
            UnknownCall: no such binding.
        """
        return self._keep(replace(self._get(call), trunk=trunk, channel=channel))

    def restore(self, binding: Binding, utc: datetime) -> Binding:
        """Take a binding from the journal or from the other edge; one found open was cut off:
        closed at ``utc`` (R6).

        Where the call is known already, the later end wins.
        """
        closed = binding.ended(utc) if binding.is_open else binding
        known = self._by_call.get(binding.call)
        if known is not None and known.ended_at is None:
            return known
        if known is not None and known.ended_at is not None and closed.ended_at is not None:
            closed = replace(closed, ended_at=max(known.ended_at, closed.ended_at))
        self._note_release(closed)
        return self._keep(closed)

    def all(self, utc: datetime) -> tuple[Binding, ...]:
        """Every binding that still answers, newest first."""
        return tuple(b for b in _newest_first(self._by_call.values()) if b.answers(utc))

    def expire(self, utc: datetime) -> int:
        """Forget what answers no more and return how much that was; only for a clock that may
        expire.
        """
        gone = [b for b in self._by_call.values() if not b.answers(utc)]
        for binding in gone:
            del self._by_call[binding.call]
            on_elin = self._by_elin[binding.elin]
            del on_elin[binding.call]
            if not on_elin:
                del self._by_elin[binding.elin]
        return len(gone)

    def __len__(self) -> int:
        return len(self._by_call)

    def _bound(self, binding: Binding, rank: int, utc: datetime) -> Bound:
        others = self.others_on(binding.elin, binding.caller, utc)
        self._legs[binding.call] = 1
        return Bound(self._keep(binding), rank, others)

    def _keep(self, binding: Binding) -> Binding:
        self._by_call[binding.call] = binding
        self._by_elin.setdefault(binding.elin, {})[binding.call] = binding
        return binding

    def _get(self, call: str) -> Binding:
        binding = self._by_call.get(call)
        if binding is None:
            raise UnknownCall(f"no binding has the call id {call}")
        return binding

    def _note_release(self, binding: Binding) -> None:
        ended = binding.ended_at
        if ended is not None:
            self._released[binding.elin] = max(ended, self._released.get(binding.elin, ended))


def _newest_first(bindings: Iterable[Binding]) -> list[Binding]:
    return sorted(bindings, key=lambda b: (b.bound_at, b.call), reverse=True)
