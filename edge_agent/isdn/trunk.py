"""One span: its link, its calls and its channels, behind four doors and the language of legs.

In what a door returns frames come before leg words: performing a word may lead back into the trunk,
and frames must reach the wire in the order of their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable

from edge_agent.deadlines import Deadlines
from edge_agent.isdn import maintenance, reception, restart
from edge_agent.isdn.call import CallOutput
from edge_agent.isdn.call_control import CallControl, Ids, reference_tag
from edge_agent.isdn.channels import Channels
from edge_agent.isdn.config import IsdnTrunkConfig
from edge_agent.isdn.elements import Cause
from edge_agent.isdn.lapd_link import Deliver, Link, LinkLost, LinkOutput, LinkUp, SendFrame
from edge_agent.isdn.maintenance import SetService
from edge_agent.isdn.messages import (
    GLOBAL_REFERENCE,
    M,
    MalformedMessage,
    Message,
    decode,
    encode,
)
from edge_agent.isdn.restart import Restarts
from edge_agent.isdn.timers import LinkTimer
from edge_agent.leg import (
    ChannelsChanged,
    Discarded,
    LegEvent,
    LegId,
    LegRequest,
    LinkChanged,
    SeizeTrunk,
)

Output = SendFrame | LegEvent | LinkChanged | ChannelsChanged | Discarded

__all__ = ["Ids", "Output", "SetService", "Trunk"]

_RESTART_TAG = reference_tag(GLOBAL_REFERENCE, ours=True)
_SPAN_DOWN = "span-down"
"""Why a link is down whose line is gone, also where it was not up before."""


class Trunk:
    """One side of one span. Feed it frames, requests and time; perform what it returns, in
    order.
    """

    def __init__(self, config: IsdnTrunkConfig, ids: Ids) -> None:
        self.config = config
        self._access, self._octets = config.access, config.reference_octets
        self._link = Link(config.link, config.side, ids.call_reference)
        self._channels = Channels(config.channels)
        self._restarts = Restarts(
            self._channels,
            config.t316_s,
            self._access,
            self._octets,
            enabled=config.restart and not config.basic,
        )
        self._control = CallControl(config, ids, self._channels, self._link, self._restarts)
        self._calls = self._control.calls
        self._due: Deadlines[LinkTimer] = Deadlines()
        self._said_up = False
        self._said_why = ""
        """Why the link is down, as it was said last: another reason is news, for whoever looks for
        the fault."""
        self._was_up = False
        self._said_out: frozenset[int] = frozenset()

    @property
    def link_up(self) -> bool:
        """Whether the data link carries messages now."""
        return self._link.up

    @property
    def legs(self) -> frozenset[LegId]:
        """Legs that have a call reference, those on their way out too."""
        return self._calls.legs

    @property
    def busy_channels(self) -> frozenset[int]:
        """Channels that a call holds."""
        return self._calls.busy

    @property
    def out_of_service(self) -> frozenset[int]:
        """Channels that are tried last."""
        return self._channels.out_of_service

    def start(self, now: float) -> list[Output]:
        """Establish the link, and keep trying."""
        return self._finish(self._heed(self._link.establish(now), now), now)

    def stop(self, now: float) -> list[SendFrame]:
        """Let go of the link in order (DISC), so that the network sends its calls elsewhere at once
        and not when T203 and every T200 are over. Nobody waits for the answer, and calls that are
        still up end with whoever stops: there is nothing to say of them.
        """
        return [word for word in self._link.release(now) if isinstance(word, SendFrame)]

    def span_up(self, now: float) -> list[Output]:
        """Layer 1 is back: establish the link again."""
        return self.start(now)

    def span_down(self, now: float) -> list[Output]:
        """Layer 1 is gone: the link is down, calls are held for T309."""
        outputs = self._heed(self._link.span_down(now), now)
        return self._finish(outputs + self._say_down(_SPAN_DOWN), now)

    def receive(self, frame: bytes, now: float) -> list[Output]:
        """Take one frame of the D channel, without flags and FCS. Malformed ones are counted, none
        raises.
        """
        outputs = self._heed(self._link.receive(frame, now), now)
        outputs = self._finish(outputs, now)
        settled = self._link.settle(now)
        return _frames_first(outputs + self._heed(settled, now)) if settled else outputs

    def handle(self, request: LegRequest | SetService, now: float) -> list[Output]:
        """Do what the gateway asks; a request for a leg that is over has crossed its end and is
        counted. The operator's :class:`SetService` comes by this door too.
        """
        if isinstance(request, SetService):
            return self._finish(self._set_service(request, now), now)
        if not isinstance(request, SeizeTrunk):
            return self._finish(self._perform(self._control.ask(request, now), now), now)
        said = self._control.place(request, now)
        outputs = [] if self._link.up else self._heed(self._link.establish(now), now)
        return self._finish(outputs + self._perform(said, now), now)

    def handle_timeout(self, now: float) -> list[Output]:
        """Do what is due at ``now``."""
        outputs = self._heed(self._link.handle_timeout(now), now)
        while (timer := self._due.expire(now)) is not None:
            outputs += self._give_up_calls(now, answered=timer is LinkTimer.T309)
        outputs += self._perform(self._control.expire(now), now)
        again = self._restarts.expire(now)
        if again is not None:
            outputs += self._send(again, now)
        return self._finish(outputs, now)

    def next_deadline(self) -> float | None:
        """When :meth:`handle_timeout` is due next; ``None`` where nothing runs."""
        deadlines = (
            self._link.next_deadline(),
            self._due.next_deadline(),
            self._calls.agenda.next_deadline(),
            self._restarts.next_deadline(),
        )
        return min((at for at in deadlines if at is not None), default=None)

    # ---- what every door ends with ----

    def _finish(self, outputs: list[Output], now: float) -> list[Output]:
        """Send the next RESTART where one may go, and say which channels are to be tried last."""
        outputs += self._go_on_restarting(now)
        if self._said_out != self._channels.out_of_service:
            self._said_out = self._channels.out_of_service
            outputs.append(ChannelsChanged(self.config.trunk, self.config.span, self._said_out))
        return _frames_first(outputs)

    def _go_on_restarting(self, now: float) -> list[Output]:
        out = self._restarts.out
        if out is not None and self._calls.is_busy(out):
            self._restarts.let_go(out)
            self._link.drop(_RESTART_TAG)
        message = self._restarts.next(self._calls.is_busy, now)
        return [] if message is None else self._send(message, now)

    def _perform(self, said: Iterable[CallOutput], now: float) -> list[Output]:
        outputs: list[Output] = []
        for output in said:
            if isinstance(output, Message):
                outputs += self._send(output, now)
            else:
                outputs.append(output)
        return outputs

    def _send(self, message: Message, now: float) -> list[Output]:
        tag = reference_tag(message.reference, ours=not message.to_originator)
        octets = encode(message, self._octets)
        return self._heed(self._link.send(octets, tag, now), now)

    # ---- the link ----

    def _heed(self, outputs: Iterable[LinkOutput], now: float) -> list[Output]:
        heeded: list[Output] = []
        for output in outputs:
            match output:
                case Deliver(info, broadcast):
                    heeded += self._deliver(info, broadcast, now)
                case LinkUp():
                    heeded += self._heed_up(now)
                case LinkLost(why):
                    heeded += self._heed_lost(why, now)
                case SendFrame() | Discarded():
                    heeded.append(output)
        return heeded

    def _heed_up(self, now: float) -> list[Output]:
        outputs: list[Output] = []
        was_reset = self._said_up
        if not was_reset:
            self._said_up, self._said_why = True, ""
            outputs.append(LinkChanged(self.config.trunk, True, span=self.config.span))
        if not self._was_up:
            self._was_up = True
            self._restarts.want(self.config.channels)
        self._hold_restarts()
        self._restarts.link_up(now)
        held = self._due.runs(LinkTimer.T309)
        self._due.stop_all()
        # A peer that establishes the link anew drops what it had to say (Q.921 §5.5.1.4): a CONNECT
        # among it would leave the caller with ringing while the PSAP talks to nobody.
        ask = held or was_reset
        return outputs + self._perform(self._control.link_up(now, ask=ask), now)

    def _heed_lost(self, why: str, now: float) -> list[Output]:
        self._hold_restarts()
        if self._calls.all and not self._due.runs(LinkTimer.T309):
            self._due.start(LinkTimer.T309, now + self.config.t309_s)
            self._due.start(LinkTimer.UNANSWERED, now + LinkTimer.UNANSWERED.value.seconds)
        return self._say_down(why)

    def _say_down(self, why: str) -> list[Output]:
        if not self._said_up and self._said_why == why:
            return []
        self._said_up, self._said_why = False, why
        return [LinkChanged(self.config.trunk, False, why, self.config.span)]

    def _give_up_calls(self, now: float, *, answered: bool) -> list[Output]:
        """The peer may hold them longer: their channels are restarted when the link is back."""
        said, lost = self._control.give_up(now, answered=answered)
        self._restarts.want(lost)
        return self._perform(said, now)

    # ---- messages from the peer ----

    def _deliver(self, info: bytes, broadcast: bool, now: float) -> list[Output]:
        service = maintenance.read_service(info, self._access)
        if service is not None:
            return self._heed_service(service, now)
        try:
            message = decode(info)
        except MalformedMessage as fault:
            return [Discarded(fault.reason)]
        if message.reference_octets != self._octets:
            return [Discarded("message-dummy" if message.dummy else "message-reference")]
        if message.reference != GLOBAL_REFERENCE:
            said = self._control.receive(message, now, to_all=broadcast)
            return self._perform(said, now)
        return [Discarded("message-unused")] if broadcast else self._global(message, now)

    def _global(self, message: Message, now: float) -> list[Output]:
        """The global call reference: restart, and complaints about it (§5.5, §5.8.3.2 f)."""
        match message.kind:
            case M.RESTART:
                return self._restarted(message, now)
            case M.RESTART_ACK:
                return self._acknowledged(message)
            case M.STATUS:
                self._restarts.give_up()
                return [Discarded("message-global-unused")]
            case _:
                cause = Cause(reception.INVALID_REFERENCE)
                said = reception.global_status(message, cause, self._restarts.state)
                return [Discarded("message-global-unused"), *self._send(said, now)]

    def _restarted(self, message: Message, now: float) -> list[Output]:
        wrong = restart.refused(message, self._access)
        if wrong is not None:
            said = reception.global_status(message, wrong, self._restarts.state)
            return [Discarded("message-refused"), *self._send(said, now)]
        channels = restart.restarted_channels(message, self.config.channels, self._access)
        outputs = self._perform(self._control.restarted(channels, now), now)
        self._channels.prove(channels)
        return outputs + self._send(restart.acknowledgement(message), now)

    def _acknowledged(self, message: Message) -> list[Output]:
        named = restart.restarted_channels(message, self.config.channels, self._access)
        return [] if self._restarts.acknowledged(named) else [Discarded("message-unused")]

    # ---- channels ----

    def _hold_restarts(self) -> None:
        """No RESTART that waits in the link may go out later, when its channel has a call."""
        self._restarts.link_lost()
        self._link.drop(_RESTART_TAG)

    def _heed_service(self, service: maintenance.Service, now: float) -> list[Output]:
        if service.in_service:
            self._channels.put_in(service.channels)
        else:
            self._channels.take_out(service.channels)
        return self._heed(self._link.send(service.acknowledgement, GLOBAL_REFERENCE, now), now)

    def _set_service(self, request: SetService, now: float) -> list[Output]:
        """The operator's word holds whatever the switch makes of our SERVICE."""
        self._channels.lay_off(request.channels, in_service=request.in_service)
        coding, outputs = self.config.row.maintenance, list[Output]()
        for channel in sorted(request.channels & set(self.config.channels)):
            if coding is not None:
                access, put_in = self._access, request.in_service
                octets = maintenance.service(coding, channel, in_service=put_in, access=access)
                outputs += self._heed(self._link.send(octets, GLOBAL_REFERENCE, now), now)
        return outputs


def _frames_first(outputs: list[Output]) -> list[Output]:
    if len(outputs) < 2:
        return outputs
    return sorted(outputs, key=lambda output: not isinstance(output, SendFrame))
