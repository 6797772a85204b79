"""What an operator asks and is told of test calls at the admin socket."""

from __future__ import annotations

from collections.abc import Callable

from e911.errors import InvalidNumber
from e911.numbers import Elin
from e911.snapshot import Snapshot
from e911.wire import stamp
from edge_agent.ops.admin import Command, Document
from edge_agent.ops.readbacks import LISTEN_S, OPERATOR, OVER, Readbacks, elins_of
from edge_agent.store.trunk_files import ReadbackResult

MOST_SHOWN = 1000


class ReadbackAnswers:
    """``trunk test``, ``trunk results`` and ``trunk heard``, each one question or several."""

    def __init__(
        self,
        readbacks: Readbacks,
        snapshot: Callable[[], Snapshot | None],
        now: Callable[[], float],
    ) -> None:
        self._readbacks = readbacks
        self._snapshot = snapshot
        self._now = now

    def commands(self) -> dict[str, Command]:
        """By the word that asks for it."""
        return {
            "trunk-elins": self.elins,
            "trunk-test": self.test,
            "trunk-results": self.results,
            "trunk-heard": self.heard,
        }

    def elins(self, request: Document) -> list[str]:
        """The ELINs of the trunk's branch, each of which a test may carry."""
        snapshot, trunk = self._snapshot(), _text(request, "trunk")
        found = elins_of(snapshot, trunk) if snapshot else ()
        if not found:
            known = ", ".join(sorted(snapshot.trunks)) if snapshot else ""
            raise ValueError(
                f"no ELIN is known for {trunk}; trunks of the snapshot: {known or '-'}"
            )
        return [elin.digits for elin in found]

    def test(self, request: Document) -> Document:
        """Place one test call; how it goes is asked for by ``trunk-results``."""
        trunk = _text(request, "trunk")
        try:
            elin = Elin.parse(_text(request, "elin"))
        except InvalidNumber as error:
            raise ValueError(f"elin is {error}") from error
        seconds = request.get("seconds", LISTEN_S)
        if not isinstance(seconds, int | float):
            raise ValueError("seconds must be a number")
        number = request.get("number") or self._usual_number(trunk)
        if not isinstance(number, str) or not number:
            raise ValueError(
                f"number is missing: {trunk} has no test_number in edge.toml and none in the"
                " snapshot; name the carrier's test number"
            )
        return {"id": self._readbacks.place(trunk, number, elin, float(seconds), OPERATOR)}

    def results(self, request: Document) -> list[Document]:
        """Tests, the latest last: those under way, and as many of those that are over as ``lines``
        says, or only the one named by ``id``."""
        lines = request.get("lines", 50)
        if not isinstance(lines, int) or not 1 <= lines <= MOST_SHOWN:
            raise ValueError(f"lines must be 1 to {MOST_SHOWN}")
        held = [(each, OVER) for each in self._readbacks.results]
        held += [(each.result, each.state) for each in self._readbacks.running]
        if "id" in request:
            held = [pair for pair in held if pair[0].id == request["id"]]
        return [result_document(result, state) for result, state in held[-lines:]]

    def heard(self, request: Document) -> Document:
        """The operator has listened: this number was read back."""
        id_, number = _text(request, "id"), _text(request, "number")
        return result_document(self._readbacks.judge(id_, number, self._now()), OVER)

    def _usual_number(self, trunk: str) -> str:
        """The test number of the trunk: from ``edge.toml``, else from the snapshot."""
        table, snapshot = self._readbacks.timetables.get(trunk), self._snapshot()
        rows = snapshot.test_numbers.values() if snapshot else ()
        listed = sorted(row.number for row in rows if row.trunk == trunk)
        return (table.number if table else "") or next(iter(listed), "")


def result_document(result: ReadbackResult, state: str = OVER) -> Document:
    """One test as an operator sees it: ELINs and carriers' numbers, and nobody's own."""
    return {
        "id": result.id,
        "at": stamp(result.at),
        "state": state,
        "trunk": result.trunk,
        "channel": result.channel,
        "elin": result.elin.digits,
        "number": result.number,
        "by": result.asked_by,
        "outcome": outcome(result, state),
        "recording": result.recording,
        "recorded_s": result.recorded_s,
        "connected": result.connected,
        "heard": result.heard,
        "verdict": result.verdict.value,
        "remark": result.remark,
    }


def outcome(result: ReadbackResult, state: str) -> str:
    """What came of the call in a few words."""
    if result.answered_s is not None:
        return f"answered after {result.answered_s:g} s"
    if state != OVER and result.cause is None:
        return "not answered yet"
    return "not placed" if result.cause is None else f"not answered, cause {result.cause}"


def _text(request: Document, key: str) -> str:
    value = request.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is missing")
    return value
