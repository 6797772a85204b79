"""The Q.921 data link of a D channel: what is handed to it arrives once and in order.

The rows are in :mod:`edge_agent.isdn.lapd_table`. Deliberate differences from Q.921:

- What was sent and not acknowledged stays queued when the link is established anew and is sent
  again, because a SETUP lost in a collision of SABMEs would be a lost emergency call; Q.931 ignores
  the repeated message (§5.8.3.2). A message that took three establishments is given up.
- A request to establish a link that works does nothing; one that meets SABMEs without an answer
  sends the next one at once (R1).
- A message leaves in its own step while a poll is out, too (R1).
- Being busy outlives an establishment: layer 3 said so, and only layer 3 takes it back.
- N200 SABMEs without an answer cost an assigned TEI at once, without verifying it: a network that
  was started anew does not know it, and does not answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from edge_agent.isdn.lapd_config import Interface, LinkConfig
from edge_agent.isdn.lapd_frame import (
    BROADCAST,
    CALL_CONTROL,
    MANAGEMENT,
    N201,
    Address,
    Frame,
    Information,
    MalformedFrame,
    Side,
    Supervisory,
    U,
    Unnumbered,
    decode,
    read_address,
)
from edge_agent.isdn.lapd_speaker import Speaker
from edge_agent.isdn.lapd_table import ASLEEP, STEPS, UNNUMBERED, UP_STATES, Act, In, State
from edge_agent.isdn.lapd_transfer import Transfer
from edge_agent.isdn.lapd_window import Window
from edge_agent.isdn.lapd_words import Deliver, Heard, LinkLost, LinkOutput, LinkUp, SendFrame
from edge_agent.isdn.tei import Tei, TeiOutput, Told, Unused
from edge_agent.isdn.tei_message import encode
from edge_agent.isdn.timers import LinkTimer
from edge_agent.leg import Discarded

__all__ = [
    "Deliver",
    "Interface",
    "Link",
    "LinkConfig",
    "LinkLost",
    "LinkOutput",
    "LinkUp",
    "SendFrame",
]

_SABME_AGAIN_S = 0.2
_TOLD = {
    Told.ASSIGNED: In.TEI_ASSIGNED,
    Told.REMOVED: In.TEI_REMOVED,
    Told.FAILED: In.TEI_FAILED,
}
_CALLS_TO_ALL = Address(CALL_CONTROL, BROADCAST)
_TEIS_TO_ALL = Address(MANAGEMENT, BROADCAST)


class Link:
    """One data link. ``tag`` names who a queued message belongs to, so that it can be withdrawn
    unsent; ``reference`` throws the dice for asking a network for a TEI, 0 to 65535.
    """

    def __init__(
        self,
        config: LinkConfig | None = None,
        side: Side = Side.USER,
        reference: Callable[[], int] | None = None,
    ) -> None:
        config = config or LinkConfig()
        self._interface = config.interface
        self._automatic = config.tei is None
        if self._automatic and (side is Side.NETWORK or reference is None):
            raise ValueError("a TEI is asked for by a user, who needs a reference for it")
        self.state = State.TEI_UNASSIGNED if self._automatic else State.TEI_ASSIGNED
        self._side = side
        self._peer = Side(1 - side)
        self._tei = Tei(config.tei, config.t202_s, config.n202, reference or (lambda: 0))
        self._window = Window(config.window)
        self._speaker = Speaker(config, side, lambda: self._tei.value)
        self._transfer = Transfer(self._window, self._speaker)
        self._last_sabme = float("-inf")
        self._acts = self._act_table()

    def _act_table(self) -> Mapping[Act, Callable[[Heard], None]]:
        speaker, transfer, tei = self._speaker, self._transfer, self._tei
        return {
            Act.SABME: self._sabme,
            Act.SABME_HURRY: self._sabme_hurry,
            Act.DISC: lambda heard: speaker.command(Unnumbered(U.DISC, final=True), heard),
            Act.UA: lambda heard: self._answer(U.UA, heard),
            Act.DM: lambda heard: self._answer(U.DM, heard),
            Act.ENQUIRE: transfer.enquire,
            Act.READINESS: transfer.respond,
            Act.STILL_BUSY: transfer.still_busy,
            Act.RESET: transfer.reset,
            Act.ACCEPT: lambda heard: transfer.accept(heard, self.state),
            Act.ACKNOWLEDGE: lambda heard: transfer.acknowledge(heard, self.state),
            Act.SUPERVISED: lambda heard: transfer.supervised(heard, self.state),
            Act.RECOVERED: transfer.recovered,
            Act.IDLE: speaker.idle,
            Act.REST: lambda heard: speaker.run(LinkTimer.REST, heard),
            Act.STOP: lambda heard: speaker.stop(),
            Act.UP: lambda heard: heard.outputs.append(LinkUp()),
            Act.LOST: lambda heard: heard.outputs.append(LinkLost(heard.why)),
            Act.ASK_TEI: lambda heard: self._heed(tei.ask(heard.now), heard),
            Act.DOUBT_TEI: lambda heard: self._heed(tei.doubt(heard.now), heard),
            Act.FORGET_TEI: lambda heard: self._heed(tei.forget(heard.now), heard),
        }

    @property
    def up(self) -> bool:
        """Whether messages can pass now."""
        return self.state in UP_STATES

    @property
    def tei(self) -> int | None:
        """Under which TEI; ``None`` where the network has not assigned one."""
        return self._tei.value

    def establish(self, now: float) -> list[LinkOutput]:
        """Make the link work; says SABME at once where it does not, or asks for a TEI to say it."""
        return self._handle(In.ESTABLISH_REQUEST, Heard(now))

    def release(self, now: float) -> list[LinkOutput]:
        """End the link in order: DISC."""
        return self._handle(In.RELEASE_REQUEST, Heard(now))

    def span_down(self, now: float) -> list[LinkOutput]:
        """Layer 1 is gone: nothing can pass until :meth:`establish`."""
        return self._handle(In.SPAN_DOWN, Heard(now))

    def set_own_busy(self, busy: bool, now: float) -> list[LinkOutput]:
        """Layer 3 takes no messages now, or does again: the peer is told by RNR, or RR (§5.6.6)."""
        if busy is self._transfer.own_busy:
            return []
        self._transfer.own_busy = busy
        return self._handle(In.OWN_BUSY if busy else In.OWN_READY, Heard(now))

    def send(self, info: bytes, tag: int, now: float) -> list[LinkOutput]:
        """Queue a layer 3 message and send what may be sent.

        An assigned TEI that sleeps is woken: the message may answer a call that was offered to all.
        """
        if len(info) > N201:
            return [Discarded("message-long")]
        self._window.put(info, tag)
        heard = Heard(now)
        if self._automatic and self.state in ASLEEP:
            return self._handle(In.ESTABLISH_REQUEST, heard)
        if self.up:
            self._transfer.pump(heard)
        return heard.outputs

    def unsent(self, tag: int) -> bool:
        """Whether a message of ``tag`` waits that never was on the wire."""
        return self._window.unsent(tag)

    def drop(self, tag: int) -> None:
        """Forget the messages of ``tag``, but for those that the peer may be acknowledging now: the
        call is over, and a late message would confuse the peer.
        """
        self._window.drop(tag, out=not self.up)

    def receive(self, data: bytes, now: float) -> list[LinkOutput]:
        """Take one frame from the wire; :meth:`settle` when its messages have been answered."""
        heard = Heard(now)
        try:
            address = read_address(data)
            if self._is_ours(address):
                return self._hear(data, heard)
            if self._side is Side.USER and address in (_CALLS_TO_ALL, _TEIS_TO_ALL):
                return self._hear_all(address, data, heard)
        except MalformedFrame as fault:
            return [Discarded(fault.reason)]
        other_service = address.sapi != CALL_CONTROL
        return [Discarded("frame-other-sapi" if other_service else "frame-other-tei")]

    def settle(self, now: float) -> list[LinkOutput]:
        """Acknowledge what no answer has acknowledged on its way (Q.921 §5.6.2.1)."""
        heard = Heard(now)
        if self._transfer.ack_owed and self.up:
            self._transfer.respond(heard)
        return heard.outputs

    def handle_timeout(self, now: float) -> list[LinkOutput]:
        """Do what is due."""
        heard = Heard(now)
        while (timer := self._speaker.expire(now)) is not None:
            self._handle(self._expired(timer), heard)
        self._heed(self._tei.handle_timeout(now), heard)
        return heard.outputs

    def next_deadline(self) -> float | None:
        """When :meth:`handle_timeout` is due; ``None`` where nothing runs."""
        due = (self._speaker.next_deadline(), self._tei.next_deadline())
        return min((at for at in due if at is not None), default=None)

    # ---- the table at work ----

    def _classify(self, frame: Frame) -> In:
        match frame:
            case Information(nr=nr):
                return In.INFORMATION if self._window.acknowledges(nr) else In.INFORMATION_BAD_NR
            case Supervisory(nr=nr, command=command, final=final):
                if not self._window.acknowledges(nr):
                    return In.BAD_NR
                return In.SUPERVISORY_F1 if final and not command else In.SUPERVISORY
            case Unnumbered(kind, final):
                return UNNUMBERED[kind, final]

    def _expired(self, timer: LinkTimer) -> In:
        if timer is not LinkTimer.T200:
            return In[f"{timer.name}_LAST"]
        if self._speaker.again:
            return In.T200_AGAIN
        return In.T200_LAST_AUTOMATIC if self._automatic else In.T200_LAST

    def _handle(self, event: In, heard: Heard) -> list[LinkOutput]:
        step = STEPS.get((self.state, event))
        if step is None:
            heard.outputs.append(Discarded(f"frame-unexpected-{_slug(event)}"))
            return heard.outputs
        heard.why = _slug(event).removesuffix("-automatic")  # silence is silence on every line
        if step.to is not self.state:
            self._speaker.tries = 0
        self.state = step.to
        for act in step.acts:
            self._acts[act](heard)
        if self.up:
            self._transfer.pump(heard)
        return heard.outputs

    def _is_ours(self, address: Address) -> bool:
        return address.sapi == CALL_CONTROL and address.tei == self._tei.value

    def _hear(self, data: bytes, heard: Heard) -> list[LinkOutput]:
        try:
            frame = decode(data, self._peer)
        except MalformedFrame as fault:
            heard.outputs.append(Discarded(fault.reason))
            return self._handle(In.BAD_FRAME, heard) if fault.rejectable else heard.outputs
        if isinstance(frame, Unnumbered) and frame.kind in (U.UI, U.XID):
            return [Discarded("frame-unused")]
        heard.frame = frame
        return self._handle(self._classify(frame), heard)

    def _hear_all(self, address: Address, data: bytes, heard: Heard) -> list[LinkOutput]:
        """What a network says to all its users: about TEIs, and the SETUP of a call to any of them
        (§5.2, §5.3).
        """
        frame = decode(data, self._peer)
        if not isinstance(frame, Unnumbered) or frame.kind is not U.UI:
            return [Discarded("frame-unused")]
        if address == _TEIS_TO_ALL:
            self._heed(self._tei.receive(frame.info, heard.now), heard)
            return heard.outputs
        if self._interface is Interface.PRIMARY:
            return [Discarded("frame-other-tei")]
        return [Deliver(frame.info, broadcast=True)]

    def _heed(self, said: list[TeiOutput], heard: Heard) -> None:
        for word in said:
            match word:
                case Told():
                    self._handle(_TOLD[word], heard)
                case Unused(reason):
                    heard.outputs.append(Discarded(reason))
                case message:
                    self._speaker.manage(encode(message), heard)

    # ---- what rows do, beside what moves messages ----

    def _sabme(self, heard: Heard) -> None:
        self._last_sabme = heard.now
        self._speaker.command(Unnumbered(U.SABME, final=True), heard)

    def _sabme_hurry(self, heard: Heard) -> None:
        """A call waits: ask again now, not when T200 is due (R1); just asked is soon enough."""
        if heard.now - self._last_sabme >= _SABME_AGAIN_S:
            self._speaker.tries = 0
            self._sabme(heard)

    def _answer(self, kind: U, heard: Heard) -> None:
        final = isinstance(heard.frame, Unnumbered) and heard.frame.final
        self._speaker.put(Unnumbered(kind, final), heard)


def _slug(event: In) -> str:
    return event.name.lower().replace("_", "-")
