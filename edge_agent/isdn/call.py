"""One Q.931 call: applies the table's rows, runs the call's timers and turns rows into messages and
leg words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from e911.numbers import Caller
from edge_agent.isdn import elements
from edge_agent.isdn.call_table import FROM_NETWORK, STEPS, In, Say, Step, U
from edge_agent.isdn.elements import Cause, Element, Ie
from edge_agent.isdn.lapd_link import Discarded
from edge_agent.isdn.messages import M, Message
from edge_agent.isdn.timers import Deadlines, Seconds, T
from edge_agent.leg import (
    Alerting,
    Answered,
    BearerMedia,
    Cleared,
    Law,
    LegEvent,
    LegId,
    MediaChanged,
    Offered,
    Proceeding,
    Progress,
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
    In.CHANNEL_UNUSABLE: 6,
    In.STATUS_INCOMPATIBLE: 101,
    In.STATUS_NULL: 41,
    In.RESTARTED: 41,
}
"""Why a call ends where nobody says why (Q.850)."""

_REPEATS = frozenset({In.T303_AGAIN, In.T303_AGAIN_UNSENT, In.T308_AGAIN, In.REFUSED_EARLY})
_UNSENT = frozenset({In.CLEAR_UNSENT, In.T303_LAST_UNSENT})
_MESSAGE_NOT_EXPECTED = 101
_NOT_FAILURES = frozenset({103, 127})
"""Causes in a PROGRESS that only tell how the call is routed."""
_REPLIES = frozenset({M.CALL_PROCEEDING, M.ALERTING, M.CONNECT})
_CLEARING = frozenset({M.DISCONNECT, M.RELEASE, M.RELEASE_COMPLETE})


@dataclass(frozen=True, slots=True)
class Detail:
    """What came with an input: read from a message, or given by the gateway."""

    cause: Cause | None = None
    channel: int | None = None
    in_band: bool = False
    dialled: str = ""
    caller: Caller | None = None
    fault: int | None = None
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
    emergency: bool = False
    setup: tuple[Element, ...] = ()
    """What our SETUP says."""
    asked: int | None = None
    """The channel that the gateway asked for: what it believes until it is told otherwise."""


CallOutput = Message | LegEvent | Discarded
NOTHING = Detail()
"""An input that came with nothing."""


class Call:
    """One call reference and its leg. Nothing outside :meth:`feed` assigns ``state``."""

    def __init__(self, party: Party, reference: int, channel: int, seconds: Seconds) -> None:
        self.state = U.NULL
        self.party = party
        self.reference = reference
        """Changed only by the trunk, for a SETUP that is sent under a new one."""
        self.channel = channel
        self.retried = False
        """Whether a SETUP refused right after establishment was sent again."""
        self.repeated = False
        """Whether a second SETUP was made: the first had been on the wire."""
        self._seconds = seconds
        self._due: Deadlines[T] = Deadlines()
        self._starts = 0
        self._cause: Cause | None = None
        self._cleared = False
        self._told_channel = party.asked if party.ours else channel
        self._told_media: int | None = None
        self._replied = party.ours

    @property
    def clearing(self) -> bool:
        """Whether the call is over but for its reference: its channel may be had where none is
        free.
        """
        return self.state in (U.DISCONNECT_REQUEST, U.DISCONNECT_INDICATION, U.RELEASE_REQUEST)

    @property
    def unconfirmed(self) -> bool:
        """Whether the network has not yet answered our SETUP: its channel is only a wish."""
        return self.state is U.INITIATED

    def feed(self, event: In, now: float, detail: Detail = NOTHING) -> list[CallOutput]:
        """Apply one input and return messages to send and words for the gateway, in order."""
        step = STEPS.get((self.state, event))
        if step is None:
            return self._unexpected(event)
        if not step.keeps:
            self._restart_timers(step, event, now)
        self.repeated = self.repeated or event in (In.T303_AGAIN, In.REFUSED_EARLY)
        self._learn(event, detail)
        self.state = step.to
        outputs: list[CallOutput] = []
        if step.send is not None:
            outputs.append(self._message(step.send, detail))
        if step.say is not None:
            outputs += self._say(step.say, event, detail)
        return outputs

    def status(self, cause: int) -> Message:
        """STATUS with the call's state (§3.1.16): the answer to what cannot be acted on."""
        return self._with(
            M.STATUS, elements.cause(Cause(cause)), elements.call_state(self.state.value)
        )

    def status_enquiry(self) -> Message:
        """STATUS ENQUIRY (§5.8.10): asks whether the peer still has the call after the link was
        lost.
        """
        return self._with(M.STATUS_ENQUIRY)

    def expire(self, now: float) -> In | None:
        """Return the next timer that is due as an input: again while tries remain, else last."""
        timer = self._due.expire(now)
        if timer is None:
            return None
        again = self._starts < timer.value.tries
        return In[f"{timer.name}_{'AGAIN' if again else 'LAST'}"]

    def next_deadline(self) -> float | None:
        """When a timer of this call is due."""
        return self._due.next_deadline()

    # ---- what a row does ----

    def _unexpected(self, event: In) -> list[CallOutput]:
        if event in FROM_NETWORK:
            return [Discarded("message-unexpected"), self.status(_MESSAGE_NOT_EXPECTED)]
        return [Discarded("request-unexpected")]

    def _restart_timers(self, step: Step, event: In, now: float) -> None:
        self._due.stop_all()
        self._starts = self._starts + 1 if event in _REPEATS else 1
        seconds = None if step.timer is None else self._seconds[step.timer]
        if step.timer is not None and seconds is not None:
            self._due.start(step.timer, now + seconds)

    def _learn(self, event: In, detail: Detail) -> None:
        """Keep the first reason for clearing, and the channel that the network chose."""
        if detail.channel is not None and event is not In.CHANNEL_UNUSABLE:
            self.channel = detail.channel
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
                caller = detail.caller or Caller("")
                offered = Offered(
                    leg, self.party.trunk, detail.dialled, caller, True, channel=self.channel
                )
                return [offered, *self._say_media()]
            case Say.PROCEEDING:
                self._told_channel = self.channel
                return [Proceeding(leg, self.channel), *self._say_media()]
            case Say.PROGRESS:
                failed = detail.cause is not None and detail.cause.value not in _NOT_FAILURES
                cause = detail.cause.value if detail.cause is not None and failed else None
                return [*self._say_media(), Progress(leg, detail.in_band, cause)]
            case Say.ALERTING:
                return [*self._say_media(), Alerting(leg, detail.in_band)]
            case Say.ANSWERED:
                return [*self._say_media(), Answered(leg)]

    def _say_cleared(self, event: In) -> list[CallOutput]:
        if self._cleared:
            return []
        self._cleared = True
        cause = self._cause or Cause(NORMAL_CLEARING)
        text = event.name.lower().replace("_", "-")
        sent = event not in _UNSENT
        return [Cleared(self.party.leg, cause.value, cause.location, text, sent)]

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

    # ---- messages; none but SETUP carries a number ----

    def _message(self, kind: M, detail: Detail) -> Message:
        if kind is M.SETUP:
            return self._with(kind, *self.party.setup)
        if kind is M.INFORMATION:
            return self._with(kind, Element(Ie.SENDING_COMPLETE, b""))
        if kind is M.PROGRESS:
            return self._with(kind, elements.progress_in_band())
        if kind in _CLEARING:
            return self._with(kind, elements.cause(Cause(detail.fault or self._clearing_cause())))
        if kind in _REPLIES:
            return self._with(kind, *self._reply(kind, detail))
        return self._with(kind)

    def _clearing_cause(self) -> int:
        return self._cause.value if self._cause is not None else NORMAL_CLEARING

    def _reply(self, kind: M, detail: Detail) -> list[Element]:
        """The first answer to a SETUP confirms its channel (§5.2.3.1)."""
        said: list[Element] = []
        if not self._replied:
            self._replied = True
            said.append(elements.channel_id(self.channel, exclusive=True))
        if kind is M.ALERTING and detail.in_band:
            said.append(elements.progress_in_band())
        return said

    def _with(self, kind: M, *content: Element) -> Message:
        return Message(self.reference, not self.party.ours, kind, content)
