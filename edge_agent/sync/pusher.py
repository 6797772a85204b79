"""Records on their way up: in batches, again and again until each is taken or set aside (R12).

A core that sends nothing itself. A reply that is lost repeats the batch, which changes nothing in
the cloud; a record that the cloud refuses for good is kept in a file of its own, with an alarm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from e911.wire import Document
from edge_agent.store.outbox import Batch, Position

MOST_AT_ONCE = 25
IDLE_S = 30.0
"""How often the outbox is looked into although nobody said that it has grown."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
TRIES_BEFORE_ALARM = 3
SPREAD = 0.25
STUCK = "records-waiting"
REFUSED = "records-refused"
DAMAGED = "outbox-damaged"
FOR_GOOD = frozenset({400, 413, 422})
"""HTTP answers that will be the same next time."""


# ---- outputs ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """Read up to ``most`` records of the outbox and hand them in."""

    most: int


@dataclass(frozen=True, slots=True)
class Post:
    """Send these records; then say :class:`Posted` or :class:`Unposted`."""

    records: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class SetAside:
    """Keep these where an operator finds them: the cloud will never take them."""

    records: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Settle:
    """Everything up to here is delivered or set aside."""

    upto: Position


@dataclass(frozen=True, slots=True)
class Condition:
    """An alarm to raise (``active``) or to clear."""

    slug: str
    active: bool
    detail: str = ""


Output = ReadBatch | Post | SetAside | Settle | Condition


# ---- inputs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Posted:
    """The cloud answered: ids that it took, and ids that it refused with the reason."""

    taken: frozenset[str]
    refused: dict[str, str]


@dataclass(frozen=True, slots=True)
class Unposted:
    """It did not take the batch; ``status`` is 0 where nobody answered."""

    why: str
    status: int = 0


Reply = Batch | Posted | Unposted


class Pusher:
    """One batch at a time."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._due: float | None = 0.0
        self._most = MOST_AT_ONCE
        self._batch = Batch((), None)
        self._failures = 0
        self._grown = False

    def handle_timeout(self, now: float) -> list[Output]:
        """Look into the outbox, if it is time to."""
        if self._due is None or now < self._due:
            return []
        self._due = None
        self._grown = False
        return [ReadBatch(self._most)]

    def next_deadline(self) -> float | None:
        """When :meth:`handle_timeout` wants to be called; ``None`` while a batch is on its way."""
        return self._due

    def handle(self, request: object, now: float) -> list[Output]:
        """The outbox has grown. While the cloud is away this does not make us ask more often."""
        self._grown = True
        if self._due is not None and self._failures == 0:
            self._due = now
        return self.handle_timeout(now)

    def receive(self, reply: Reply, now: float) -> list[Output]:
        """A batch was read, or what became of it."""
        match reply:
            case Batch():
                return self._read(reply, now)
            case Posted(taken, refused):
                return self._posted(taken, refused, now)
            case Unposted(why, status):
                return self._unposted(why, status, now)

    def _read(self, batch: Batch, now: float) -> list[Output]:
        self._batch = batch
        said: list[Output] = []
        if batch.faults:
            said.append(Condition(DAMAGED, True, f"{batch.faults} lines hold no record"))
        if batch.records:
            return [*said, Post(batch.records)]
        self._due = now if self._grown else now + IDLE_S
        return said

    def _posted(self, taken: frozenset[str], refused: dict[str, str], now: float) -> list[Output]:
        ids = [str(record.get("id")) for record in self._batch.records]
        if any(each not in taken and each not in refused for each in ids):
            return self._unposted("the answer does not name every record", 0, now)
        aside = tuple(
            {**record, "refused": refused[str(record["id"])]}
            for record in self._batch.records
            if str(record.get("id")) in refused
        )
        self._most = min(self._most * 2, MOST_AT_ONCE)
        return self._settle(aside, now)

    def _unposted(self, why: str, status: int, now: float) -> list[Output]:
        if status in FOR_GOOD and len(self._batch.records) > 1:
            # One of them is bad: alone it will be found.
            self._most = 1
            self._due = now
            return []
        if status in FOR_GOOD:
            record = {**self._batch.records[0], "refused": why}
            return self._settle((record,), now)
        # A batch that takes the cloud longer than we wait would else be repeated whole for ever.
        self._most = max(1, self._most // 2)
        self._failures += 1
        pause = min(FIRST_PAUSE_S * 2 ** (self._failures - 1), LONGEST_PAUSE_S)
        self._due = now + pause * (1 + self._jitter() * SPREAD)
        return [Condition(STUCK, True, why)] if self._failures >= TRIES_BEFORE_ALARM else []

    def _settle(self, aside: tuple[Document, ...], now: float) -> list[Output]:
        assert self._batch.upto is not None, "a batch with records has an end"
        said: list[Output] = []
        if aside:
            said = [SetAside(aside), Condition(REFUSED, True, f"{len(aside)} set aside")]
        self._failures = 0
        self._due = now
        return [*said, Settle(self._batch.upto), Condition(STUCK, False)]
