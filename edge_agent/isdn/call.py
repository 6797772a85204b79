"""One Q.931 call: applies the table's rows, runs the call's timers and turns rows into messages and
leg words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from e911.numbers import Caller
from edge_agent.deadlines import Deadlines
from edge_agent.isdn import elements
from edge_agent.isdn.call_table import USER
from edge_agent.isdn.call_words import CLEARING, FROM_PEER, In, Say, Step, Table, U
from edge_agent.isdn.elements import PRIMARY, Access, Cause, Element
from edge_agent.isdn.messages import M, Message
from edge_agent.isdn.timers import Seconds, T
from edge_agent.leg import (
    Alerting,
    Answered,
    BearerMedia,
    ChannelMoved,
    Cleared,
    Discarded,
    Law,
    LegEvent,
    LegId,
    MediaChanged,
    Offered,
    Proceeding,
    Progress,
    SeizeTrunk,
)

NORMAL_CLEARING = 16

_OWN_CAUSES: Mapping[In, int] = {
    In.T301_LAST: 19,
    In.T303_LAST: 102,
    In.T303_LAST_UNSENT: 27,
    In.T304_LAST: 102,
    In.T308_LAST: 102,
    In.T309_LAST: 27,
    In.T310_LAST: 102,
    In.T313_LAST: 102,
    In.T322_LAST: 41,
    In.CHANNEL_UNUSABLE: 6,
    In.STATUS_INCOMPATIBLE: 101,
    In.STATUS_NULL: 41,
    In.RESTARTED: 41,
}
"""Why a call ends where nobody says why (Q.850)."""

_REPEATS = frozenset(
    {In.T303_AGAIN, In.T303_AGAIN_UNSENT, In.T308_AGAIN, In.T322_AGAIN, In.REFUSED_EARLY}
)
_LOST = frozenset({In.T309_LAST, In.STATUS_NULL, In.RESTARTED})
"""The network has no such call any more, and nobody in it ended the call."""
_SAID_BEFORE = frozenset({In.T303_AGAIN, In.REFUSED_EARLY, In.CHANNEL_REFUSED})
"""Inputs that make a second SETUP: a first one was on the wire."""
_UNSENT = frozenset({In.CLEAR_UNSENT, In.T303_LAST_UNSENT})
_DIGITS = frozenset({In.SETUP, In.SETUP_PARTIAL, In.INFORMATION, In.NUMBER_COMPLETE})
_MESSAGE_NOT_EXPECTED = 101
_NOT_FAILURES = frozenset({103, 127})
"""Causes in a PROGRESS that only tell how the call is routed."""
_REPLIES = frozenset({M.SETUP_ACK, M.CALL_PROCEEDING, M.ALERTING, M.CONNECT})
_SAY_WHY = frozenset({M.DISCONNECT, M.RELEASE, M.RELEASE_COMPLETE})
_NOBODY = Caller("")


@dataclass(frozen=True, slots=True)
class Detail:
    """What came with an input: read from a message, or given by the gateway."""

    cause: Cause | None = None
    channel: int | None = None
    in_band: bool = False
    dialled: str = ""
    complete: bool = False
    """Sending complete: no digit follows."""
    connected: str = ""
    """The digits of the Connected number: who answered, where the network says so."""
    fault: Cause | None = None
    """What was wrong with the message (§5.8.6), to be said in the answer to it."""


@dataclass(frozen=True, slots=True)
class Party:
    """What a call is, from its first message to its last."""

    leg: LegId
    ours: bool
    """True where we sent the SETUP."""
    trunk: str
    span: str
    law: Law
    setup: tuple[Element, ...] = ()
    """What our SETUP says."""
    digits: tuple[Element, ...] = ()
    """What our INFORMATION says once the peer asks for it: the digits that SETUP did not."""
    request: SeizeTrunk | None = None
    """What the gateway asked for, where we sent the SETUP."""
    caller: Caller = _NOBODY
    """Who calls, where the peer sent the SETUP."""
    access: Access = PRIMARY


CallOutput = Message | LegEvent | Discarded
NOTHING = Detail()
"""An input that came with nothing."""


class Call:
    """One call reference and its leg. Nothing outside :meth:`feed` assigns ``state``."""

    def __init__(
        self, party: Party, reference: int, channel: int, seconds: Seconds, table: Table = USER
    ) -> None:
        self.state = U.NULL
        self.party = party
        self.reference = reference
        """Changed only by the trunk, for a SETUP that is sent under a new one."""
        self.channel = channel
        self.attempts = 1
        """References that the call has had: a SETUP refused early or for its channel is sent
        again.
        """
        self.repeated = False
        """Whether a second SETUP was made: the first had been on the wire."""
        self.dialled = ""
        """The called digits so far, of a call from the peer."""
        self.in_band = False
        """Whether the peer was told of tones on the channel."""
        self._table = table
        self._seconds = seconds
        self._due: Deadlines[T] = Deadlines()
        self._starts: dict[T, int] = {}
        self._cause: Cause | None = None
        self._known = party.ours
        """Whether the gateway knows the leg."""
        self._cleared = False
        asked = None if party.request is None else party.request.channel
        self._told_channel = asked if party.ours else channel
        self._told_media: int | None = None
        self._replied = party.ours

    @property
    def clearing(self) -> bool:
        """Whether the call is over but for its reference: its channel may be had where none is
        free.
        """
        return self.state in CLEARING

    @property
    def unconfirmed(self) -> bool:
        """Whether the peer has not yet answered our SETUP: its channel is only a wish."""
        return self.state is self._table.unanswered and self.party.ours

    @property
    def movable(self) -> bool:
        """Whether an answer of the peer may name another channel."""
        return self.state in self._table.ours

    @property
    def collecting(self) -> bool:
        """Whether digits of the called number are awaited from the peer."""
        return self.state is self._table.collecting and not self.party.ours

    @property
    def enquiring(self) -> bool:
        """Whether a STATUS ENQUIRY is out."""
        return self._due.runs(T.T322)

    def has_row(self, event: In) -> bool:
        """Whether ``event`` means something now."""
        return (self.state, event) in self._table.rows

    def feed(self, event: In, now: float, detail: Detail = NOTHING) -> list[CallOutput]:
        """Apply one input and return messages to send and words for the gateway, in order."""
        step = self._table.rows.get((self.state, event))
        if step is None:
            return self._unexpected(event)
        self._run_timers(step, event, now)
        self.repeated = self.repeated or event in _SAID_BEFORE
        self._learn(event, detail)
        self.state = step.to
        outputs: list[CallOutput] = []
        if step.send is not None:
            outputs.append(self._message(step.send, event, detail))
            if step.send is M.SETUP and self._told_channel != self.channel:
                self._told_channel = self.channel
                outputs.append(ChannelMoved(self.party.leg, self.channel))
        if step.say is not None:
            outputs += self._say(step.say, event, detail)
        return outputs

    def status(self, cause: Cause) -> Message:
        """STATUS with the call's state (§3.1.16): the answer to what cannot be acted on."""
        return self._with(M.STATUS, self._why(cause), elements.call_state(self.state.value))

    def released(self) -> Message:
        """RELEASE COMPLETE for the reference that the call has now, before it gets another."""
        return self._with(M.RELEASE_COMPLETE)

    def status_heard(self) -> None:
        """The peer has said in which state it has the call: nobody need ask again (§5.8.10)."""
        self._due.stop(T.T322)

    def expire(self, now: float) -> In | None:
        """Return the next timer that is due as an input: again while tries remain, else last."""
        timer = self._due.expire(now)
        if timer is None:
            return None
        again = self._starts[timer] < timer.value.tries
        return In[f"{timer.name}_{'AGAIN' if again else 'LAST'}"]

    def next_deadline(self) -> float | None:
        """When a timer of this call is due."""
        return self._due.next_deadline()

    # ---- what a row does ----

    def _unexpected(self, event: In) -> list[CallOutput]:
        if event in FROM_PEER:
            kind = M[event.name.removesuffix("_IN_BAND")]
            said = Cause(_MESSAGE_NOT_EXPECTED, diagnostics=bytes((kind,)))
            return [Discarded("message-unexpected"), self.status(said)]
        return [Discarded("request-unexpected")]

    def _run_timers(self, step: Step, event: In, now: float) -> None:
        if not step.keeps:
            ending = step.to in CLEARING or step.to is U.NULL
            self._due.stop_all(but=None if ending else T.T322)
        if step.timer is None:
            return
        seconds = self._seconds[step.timer]
        if seconds is not None:
            earlier = self._starts.get(step.timer, 0) if event in _REPEATS else 0
            self._starts[step.timer] = earlier + 1
            self._due.start(step.timer, now + seconds)

    def _learn(self, event: In, detail: Detail) -> None:
        """Keep the first reason for clearing, the channel that the peer chose, and its digits."""
        if detail.channel is not None and event is not In.CHANNEL_UNUSABLE:
            self.channel = detail.channel
        if event in _DIGITS:
            self.dialled += detail.dialled
        if self._cause is None:
            own = _OWN_CAUSES.get(event)
            if own is not None:
                self._cause = Cause(own)
            elif detail.cause is not None and event not in (In.PROGRESS, In.DISCONNECT_IN_BAND):
                self._cause = detail.cause

    def _say(self, word: Say, event: In, detail: Detail) -> list[CallOutput]:
        leg = self.party.leg
        match word:
            case Say.CLEARED:
                return self._say_cleared(event)
            case Say.OFFERED:
                self._known = True
                caller = self.party.caller
                offered = Offered(
                    leg, self.party.trunk, self.dialled, caller, True, channel=self.channel
                )
                return [offered, *self._say_media()]
            case Say.PROCEEDING:
                self._told_channel = self.channel
                return [Proceeding(leg, self.channel), *self._say_media()]
            case Say.PROGRESS:
                told = None if detail.cause is None else detail.cause.value
                routed = event is In.PROGRESS and told in _NOT_FAILURES
                cause = None if routed else told
                return [*self._say_media(), Progress(leg, detail.in_band, cause)]
            case Say.ALERTING:
                return [*self._say_media(), Alerting(leg, detail.in_band)]
            case Say.ANSWERED:
                return [*self._say_media(), Answered(leg, detail.connected)]

    def _say_cleared(self, event: In) -> list[CallOutput]:
        """Once, and only of a leg that the gateway knows."""
        if self._cleared or not self._known:
            return []
        self._cleared = True
        cause = self._cause or Cause(NORMAL_CLEARING)
        text = event.name.lower().replace("_", "-")
        sent, lost = event not in _UNSENT, event in _LOST
        return [Cleared(self.party.leg, cause.value, cause.location, text, sent, lost)]

    def _say_media(self) -> list[CallOutput]:
        """Where the voice is, once per channel; a move after the first word is told as Proceeding
        too.
        """
        said: list[CallOutput] = []
        if self._told_channel != self.channel:
            self._told_channel = self.channel
            said.append(Proceeding(self.party.leg, self.channel))
        if self._told_media != self.channel:
            self._told_media = self.channel
            media = BearerMedia(self.party.span, self.channel, self.party.law)
            said.append(MediaChanged(self.party.leg, media))
        return said

    # ---- messages; none but SETUP and the digits after it carries a number ----

    def _message(self, kind: M, event: In, detail: Detail) -> Message:
        if kind is M.SETUP:
            return self._with(kind, *self.party.setup)
        if kind is M.INFORMATION:
            return self._with(kind, *self.party.digits)
        if kind is M.PROGRESS:
            self.in_band = True
            return self._with(kind, elements.progress_in_band())
        if kind in _SAY_WHY:
            said = [self._why(detail.fault or Cause(self._clearing_cause()))]
            if event is In.CLEAR_IN_BAND_REQUEST:
                said.append(elements.progress_in_band())
            return self._with(kind, *said)
        if kind in _REPLIES:
            return self._with(kind, *self._reply(kind, detail))
        return self._with(kind)

    def _clearing_cause(self) -> int:
        return self._cause.value if self._cause is not None else NORMAL_CLEARING

    def _why(self, cause: Cause) -> Element:
        return elements.cause(
            Cause(cause.value, self._table.location, diagnostics=cause.diagnostics)
        )

    def _reply(self, kind: M, detail: Detail) -> list[Element]:
        """The first answer to a SETUP confirms its channel (§5.2.3.1)."""
        said: list[Element] = []
        if not self._replied:
            self._replied = True
            access = self.party.access
            said.append(elements.channel_id(self.channel, exclusive=True, access=access))
        if kind is M.ALERTING and detail.in_band:
            self.in_band = True
            said.append(elements.progress_in_band())
        return said

    def _with(self, kind: M, *content: Element) -> Message:
        return Message(self.reference, not self.party.ours, kind, content)
