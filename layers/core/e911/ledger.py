"""Who is on which ELIN, now and within their windows: the one mutable object of the domain.

Several bindings may share an ELIN (R4) and none is ever overwritten: a redial adds one, a callback
holds one (R5), an end only ever moves later. Whether a binding still answers is checked at every
read; ``expire`` merely frees memory.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush

from e911.bindings import Binding, CallKind, How
from e911.elin import FREE, HELD, REST, Choice, ElinUse, choose_elin
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
        self._on: dict[Elin, _OnElin] = {}
        self._legs: dict[str, int] = {}
        """Calls and callbacks that live on a binding; it ends when the last of them does."""
        self._elins_of: dict[str, Counter[Elin]] = {}
        """On which ELINs each contact has bindings, and how many."""
        self._expiries: list[tuple[datetime, str]] = []
        """A heap of windows that may have closed; one that was renewed since is passed over."""

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
        guard = timedelta(seconds=guard_s)

        def ranked(others: Sequence[ElinRow]) -> Choice:
            rows = (*pool, *others)
            uses = {row.id: self.use_of(row.id, erl, utc, caller) for row in rows}
            return choose_elin(pool, others, uses, caller, utc, guard, elins_named)

        # A tower has hundreds of ELINs. They are weighed only where one of them can win: where the
        # ERL's own are used up, or where this caller, who is on some ELIN, may hold one of them.
        choice = ranked(()) if pool else ranked(overflow)
        if choice.rank == REST or (choice.rank != HELD and self.elins_of(caller)):
            choice = ranked(overflow)
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
        mine = self._latest_of(elin, _contact(caller), utc) is not None
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
            self._legs.pop(call, None)
            self._leave(binding)
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
        return self._keep(binding.ended(utc))

    def hold(self, call: str, utc: datetime) -> Binding:
        """A callback takes hold of the binding: it is open again until :meth:`end` is called for it
        (R5).

        Raises:
            UnknownCall: no such binding; ask :meth:`callers_of` first.
        """
        binding = self._get(call)
        self._legs[call] = self._legs.get(call, 0) + 1
        return self._keep(binding.reopened())

    def elins_of(self, caller: Caller) -> Collection[Elin]:
        """The only ELINs on which ``caller`` may have a binding that still answers."""
        return self._elins_of.get(_contact(caller), ())

    def callers_of(self, elin: Elin, utc: datetime) -> tuple[Binding, ...]:
        """Whom a callback to ``elin`` at ``utc`` can find: the latest binding of each caller,
        newest first.
        """
        return self._callers(elin, utc, without="")

    def others_on(self, elin: Elin, caller: Caller, utc: datetime) -> tuple[Binding, ...]:
        """The callers besides ``caller`` who are on ``elin``, newest first (R4)."""
        return self._callers(elin, utc, without=_contact(caller))

    def use_of(self, elin: Elin, erl: str, utc: datetime, caller: Caller | None = None) -> ElinUse:
        """How ``elin`` is used at ``utc``; ``caller`` is a holder if it is theirs in ``erl``."""
        on = self._on.get(elin)
        if on is None:
            return ElinUse(elin)
        held = caller and any(b.erl == erl for b in self._answering(on, _contact(caller), utc))
        return ElinUse(
            elin=elin,
            live=on.live,
            windowed=on.windows_until is not None and utc < on.windows_until,
            holders=(caller,) if caller and held else (),
            last_released=on.released,
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
        return self._keep(closed)

    def all(self, utc: datetime) -> tuple[Binding, ...]:
        """Every binding that still answers, newest first."""
        return tuple(b for b in _newest_first(self._by_call.values()) if b.answers(utc))

    def expire(self, utc: datetime) -> int:
        """Forget what answers no more and return how much that was; only for a clock that may
        expire.
        """
        gone = 0
        while self._expiries and self._expiries[0][0] <= utc:
            _, call = heappop(self._expiries)
            binding = self._by_call.get(call)
            if binding is not None and not binding.answers(utc):
                del self._by_call[call]
                self._leave(binding)
                gone += 1
        return gone

    def __len__(self) -> int:
        return len(self._by_call)

    def _bound(self, binding: Binding, rank: int, utc: datetime) -> Bound:
        self.withdraw(binding.call)  # a call has one binding; bound anew, it leaves the old ELIN
        others = self.others_on(binding.elin, binding.caller, utc)
        self._legs[binding.call] = 1
        return Bound(self._keep(binding), rank, others)

    def _keep(self, binding: Binding) -> Binding:
        on = self._on.setdefault(binding.elin, _OnElin())
        known = self._by_call.get(binding.call)
        on.keep(known, binding)
        if known is None:
            self._elins_of.setdefault(_contact(binding.caller), Counter())[binding.elin] += 1
        self._by_call[binding.call] = binding
        expires = binding.expires_at()
        if expires is not None:
            heappush(self._expiries, (expires, binding.call))
        return binding

    def _leave(self, binding: Binding) -> None:
        """The binding is gone from its ELIN and its caller."""
        self._on[binding.elin].remove(binding)
        contact = _contact(binding.caller)
        elins = self._elins_of[contact]
        elins[binding.elin] -= 1
        if not elins[binding.elin]:
            del elins[binding.elin]
        if not elins:
            del self._elins_of[contact]

    def _callers(self, elin: Elin, utc: datetime, without: str) -> tuple[Binding, ...]:
        on = self._on.get(elin)
        contacts = [c for c in on.contacts if not without or c != without] if on else []
        latest = (self._latest_of(elin, contact, utc) for contact in contacts)
        return tuple(_newest_first(binding for binding in latest if binding is not None))

    def _latest_of(self, elin: Elin, contact: str, utc: datetime) -> Binding | None:
        on = self._on.get(elin)
        return next(self._answering(on, contact, utc), None) if on else None

    def _answering(self, on: _OnElin, contact: str, utc: datetime) -> Iterator[Binding]:
        """One caller's bindings on an ELIN that answer, newest first."""
        for _, call in reversed(on.contacts.get(contact, ())):
            binding = self._by_call[call]
            if binding.answers(utc):
                yield binding

    def _get(self, call: str) -> Binding:
        binding = self._by_call.get(call)
        if binding is None:
            raise UnknownCall(f"no binding has the call id {call}")
        return binding


@dataclass(slots=True)
class _OnElin:
    """What R3 asks of one ELIN, kept up to date: a choice never walks through its history."""

    live: int = 0
    windows_until: datetime | None = None
    """When the last of the windows closes; a callback that holds one can only make it later."""
    released: datetime | None = None
    """Outlives the bindings: R3 asks which ELIN has been free the longest."""
    contacts: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    """(bound at, call) of each caller, oldest first."""

    def keep(self, old: Binding | None, new: Binding) -> None:
        """``new`` takes the place of ``old``, which is the same call's or none."""
        if old is None:
            insort(self.contacts.setdefault(_contact(new.caller), []), (new.bound_at, new.call))
        self.live += new.is_open - (old is not None and old.is_open)
        expires = new.expires_at()
        if expires is not None and new.ended_at is not None:
            self.windows_until = max(expires, self.windows_until or expires)
            self.released = max(new.ended_at, self.released or new.ended_at)

    def remove(self, binding: Binding) -> None:
        """The binding is gone; when the ELIN was last released is still known."""
        contact = _contact(binding.caller)
        calls = self.contacts[contact]
        calls.remove((binding.bound_at, binding.call))
        if not calls:
            del self.contacts[contact]
        self.live -= binding.is_open


def _contact(caller: Caller) -> str:
    """What makes two callers the same (:meth:`Caller.is_same`)."""
    return caller.contact.casefold()


def _newest_first(bindings: Iterable[Binding]) -> list[Binding]:
    return sorted(bindings, key=lambda b: (b.bound_at, b.call), reverse=True)
