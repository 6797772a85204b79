"""The Q.921 data link of a primary rate D channel, user side: what is handed to it arrives once and
in order.

The rows are in :mod:`edge_agent.isdn.lapd_table`. One deliberate difference from Q.921: what was
sent and not acknowledged stays queued when the link is established anew and is sent again, because
a SETUP lost in a collision of SABMEs would be a lost emergency call; Q.931 ignores the repeated
message (§5.8.3.2).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from edge_agent.isdn.lapd_frame import (
    MODULUS,
    Frame,
    Information,
    MalformedFrame,
    S,
    Side,
    Supervisory,
    U,
    Unnumbered,
    decode,
    encode,
)
from edge_agent.isdn.lapd_table import STEPS, UNNUMBERED, UP_STATES, Act, In, State
from edge_agent.isdn.timers import Deadlines, LinkTimer, check

_SABME_AGAIN_S = 0.2


@dataclass(frozen=True, slots=True)
class SendFrame:
    """Write this on the D channel; flags and FCS are the driver's."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Discarded:
    """Something from the wire was not used; ``reason`` is a slug that is counted."""

    reason: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """A layer 3 message arrived, once and in order."""

    info: bytes


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The link is established; also said when the peer established a working link anew."""


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The link does not carry messages now; ``why`` names the input that said so."""

    why: str


LinkOutput = SendFrame | Discarded | Deliver | LinkUp | LinkLost


@dataclass(frozen=True, slots=True)
class LinkConfig:
    """Parameters of the link (Q.921 §5.9); the defaults are those of a primary rate interface."""

    t200_s: float = LinkTimer.T200.value.seconds
    t203_s: float = LinkTimer.T203.value.seconds
    rest_s: float = LinkTimer.REST.value.seconds
    n200: int = 3
    window: int = 7

    def __post_init__(self) -> None:
        check(LinkTimer.T200, self.t200_s)
        check(LinkTimer.T203, self.t203_s)
        check(LinkTimer.REST, self.rest_s)
        if not 1 <= self.n200 <= 10:
            raise ValueError(f"n200 is {self.n200}; it must be 1 to 10")
        if not 1 <= self.window < MODULUS:
            raise ValueError(f"window is {self.window}; it must be 1 to {MODULUS - 1}")


@dataclass(slots=True)
class _Item:
    info: bytes
    tag: int
    sent: bool = False


@dataclass(slots=True)
class _Heard:
    """What the acts of one row work on."""

    now: float
    frame: Frame | None = None
    why: str = ""
    outputs: list[LinkOutput] = field(default_factory=list)


class Link:
    """One data link. ``tag`` names who a queued message belongs to, so that it can be withdrawn
    unsent.
    """

    def __init__(self, config: LinkConfig | None = None, side: Side = Side.USER) -> None:
        self.state = State.RELEASED
        self._config = config or LinkConfig()
        self._side = side
        self._peer = Side(1 - side)
        self._due: Deadlines[LinkTimer] = Deadlines()
        self._queue: deque[_Item] = deque()
        self._window: deque[_Item] = deque()
        self._vs = self._va = self._vr = 0
        self._tries = 0
        self._last_sabme = float("-inf")
        self._peer_busy = self._rejected = self._ack_owed = False
        self._acts: Mapping[Act, Callable[[_Heard], None]] = {
            Act.SABME: self._sabme,
            Act.SABME_HURRY: self._sabme_hurry,
            Act.DISC: self._disc,
            Act.UA: lambda heard: self._answer(U.UA, heard),
            Act.DM: lambda heard: self._answer(U.DM, heard),
            Act.ENQUIRE: self._enquire,
            Act.RESET: self._reset,
            Act.RECEIVE_I: self._receive_information,
            Act.RECEIVE_S: self._receive_supervisory,
            Act.RECOVERED: self._recovered,
            Act.IDLE: self._idle,
            Act.REST: self._rest,
            Act.STOP: lambda heard: self._due.stop_all(),
            Act.UP: lambda heard: heard.outputs.append(LinkUp()),
            Act.LOST: lambda heard: heard.outputs.append(LinkLost(heard.why)),
        }

    @property
    def up(self) -> bool:
        """Whether messages can pass now."""
        return self.state in UP_STATES

    def establish(self, now: float) -> list[LinkOutput]:
        """Make the link work; says SABME at once where it does not."""
        return self._handle(In.ESTABLISH_REQUEST, _Heard(now))

    def release(self, now: float) -> list[LinkOutput]:
        """End the link in order: DISC."""
        return self._handle(In.RELEASE_REQUEST, _Heard(now))

    def span_down(self, now: float) -> list[LinkOutput]:
        """Layer 1 is gone: nothing can pass until :meth:`establish`."""
        return self._handle(In.SPAN_DOWN, _Heard(now))

    def send(self, info: bytes, tag: int, now: float) -> list[LinkOutput]:
        """Queue a layer 3 message and send what may be sent."""
        self._queue.append(_Item(info, tag))
        heard = _Heard(now)
        self._pump(heard)
        return heard.outputs

    def unsent(self, tag: int) -> bool:
        """Whether a message of ``tag`` waits that never was on the wire."""
        return any(item.tag == tag and not item.sent for item in self._queue)

    def withdraw(self, tag: int) -> None:
        """Forget the messages of ``tag`` that never were on the wire."""
        self._queue = deque(item for item in self._queue if item.tag != tag or item.sent)

    def drop(self, tag: int) -> None:
        """Forget every message of ``tag``: its call is over, and a late message would confuse the
        peer.
        """
        self._queue = deque(item for item in self._queue if item.tag != tag)
        if not self.up:
            self._window = deque(item for item in self._window if item.tag != tag)

    def receive(self, data: bytes, now: float) -> list[LinkOutput]:
        """Take one frame from the wire; :meth:`settle` when its messages have been answered."""
        heard = _Heard(now)
        try:
            heard.frame = decode(data, self._peer)
        except MalformedFrame as fault:
            heard.outputs.append(Discarded(fault.reason))
            if not fault.rejectable:
                return heard.outputs
            event = In.BAD_FRAME
        else:
            event = self._classify(heard.frame)
        return self._handle(event, heard)

    def settle(self, now: float) -> list[LinkOutput]:
        """Acknowledge what no answer has acknowledged on its way (Q.921 §5.6.2.1)."""
        if not self._ack_owed or not self.up:
            return []
        heard = _Heard(now)
        self._supervise(heard, S.RR, command=False)
        return heard.outputs

    def handle_timeout(self, now: float) -> list[LinkOutput]:
        """Do what is due."""
        outputs: list[LinkOutput] = []
        while (timer := self._due.expire(now)) is not None:
            again = timer is LinkTimer.T200 and self._tries <= self._config.n200
            event = In[f"{timer.name}_{'AGAIN' if again else 'LAST'}"]
            outputs += self._handle(event, _Heard(now))
        return outputs

    def next_deadline(self) -> float | None:
        """When :meth:`handle_timeout` is due; ``None`` where nothing runs."""
        return self._due.next_deadline()

    # ---- the table at work ----

    def _classify(self, frame: Frame) -> In:
        match frame:
            case Information(nr=nr):
                return In.INFORMATION if self._acknowledges(nr) else In.BAD_NR
            case Supervisory(nr=nr, command=command, final=final):
                if not self._acknowledges(nr):
                    return In.BAD_NR
                return In.SUPERVISORY_F1 if final and not command else In.SUPERVISORY
            case Unnumbered(kind, final):
                return UNNUMBERED.get((kind, final), In.BAD_FRAME)

    def _acknowledges(self, nr: int) -> bool:
        """V(A) <= N(R) <= V(S), modulo 128 (Q.921 §5.8.1)."""
        return (nr - self._va) % MODULUS <= (self._vs - self._va) % MODULUS

    def _handle(self, event: In, heard: _Heard) -> list[LinkOutput]:
        if isinstance(heard.frame, Unnumbered) and heard.frame.kind in (U.UI, U.XID):
            return [*heard.outputs, Discarded("frame-unused")]
        step = STEPS.get((self.state, event))
        if step is None:
            return [*heard.outputs, Discarded(f"frame-unexpected-{_slug(event)}")]
        heard.why = _slug(event)
        if step.to is not self.state:
            self._tries = 0
        self.state = step.to
        for act in step.acts:
            self._acts[act](heard)
        self._pump(heard)
        return heard.outputs

    def _put(self, frame: Frame, heard: _Heard) -> None:
        heard.outputs.append(SendFrame(encode(frame, self._side)))

    def _run(self, timer: LinkTimer, seconds: float, now: float) -> None:
        """T200 and T203 never run together (Q.921 §5.9.8)."""
        self._due.stop_all()
        self._due.start(timer, now + seconds)

    def _command(self, frame: Frame, heard: _Heard) -> None:
        self._put(frame, heard)
        self._tries += 1
        self._run(LinkTimer.T200, self._config.t200_s, heard.now)

    def _sabme(self, heard: _Heard) -> None:
        self._last_sabme = heard.now
        self._command(Unnumbered(U.SABME, final=True), heard)

    def _sabme_hurry(self, heard: _Heard) -> None:
        """A call waits: ask again now, not when T200 is due (R1); just asked is soon enough."""
        if heard.now - self._last_sabme >= _SABME_AGAIN_S:
            self._tries = 0
            self._sabme(heard)

    def _disc(self, heard: _Heard) -> None:
        self._command(Unnumbered(U.DISC, final=True), heard)

    def _answer(self, kind: U, heard: _Heard) -> None:
        final = isinstance(heard.frame, Unnumbered) and heard.frame.final
        self._put(Unnumbered(kind, final), heard)

    def _enquire(self, heard: _Heard) -> None:
        self._command(Supervisory(S.RR, self._vr, command=True, final=True), heard)
        self._ack_owed = False

    def _supervise(self, heard: _Heard, kind: S, *, command: bool, final: bool = False) -> None:
        self._put(Supervisory(kind, self._vr, command, final), heard)
        self._ack_owed = False

    def _reset(self, heard: _Heard) -> None:
        self._rewind()
        self._vs = self._va = self._vr = 0
        self._peer_busy = self._rejected = self._ack_owed = False

    def _rewind(self) -> None:
        """Put what is not acknowledged back in front of the queue."""
        self._queue.extendleft(reversed(self._window))
        self._window.clear()
        self._vs = self._va

    def _idle(self, heard: _Heard) -> None:
        self._tries = 0
        self._run(LinkTimer.T203, self._config.t203_s, heard.now)

    def _rest(self, heard: _Heard) -> None:
        self._run(LinkTimer.REST, self._config.rest_s, heard.now)

    def _receive_information(self, heard: _Heard) -> None:
        frame = heard.frame
        assert isinstance(frame, Information)
        expected = frame.ns == self._vr
        if not expected:
            heard.outputs.append(Discarded("frame-out-of-sequence"))
        if expected:
            self._vr = (self._vr + 1) % MODULUS
            self._rejected = False
            self._ack_owed = True
            heard.outputs.append(Deliver(frame.info))
            if frame.poll:
                self._supervise(heard, S.RR, command=False, final=True)
        elif not self._rejected:
            self._rejected = True
            self._supervise(heard, S.REJ, command=False, final=frame.poll)
        elif frame.poll:
            self._supervise(heard, S.RR, command=False, final=True)
        self._acknowledge(frame.nr, heard)

    def _receive_supervisory(self, heard: _Heard) -> None:
        frame = heard.frame
        assert isinstance(frame, Supervisory)
        self._peer_busy = frame.kind is S.RNR
        if frame.command and frame.final:
            self._supervise(heard, S.RR, command=False, final=True)
        self._acknowledge(frame.nr, heard)
        if self.state is State.ESTABLISHED and self._peer_busy:
            self._tries = 0
            self._run(LinkTimer.T200, self._config.t200_s, heard.now)
        elif self.state is State.ESTABLISHED and frame.kind is S.REJ:
            self._rewind()
            self._idle(heard)

    def _acknowledge(self, nr: int, heard: _Heard) -> None:
        progress = self._va != nr
        while self._va != nr:
            self._window.popleft()
            self._va = (self._va + 1) % MODULUS
        if self.state is not State.ESTABLISHED or self._peer_busy:
            return
        if not self._window:
            self._idle(heard)
        elif progress:
            self._run(LinkTimer.T200, self._config.t200_s, heard.now)

    def _recovered(self, heard: _Heard) -> None:
        self._tries = 0
        self._rewind()
        if not self._peer_busy:
            self._idle(heard)

    def _pump(self, heard: _Heard) -> None:
        while self._may_send():
            item = self._queue.popleft()
            item.sent = True
            self._window.append(item)
            self._put(Information(self._vs, self._vr, item.info), heard)
            self._vs = (self._vs + 1) % MODULUS
            self._ack_owed = False
            if not self._due.runs(LinkTimer.T200):
                self._run(LinkTimer.T200, self._config.t200_s, heard.now)

    def _may_send(self) -> bool:
        """While a poll is out too, where the SDL would wait for its answer.

        A SETUP leaves in its own step (R1); at worst the peer rejects a frame that comes twice.
        """
        room = len(self._window) < self._config.window
        return self.up and not self._peer_busy and room and bool(self._queue)


def _slug(event: In) -> str:
    return event.name.lower().replace("_", "-")
