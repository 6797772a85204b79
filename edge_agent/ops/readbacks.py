"""Test calls from the asking to the verdict: who asked, what the far end said, whether it was the
ELIN.

The gateway places the call and media keeps the voice; here both come together as one result. What
was read back only a person can tell: until somebody listened the verdict is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from e911.numbers import Elin, Nanp
from e911.snapshot import Snapshot
from edge_agent.gateway.outputs import Listen, ReadbackNews
from edge_agent.messages import KeepVoice, VoiceKept
from edge_agent.ops.health import Health
from edge_agent.ops.timetable import SCHEDULE, Timetable, day_due, elins_due, last_day
from edge_agent.store.trunk_files import ReadbackResult, TrunkFiles, Verdict

OPERATOR = "operator"
OVER, SAVING = "over", "saving"
"""A state of the gateway's news, and the one that follows it while media writes the recording."""
LISTEN_S = 15.0
KEPT_WITHIN_S = 3.0
"""Media has written a recording by then, or there is none."""
SHORTEST_NUMBER = 7

Place = Callable[[str, str, Elin, float], None]
"""Trunk, number, ELIN, seconds to listen; a ``ValueError`` says why no call is placed."""


@dataclass(frozen=True, slots=True)
class Running:
    """A test that is not over, or whose recording is still being written."""

    result: ReadbackResult
    state: str
    listens: bool = False
    until: float | None = None


class Readbacks:
    """The tests of one agent: under way, done, and due by themselves."""

    def __init__(
        self,
        files: TrunkFiles,
        health: Health,
        place: Place,
        utc: Callable[[], datetime],
        timetables: tuple[Timetable, ...] = (),
    ) -> None:
        self._files = files
        self._health = health
        self._place = place
        self._utc = utc
        self.timetables = {each.trunk: each for each in timetables}
        self._running: dict[str, Running] = {}
        self._asked_by = OPERATOR
        self._latest = ""
        self._seen: Snapshot | None = None
        """The snapshot in use when last looked."""
        self._days: dict[str, date] = {}
        self._turns: dict[str, list[Elin]] = {}
        """ELINs whose daily test waits for the one before it, by trunk."""

    @property
    def running(self) -> tuple[Running, ...]:
        """The tests that are under way, oldest first."""
        return tuple(self._running.values())

    @property
    def results(self) -> tuple[ReadbackResult, ...]:
        """What is known of the tests that are over, oldest first."""
        return self._files.results

    def restore(self, now: float) -> None:
        """What was found replaced before a restart is found replaced after it."""
        for each in self._judged():
            self._alarm(each, now)

    def place(self, trunk: str, number: str, elin: Elin, seconds: float, by: str) -> str:
        """Have a test call placed; returns its id.

        Raises:
            ValueError: it is not placed, and why.
        """
        self._asked_by, self._latest = by, ""
        self._place(trunk, number, elin, seconds)
        if not self._latest:
            raise ValueError("the call broke before it began: see the agent's log")
        return self._latest

    # ---- what gateway and media say ------------------------------------------------------------

    def hear(self, news: ReadbackNews, now: float) -> None:
        """How far a test has come."""
        held = self._running.get(news.call)
        if held is None:
            self._latest = news.call
            held = Running(
                ReadbackResult(
                    news.call, self._utc(), news.trunk, news.elin, news.number, self._asked_by
                ),
                news.state,
            )
        result = replace(
            held.result,
            channel=news.channel,
            answered_s=None if news.answered_s is None else round(news.answered_s, 1),
            cause=news.cause,
            connected=news.connected,
        )
        self._running[news.call] = replace(held, result=result, state=news.state)
        if news.state == OVER and held.listens:
            saving = replace(held, result=result, state=SAVING, until=now + KEPT_WITHIN_S)
            self._running[news.call] = saving
        elif news.state == OVER:
            self._finish(news.call)

    def listen(self, order: Listen) -> KeepVoice:
        """What media is told to keep, and where."""
        held = self._running.get(order.call)
        if held is not None:
            self._running[order.call] = replace(held, listens=True)
        path = self._files.recordings / f"{order.call}.wav"
        return KeepVoice(order.call, order.leg, str(path), order.seconds)

    def kept(self, message: VoiceKept) -> None:
        """Media has written a recording, or could not; one that comes late is kept all the same."""
        held = self._running.get(message.call)
        if held is None:
            late = self._result(message.call)
            if late is not None and not late.recording:
                self._files.put(self._with_recording(late, message))
            return
        result = self._with_recording(held.result, message)
        self._running[message.call] = replace(held, result=result, listens=False)
        if held.state == SAVING:
            self._finish(message.call)

    def _with_recording(self, result: ReadbackResult, message: VoiceKept) -> ReadbackResult:
        if message.seconds:
            return replace(result, recording=message.path, recorded_s=message.seconds, remark="")
        if message.path:
            self._files.discard(message.path)
        return replace(result, remark=f"no recording: {message.why or 'nothing was heard'}")

    # ---- the verdict ---------------------------------------------------------------------------

    def judge(self, id_: str, number: str, now: float) -> ReadbackResult:
        """An operator has listened: this number was read back.

        Raises:
            ValueError: there is no such test, or that is no number.
        """
        held = self._result(id_)
        if held is None:
            raise ValueError(f"{id_} is no test that is over: `trunk results` names them")
        found = Nanp.read(number)
        heard = found.digits if found else "".join(c for c in number if c in "0123456789")
        if len(heard) < SHORTEST_NUMBER:
            raise ValueError(f"a number of {SHORTEST_NUMBER} digits or more was read back")
        verdict = Verdict.MATCHES if held.elin.digits.endswith(heard) else Verdict.REPLACED
        judged = replace(held, heard=heard, verdict=verdict)
        self._files.put(judged)
        self._alarm(judged, now)
        return judged

    def _judged(self) -> Iterable[ReadbackResult]:
        """The latest verdict on each ELIN of each trunk."""
        known = (each for each in self.results if each.verdict is not Verdict.UNKNOWN)
        return {(each.trunk, each.elin): each for each in known}.values()

    def _forget_what_is_gone(self, snapshot: Snapshot, now: float) -> None:
        """An ELIN or a trunk that is no more cannot be tested again: its alarm is over."""
        self._seen = snapshot
        for each in self._judged():
            if each.elin not in snapshot.elins or each.trunk not in snapshot.trunks:
                self._health.clear_alarm("elin-replaced", now, _subject(each))

    def _alarm(self, judged: ReadbackResult, now: float) -> None:
        subject = _subject(judged)
        if judged.verdict is Verdict.MATCHES:
            self._health.clear_alarm("elin-replaced", now, subject)
        else:
            detail = f"read back as {judged.heard}"
            self._health.raise_alarm("elin-replaced", now, subject, detail)

    # ---- by themselves -------------------------------------------------------------------------

    def look(self, snapshot: Snapshot | None, now: float) -> None:
        """Once a second: recordings that do not come, and tests that are due."""
        for id_, held in list(self._running.items()):
            if held.until is not None and now >= held.until:
                remark = held.result.remark or "no recording: media did not answer"
                self._running[id_] = replace(held, result=replace(held.result, remark=remark))
                self._finish(id_)
        if snapshot is not None and snapshot is not self._seen:
            self._forget_what_is_gone(snapshot, now)
        if snapshot is not None:
            for timetable in self.timetables.values():
                self._look_at(timetable, snapshot)

    def _look_at(self, table: Timetable, snapshot: Snapshot) -> None:
        if not table.at or not table.number:
            return
        zone, trunk = snapshot.branch.zone, table.trunk
        last = self._days.get(trunk) or last_day(self.results, trunk, zone)
        day = day_due(self._utc(), zone, table.at, last)
        if day is not None:
            self._days[trunk] = day
            elins = elins_of(snapshot, trunk)
            due = elins_due(elins, self.results, trunk, every=table.every_elin)
            self._turns[trunk] = list(due)
        if self._turns.get(trunk) and not self._is_testing(trunk):
            self._take_turn(table, self._turns[trunk].pop(0))

    def _take_turn(self, table: Timetable, elin: Elin) -> None:
        """A trunk that is busy is left alone until the next night: that it was is the result."""
        try:
            self.place(table.trunk, table.number, elin, LISTEN_S, SCHEDULE)
        except ValueError as refusal:
            self._turns[table.trunk].clear()
            at, remark = self._utc(), f"skipped: {refusal}"
            id_ = f"{table.trunk}-{elin.digits}-{at:%Y%m%d}"
            self._files.put(
                ReadbackResult(id_, at, table.trunk, elin, table.number, SCHEDULE, remark=remark)
            )

    def _is_testing(self, trunk: str) -> bool:
        return any(held.result.trunk == trunk for held in self._running.values())

    def _result(self, id_: str) -> ReadbackResult | None:
        return next((each for each in self.results if each.id == id_), None)

    def _finish(self, id_: str) -> None:
        self._files.put(self._running.pop(id_).result)


def _subject(result: ReadbackResult) -> str:
    return f"{result.trunk}/{result.elin.digits}"


def elins_of(snapshot: Snapshot, trunk: str) -> tuple[Elin, ...]:
    """The ELINs of the branch that has the trunk."""
    row = snapshot.trunks.get(trunk)
    branch = row.branch if row else ""
    return tuple(sorted(elin for elin, each in snapshot.elins.items() if each.branch == branch))
