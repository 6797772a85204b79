"""The four transactions of RFC 3261 §17 with the Accepted state of RFC 6026: four tables and one
engine.

Nothing else assigns ``state``. A pair that is not in a table changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from edge_agent.sip.grammar import MalformedMessage
from edge_agent.sip.headers import Via
from edge_agent.sip.message import Request, Response
from edge_agent.sip.outputs import Destination, Send
from edge_agent.sip.timers import Deadlines, T, Timing, seconds


class S(Enum):
    """States of all four; which of them a transaction knows is in its table."""

    CALLING = auto()
    TRYING = auto()
    PROCEEDING = auto()
    COMPLETED = auto()
    CONFIRMED = auto()
    ACCEPTED = auto()
    TERMINATED = auto()


class In(Enum):
    """What can happen. A client hears responses, a server is given them; timers carry the names of
    the RFC.
    """

    REQUEST = auto()
    ACK = auto()
    PROVISIONAL = auto()
    SUCCESS = auto()
    FAILURE = auto()
    LOST = auto()
    """The transport says that the message did not go out."""
    TIMER_A = auto()
    TIMER_B = auto()
    TIMER_D = auto()
    TIMER_E = auto()
    TIMER_F = auto()
    TIMER_G = auto()
    TIMER_H = auto()
    TIMER_I = auto()
    TIMER_J = auto()
    TIMER_K = auto()
    TIMER_L = auto()
    TIMER_M = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """One row: where to, what goes on the wire, whether the user above hears, which timers start.

    A change of state stops every timer that is not in ``keep``.
    """

    to: S
    send: str = ""
    """``message`` is our request or latest response; ``ack`` the ACK of this transaction."""
    up: bool = False
    start: tuple[T, ...] = ()
    keep: tuple[T, ...] = ()


Table = dict[tuple[S, In], Step]

INVITE_CLIENT: Table = {  # figure 5 of RFC 6026
    (S.CALLING, In.TIMER_A): Step(S.CALLING, "message", start=(T.TIMER_A,)),
    (S.CALLING, In.TIMER_B): Step(S.TERMINATED, up=True),
    (S.CALLING, In.LOST): Step(S.TERMINATED, up=True),
    (S.CALLING, In.PROVISIONAL): Step(S.PROCEEDING, up=True),
    (S.CALLING, In.SUCCESS): Step(S.ACCEPTED, up=True, start=(T.TIMER_M,)),
    (S.CALLING, In.FAILURE): Step(S.COMPLETED, "ack", up=True, start=(T.TIMER_D,)),
    (S.PROCEEDING, In.PROVISIONAL): Step(S.PROCEEDING, up=True),
    (S.PROCEEDING, In.SUCCESS): Step(S.ACCEPTED, up=True, start=(T.TIMER_M,)),
    (S.PROCEEDING, In.FAILURE): Step(S.COMPLETED, "ack", up=True, start=(T.TIMER_D,)),
    (S.COMPLETED, In.FAILURE): Step(S.COMPLETED, "ack"),
    (S.COMPLETED, In.TIMER_D): Step(S.TERMINATED),
    (S.ACCEPTED, In.SUCCESS): Step(S.ACCEPTED, up=True),
    (S.ACCEPTED, In.TIMER_M): Step(S.TERMINATED),
}

INVITE_SERVER: Table = {  # figure 3 of RFC 6026
    (S.PROCEEDING, In.REQUEST): Step(S.PROCEEDING, "message"),
    (S.PROCEEDING, In.PROVISIONAL): Step(S.PROCEEDING, "message"),
    (S.PROCEEDING, In.SUCCESS): Step(S.ACCEPTED, "message", start=(T.TIMER_L,)),
    (S.PROCEEDING, In.FAILURE): Step(S.COMPLETED, "message", start=(T.TIMER_G, T.TIMER_H)),
    (S.COMPLETED, In.REQUEST): Step(S.COMPLETED, "message"),
    (S.COMPLETED, In.TIMER_G): Step(S.COMPLETED, "message", start=(T.TIMER_G,)),
    (S.COMPLETED, In.TIMER_H): Step(S.TERMINATED, up=True),
    (S.COMPLETED, In.ACK): Step(S.CONFIRMED, start=(T.TIMER_I,)),
    (S.CONFIRMED, In.TIMER_I): Step(S.TERMINATED),
    (S.ACCEPTED, In.SUCCESS): Step(S.ACCEPTED, "message"),
    (S.ACCEPTED, In.ACK): Step(S.ACCEPTED, up=True),
    (S.ACCEPTED, In.TIMER_L): Step(S.TERMINATED),
}

CLIENT: Table = {  # figure 6 of RFC 3261
    (S.TRYING, In.TIMER_E): Step(S.TRYING, "message", start=(T.TIMER_E,)),
    (S.TRYING, In.TIMER_F): Step(S.TERMINATED, up=True),
    (S.TRYING, In.LOST): Step(S.TERMINATED, up=True),
    (S.TRYING, In.PROVISIONAL): Step(S.PROCEEDING, up=True, keep=(T.TIMER_E, T.TIMER_F)),
    (S.TRYING, In.SUCCESS): Step(S.COMPLETED, up=True, start=(T.TIMER_K,)),
    (S.TRYING, In.FAILURE): Step(S.COMPLETED, up=True, start=(T.TIMER_K,)),
    (S.PROCEEDING, In.TIMER_E): Step(S.PROCEEDING, "message", start=(T.TIMER_E,)),
    (S.PROCEEDING, In.TIMER_F): Step(S.TERMINATED, up=True),
    (S.PROCEEDING, In.LOST): Step(S.TERMINATED, up=True),
    (S.PROCEEDING, In.PROVISIONAL): Step(S.PROCEEDING, up=True),
    (S.PROCEEDING, In.SUCCESS): Step(S.COMPLETED, up=True, start=(T.TIMER_K,)),
    (S.PROCEEDING, In.FAILURE): Step(S.COMPLETED, up=True, start=(T.TIMER_K,)),
    (S.COMPLETED, In.TIMER_K): Step(S.TERMINATED),
}

SERVER: Table = {  # figure 8 of RFC 3261
    (S.TRYING, In.PROVISIONAL): Step(S.PROCEEDING, "message"),
    (S.TRYING, In.SUCCESS): Step(S.COMPLETED, "message", start=(T.TIMER_J,)),
    (S.TRYING, In.FAILURE): Step(S.COMPLETED, "message", start=(T.TIMER_J,)),
    (S.PROCEEDING, In.REQUEST): Step(S.PROCEEDING, "message"),
    (S.PROCEEDING, In.PROVISIONAL): Step(S.PROCEEDING, "message"),
    (S.PROCEEDING, In.SUCCESS): Step(S.COMPLETED, "message", start=(T.TIMER_J,)),
    (S.PROCEEDING, In.FAILURE): Step(S.COMPLETED, "message", start=(T.TIMER_J,)),
    (S.COMPLETED, In.REQUEST): Step(S.COMPLETED, "message"),
    (S.COMPLETED, In.TIMER_J): Step(S.TERMINATED),
}

FIRST: dict[int, tuple[S, tuple[T, ...]]] = {
    id(INVITE_CLIENT): (S.CALLING, (T.TIMER_A, T.TIMER_B)),
    id(INVITE_SERVER): (S.PROCEEDING, ()),
    id(CLIENT): (S.TRYING, (T.TIMER_E, T.TIMER_F)),
    id(SERVER): (S.TRYING, ()),
}
"""The state in which each begins, and the timers that its first message starts."""


class User(Protocol):
    """The transaction user of RFC 3261 §17: what stands above and hears."""

    def on_response(self, transaction: Transaction, response: Response, now: float) -> None:
        """A response that is news."""

    def on_failure(self, transaction: Transaction, now: float) -> None:
        """Nobody answered in time, or the transport gave the message back."""


@dataclass(eq=False, slots=True)
class Transaction:
    """One request and its responses. ``table`` says which of the four kinds it is."""

    table: Table
    key: tuple[str, ...]
    request: Request
    destination: Destination
    user: User | None
    state: S
    message: bytes = b""
    ack: bytes = b""
    layer: Transactions | None = None
    starts: dict[T, int] | None = None
    lost: bool = False
    """Whether the transport gave the message back."""
    unsent: bool = False
    """Whether it never left: no connection was ever made."""

    def expired(self, timer: T, now: float) -> None:
        """A timer ran out: an input like any other."""
        assert self.layer is not None
        self.layer.feed(self, In[timer.name], now)


class Transactions:
    """All transactions of one endpoint; what goes on the wire is given to ``wire``."""

    def __init__(self, timing: Timing, deadlines: Deadlines, wire: Callable[[Send], None]) -> None:
        self._timing = timing
        self._deadlines = deadlines
        self._wire = wire
        self._all: dict[tuple[str, ...], Transaction] = {}

    def __len__(self) -> int:
        return len(self._all)

    def find(self, key: tuple[str, ...]) -> Transaction | None:
        """The transaction of that key (RFC 3261 §17.1.3, §17.2.3), if it lives."""
        return self._all.get(key)

    def serve(self, key: tuple[str, ...], request: Request, back: Destination) -> Transaction:
        """Begin a server transaction; nothing is sent yet."""
        table = INVITE_SERVER if request.method == "INVITE" else SERVER
        return self._begin(table, key, request, back, None)

    def respond(self, transaction: Transaction, response: Response, now: float) -> None:
        """Send a response within a server transaction."""
        transaction.message = response.encode()
        self.feed(transaction, _kind(response.status), now)

    def ask(
        self, key: tuple[str, ...], request: Request, to: Destination, user: User | None, now: float
    ) -> Transaction:
        """Begin a client transaction: its request goes out in this very step."""
        table = INVITE_CLIENT if request.method == "INVITE" else CLIENT
        transaction = self._begin(table, key, request, to, user)
        transaction.message = request.encode()
        self._wire(Send(transaction.message, to))
        for timer in FIRST[id(table)][1]:
            self._start(transaction, timer, now)
        return transaction

    def hear(self, transaction: Transaction, response: Response, now: float) -> None:
        """A response arrived for this client transaction."""
        if transaction.table is INVITE_CLIENT and response.status >= 300 and not transaction.ack:
            transaction.ack = ack_of(transaction.request, response).encode()
        if self.feed(transaction, _kind(response.status), now) and transaction.user is not None:
            transaction.user.on_response(transaction, response, now)

    def feed(self, transaction: Transaction, event: In, now: float) -> bool:
        """Take the row of (state, event), if there is one; tells whether the user above is to hear
        of it.
        """
        step = transaction.table.get((transaction.state, event))
        if step is None:
            return False
        if step.to is not transaction.state:
            self._enter(transaction, step)
        if step.send:
            data = transaction.ack if step.send == "ack" else transaction.message
            if data:
                self._wire(Send(data, transaction.destination))
        for timer in step.start:
            self._start(transaction, timer, now)
        given_up = step.up and step.to is S.TERMINATED
        if given_up and transaction.user is not None:
            transaction.user.on_failure(transaction, now)
        return step.up

    def lose(self, gone: Destination, now: float) -> None:
        """A connection is gone, or without a number was never made: requests on it that wait for
        their first answer come back, responses will go to the address of the Via (RFC 3261
        §18.2.2).
        """
        for transaction in [t for t in self._all.values() if _runs_on(t.destination, gone)]:
            if transaction.table is INVITE_SERVER or transaction.table is SERVER:
                transaction.destination = _way_back(transaction.request, gone)
                continue
            transaction.lost = True
            transaction.unsent = not gone.connection
            self.feed(transaction, In.LOST, now)

    def _begin(
        self,
        table: Table,
        key: tuple[str, ...],
        request: Request,
        destination: Destination,
        user: User | None,
    ) -> Transaction:
        transaction = Transaction(table, key, request, destination, user, FIRST[id(table)][0])
        transaction.layer = self
        self._all[key] = transaction
        return transaction

    def _enter(self, transaction: Transaction, step: Step) -> None:
        transaction.state = step.to
        stopped = [timer for timer in (transaction.starts or ()) if timer not in step.keep]
        self._deadlines.stop(transaction, *stopped)
        if step.to is S.TERMINATED and self._all.get(transaction.key) is transaction:
            del self._all[transaction.key]

    def _start(self, transaction: Transaction, timer: T, now: float) -> None:
        if transaction.starts is None:
            transaction.starts = {}
        count = transaction.starts.get(timer, 0)
        if timer is T.TIMER_E and transaction.state is S.PROCEEDING:
            count = 16  # RFC 3261 §17.1.2.2: at the cap from here on
        length = seconds(timer, self._timing, count, transaction.destination.is_stream)
        if length >= 0:
            transaction.starts[timer] = count + 1
            self._deadlines.start(transaction, timer, now + length)


def server_key(request: Request, branch: str, sent_by: str, method: str = "") -> tuple[str, ...]:
    """Which server transaction a request belongs to (RFC 3261 §17.2.3); an ACK belongs to its
    INVITE's.
    """
    method = method or ("INVITE" if request.method == "ACK" else request.method)
    if branch.startswith("z9hG4bK"):
        return ("server", branch, sent_by, method)
    headers = request.headers  # an element of RFC 2543 times: no unique branch
    number = headers.get("cseq").partition(" ")[0]
    return ("server", headers.get("call-id"), headers.get("from"), number, sent_by, method)


def client_key(branch: str, method: str) -> tuple[str, ...]:
    """Which client transaction a response belongs to (RFC 3261 §17.1.3)."""
    return ("client", branch, method)


def ack_of(invite: Request, response: Response) -> Request:
    """The ACK of a refusal: same branch, same Request-URI, the response's To (RFC 3261
    §17.1.1.3).
    """
    ack = Request("ACK", invite.uri)
    ack.headers.add("via", invite.headers.get("via"))
    for line in invite.headers.lines("route"):
        ack.headers.add("route", line)
    ack.headers.add("max-forwards", "70")
    ack.headers.add("from", invite.headers.get("from"))
    ack.headers.add("to", response.headers.get("to") or invite.headers.get("to"))
    ack.headers.add("call-id", invite.headers.get("call-id"))
    ack.headers.add("cseq", invite.headers.get("cseq").partition(" ")[0] + " ACK")
    return ack


def _kind(status: int) -> In:
    if status < 200:
        return In.PROVISIONAL
    return In.SUCCESS if status < 300 else In.FAILURE


def _way_back(request: Request, gone: Destination) -> Destination:
    try:
        port = Via.parse(next(iter(request.headers.all("via")), "")).port
    except MalformedMessage:
        port = None
    return Destination(gone.transport, gone.host, port or 5060)


def _runs_on(destination: Destination, gone: Destination) -> bool:
    """Whether it is the same connection; where one side has no number, the same address."""
    if destination.connection is not None and gone.connection is not None:
        return destination.connection == gone.connection
    there = (destination.transport, destination.host, destination.port)
    return there == (gone.transport, gone.host, gone.port)
