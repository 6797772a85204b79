"""Which ELIN stands in for the caller: a ranking, never a refusal (R3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from e911.errors import NoElin
from e911.numbers import Caller, Elin
from e911.rows import AliState, ElinRow

NEVER = datetime.min.replace(tzinfo=UTC)
"""When an ELIN that was never used was last released: longer ago than any other."""

HELD, FREE, GUARDED, OVERFLOW, REST = 1, 2, 3, 4, 5
"""The ranks of R3, in its own order."""


@dataclass(frozen=True, slots=True)
class ElinUse:
    """What the ledger knows about one ELIN at the instant of the choice, seen from one ERL."""

    elin: Elin
    live: int = 0
    """Calls on it now; a callback in progress is one (R5)."""
    windowed: bool = False
    """Whether some caller's window on it is still open."""
    holders: tuple[Caller, ...] = ()
    """Callers who hold it, live or in their window, in the ERL that is asked about."""
    last_released: datetime | None = None
    """When a call on it ended last; ``None`` where none ever did."""

    @property
    def is_free(self) -> bool:
        """Whether nobody would miss it: no live call, no open window."""
        return not self.live and not self.windowed


@dataclass(frozen=True, slots=True)
class Choice:
    """The ELIN chosen and the rank of R3 that it was chosen by."""

    elin: Elin
    rank: int

    @property
    def is_forced(self) -> bool:
        """Whether another caller may lose their callback by it: R4 follows."""
        return self.rank in (GUARDED, REST)

    @property
    def is_overflow(self) -> bool:
        """Whether the PSAP sees the building and not the floor."""
        return self.rank == OVERFLOW


Harm = tuple[int, bool, bool, int, datetime, int, Elin]


def choose_elin(
    pool: Sequence[ElinRow],
    overflow: Sequence[ElinRow],
    uses: Mapping[Elin, ElinUse],
    caller: Caller,
    utc: datetime,
    guard: timedelta,
    prefer: Collection[Elin] = (),
) -> Choice:
    """The ELIN of least harm for ``caller`` in the ERL that owns ``pool``.

    ``overflow`` are ELINs of the same building; they come in only while free (rank 4), because a
    taken one is no better than the ERL's own and names the wrong floor as well. Only where the ERL
    owns none at all is a taken one used. ``prefer`` are the ELINs that the PIDF-LO named: they come
    first within a rank, but a named ELIN in use never wins over a free one that was not named, for
    that would force a re-use (R4).

    Raises:
        NoElin: pool and overflow are both empty.
    """
    own = [_harm(row, uses, caller, utc, guard, prefer) for row in pool]
    others = [_harm_of_overflow(row, uses, caller) for row in overflow]
    candidates = sorted(own) or []
    least = min([*candidates[:1], *others], default=None)
    if least is None:
        raise NoElin("neither the ERL nor its building has an ELIN")
    return Choice(elin=least[-1], rank=least[0])


def holds(caller: Caller, holders: Iterable[Caller]) -> bool:
    """Whether ``caller`` is among ``holders``: the same contact at the platform, not the same
    number.
    """
    return any(caller.is_same(holder) for holder in holders)


def _harm(
    row: ElinRow,
    uses: Mapping[Elin, ElinUse],
    caller: Caller,
    utc: datetime,
    guard: timedelta,
    prefer: Collection[Elin],
) -> Harm:
    """What choosing an ELIN of the ERL itself would cost, as a tuple that orders totally."""
    use = uses.get(row.id) or ElinUse(row.id)
    released = use.last_released or NEVER
    unnamed, unconfirmed = row.id not in prefer, row.ali is not AliState.CONFIRMED
    if holds(caller, use.holders):
        return (HELD, False, False, 0, released, row.rank, row.id)
    if use.is_free:
        return (FREE, unnamed, unconfirmed, 0, released, row.rank, row.id)
    if not use.live and utc - released > guard:
        return (GUARDED, unnamed, False, 0, released, row.rank, row.id)
    return (REST, False, False, use.live, released, row.rank, row.id)


def _harm_of_overflow(row: ElinRow, uses: Mapping[Elin, ElinUse], caller: Caller) -> Harm:
    """What choosing an ELIN of another ERL of the building would cost."""
    use = uses.get(row.id) or ElinUse(row.id)
    released = use.last_released or NEVER
    if holds(caller, use.holders):
        return (HELD, True, False, 0, released, row.rank, row.id)
    if use.is_free:
        unconfirmed = row.ali is not AliState.CONFIRMED
        return (OVERFLOW, False, unconfirmed, 0, released, row.rank, row.id)
    return (REST, True, False, use.live, released, row.rank, row.id)
