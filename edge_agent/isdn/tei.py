"""Under which TEI a link talks: fixed, or asked of the network and given up when it says so
(Q.921 §5.3), user side.

The rows are in :mod:`edge_agent.isdn.tei_table`. One addition: a request that waits for its answer
is repeated at once when a call waits for it (R1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from edge_agent.deadlines import Deadlines
from edge_agent.isdn.lapd_frame import BROADCAST, MalformedFrame
from edge_agent.isdn.tei_message import MOST_REFERENCE, Kind, TeiMessage, decode
from edge_agent.isdn.tei_table import STEPS, Act, Hold, In
from edge_agent.isdn.timers import LinkTimer

_LEAST_ASSIGNED, _MOST_ASSIGNED = 64, 126
_REQUEST_AGAIN_S = 0.2


class Told(Enum):
    """What the link has to know (MDL-ASSIGN, MDL-REMOVE, MDL-ERROR)."""

    ASSIGNED = auto()
    REMOVED = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Unused:
    """A message of the network's that does not concern us, or that nobody can read."""

    reason: str


TeiOutput = TeiMessage | Told | Unused


class Tei:
    """The TEI of one link. ``reference`` throws the dice for Ri: 0 to 65535."""

    def __init__(
        self, fixed: int | None, t202_s: float, n202: int, reference: Callable[[], int]
    ) -> None:
        self.value = fixed
        """The TEI; ``None`` where there is none."""
        self.hold = Hold.NONE if fixed is None else Hold.FIXED
        self._t202_s = t202_s
        self._n202 = n202
        self._reference = reference
        self._due: Deadlines[LinkTimer] = Deadlines()
        self._tries = 0
        self._asked: int | None = None
        self._asked_at = float("-inf")
        self._acts: Mapping[Act, Callable[[TeiMessage | None, float], list[TeiOutput]]] = {
            Act.REQUEST: lambda heard, now: self._request(now),
            Act.REQUEST_HURRY: lambda heard, now: self._request_hurry(now),
            Act.VERIFY: lambda heard, now: self._verify(now),
            Act.RESPOND: lambda heard, now: [self._say(Kind.CHECK_RESPONSE, self._ri())],
            Act.TAKE: lambda heard, now: self._take(heard),
            Act.DROP: lambda heard, now: self._take(None),
            Act.TELL_ASSIGNED: lambda heard, now: [Told.ASSIGNED],
            Act.TELL_REMOVED: lambda heard, now: [Told.REMOVED],
            Act.TELL_FAILED: lambda heard, now: [Told.FAILED],
        }

    def ask(self, now: float) -> list[TeiOutput]:
        """The link needs a TEI."""
        return self._handle(In.ASK, now)

    def doubt(self, now: float) -> list[TeiOutput]:
        """The link heard what only a second user of the same TEI explains (§5.3.5)."""
        return self._handle(In.DOUBT, now)

    def forget(self, now: float) -> list[TeiOutput]:
        """The network does not know the TEI, or nobody needs one any more."""
        return self._handle(In.FORGET, now)

    def receive(self, info: bytes, now: float) -> list[TeiOutput]:
        """Take the information field of a UI frame to all users."""
        try:
            heard = decode(info)
        except MalformedFrame as fault:
            return [Unused(fault.reason)]
        event = self._classify(heard)
        if event is None or (self.hold, event) not in STEPS:
            return [Unused("tei-unused")]
        return self._handle(event, now, heard)

    def handle_timeout(self, now: float) -> list[TeiOutput]:
        """Do what is due."""
        outputs: list[TeiOutput] = []
        while self._due.expire(now) is not None:
            again = self._tries < self._n202
            outputs += self._handle(In.T202_AGAIN if again else In.T202_LAST, now)
        return outputs

    def next_deadline(self) -> float | None:
        """When :meth:`handle_timeout` is due; ``None`` where nothing runs."""
        return self._due.next_deadline()

    def _classify(self, heard: TeiMessage) -> In | None:
        ours = heard.tei in (BROADCAST, self.value)
        match heard.kind:
            case Kind.ASSIGNED if heard.reference == self._asked:
                assignable = _LEAST_ASSIGNED <= heard.tei <= _MOST_ASSIGNED
                return In.ASSIGNED if assignable else None
            case Kind.ASSIGNED:
                return In.ASSIGNED_TO_ANOTHER if heard.tei == self.value else None
            case Kind.DENIED:
                return In.DENIED if heard.reference == self._asked else None
            case Kind.CHECK_REQUEST:
                return In.CHECK_REQUEST if ours else None
            case Kind.REMOVE:
                return In.REMOVE if ours else None
            case _:
                return None

    def _handle(self, event: In, now: float, heard: TeiMessage | None = None) -> list[TeiOutput]:
        step = STEPS.get((self.hold, event))
        if step is None:
            return []
        if step.to is not self.hold:
            self._due.stop_all()
            self._tries = 0
        self.hold = step.to
        return [output for act in step.acts for output in self._acts[act](heard, now)]

    def _request(self, now: float) -> list[TeiOutput]:
        self._asked, self._asked_at = self._ri(), now
        self._await(now)
        return [TeiMessage(Kind.REQUEST, self._asked, BROADCAST)]

    def _request_hurry(self, now: float) -> list[TeiOutput]:
        if now - self._asked_at < _REQUEST_AGAIN_S:
            return []
        self._tries = 0
        return self._request(now)

    def _verify(self, now: float) -> list[TeiOutput]:
        self._await(now)
        return [self._say(Kind.VERIFY, 0)]

    def _await(self, now: float) -> None:
        self._tries += 1
        self._due.start(LinkTimer.T202, now + self._t202_s)

    def _take(self, heard: TeiMessage | None) -> list[TeiOutput]:
        self.value = None if heard is None else heard.tei
        return []

    def _say(self, kind: Kind, reference: int) -> TeiMessage:
        assert self.value is not None
        return TeiMessage(kind, reference, self.value)

    def _ri(self) -> int:
        return self._reference() & MOST_REFERENCE
