"""RESTART (Q.931 §5.5): what the peer's is about, and our own for channels that nobody knows the
state of.

Ours is sent for channels without a call only: one that names a channel with a call would cut it.
One message is out at a time, and a call that wants its channel does not wait for the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from edge_agent.deadlines import Deadlines
from edge_agent.isdn import elements
from edge_agent.isdn.channels import Channels
from edge_agent.isdn.elements import PRIMARY, Access, Cause, Ie, RestartClass
from edge_agent.isdn.messages import GLOBAL_REFERENCE, PRIMARY_REFERENCE, M, Message
from edge_agent.isdn.reception import MANDATORY_MISSING, channel_of, fault
from edge_agent.isdn.timers import ChannelTimer

_SETTLE_S = 3.0
_NEVER = float("inf")
RESTART_NULL, RESTART_REQUESTED = 0, 61
"""States of the global call reference (§4.5.7)."""


def refused(message: Message, access: Access = PRIMARY) -> Cause | None:
    """Return why a RESTART is not acted on, if it is not.

    One of class 0 that names no channel ends nothing: it would otherwise have to end every call.
    """
    wrong = fault(message, access)
    if wrong is None and _names_channels(message) and channel_of(message, access) is None:
        return Cause(MANDATORY_MISSING, diagnostics=bytes((Ie.CHANNEL_ID,)))
    return wrong


def restarted_channels(
    message: Message, channels: tuple[int, ...], access: Access = PRIMARY
) -> tuple[int, ...]:
    """Return which of the trunk's ``channels`` a RESTART, or its acknowledgement, is about: those
    named, or the whole interface.
    """
    if not _names_channels(message):
        return channels
    named = channel_of(message, access)
    return () if named is None else tuple(each for each in named.named if each in channels)


def acknowledgement(message: Message) -> Message:
    """RESTART ACKNOWLEDGE names the same channels and the same class (§3.2.2)."""
    same = [e for e in message.elements if e.id in (Ie.CHANNEL_ID, Ie.RESTART_INDICATOR)]
    return message.answer(M.RESTART_ACK, *same)


class Restarts:
    """Our RESTARTs. Feed it what is wanted, what was acknowledged and time; it keeps the state of
    the channels in step. With ``enabled`` off it never sends one.
    """

    def __init__(
        self,
        channels: Channels,
        seconds: float,
        access: Access = PRIMARY,
        octets: int = PRIMARY_REFERENCE,
        *,
        enabled: bool = True,
    ) -> None:
        self._channels = channels
        self._seconds = seconds
        self._access = access
        self._octets = octets
        self._enabled = enabled
        self._wanted: dict[int, None] = {}
        self._out: int | None = None
        self._tries = 0
        self._not_before = _NEVER
        self._settling = False
        self._ever_acknowledged = False
        self._due: Deadlines[ChannelTimer] = Deadlines()

    @property
    def out(self) -> int | None:
        """The channel whose RESTART waits for its acknowledgement."""
        return self._out

    @property
    def state(self) -> int:
        """The state of the global call reference."""
        return RESTART_NULL if self._out is None else RESTART_REQUESTED

    def want(self, channels: Iterable[int]) -> None:
        """These are to be restarted: one after the other, from the top down, away from where the
        network hunts.
        """
        if self._enabled:
            wanted = sorted(channels, reverse=True)
            self._wanted.update(dict.fromkeys(each for each in wanted if each != self._out))

    def link_up(self, now: float) -> None:
        """The link is established: RESTARTs go out once it has settled.

        What is sent right after an establishment may be lost in a collision of two, and what the
        peer sent before it may be a call.
        """
        self._not_before = now + _SETTLE_S
        self._settling = True

    def link_lost(self) -> None:
        """Nothing goes out until the link is back; what was out is wanted again."""
        self._not_before, self._settling = _NEVER, False
        if self._out is not None:
            self._wanted = {self._out: None, **self._wanted}
            self._end()

    def let_go(self, channel: int) -> None:
        """A call has taken the channel: its RESTART may not go out again while it lasts."""
        if self._out == channel:
            self._end()
            self._wanted[channel] = None

    def proved(self, channel: int) -> None:
        """A call was answered on the channel: it works."""
        self._channels.prove((channel,))
        self._wanted.pop(channel, None)

    def unacknowledged(self, channel: int) -> None:
        """A RELEASE was not acknowledged (§5.3.2): maintenance, and a RESTART to end it."""
        self._channels.doubt((channel,))
        self.want((channel,))

    def give_up(self) -> None:
        """The peer does not know RESTART."""
        self._wanted.clear()
        self._end()

    def acknowledged(self, channels: Iterable[int]) -> bool:
        """The peer has restarted ``channels``; whether that is the answer to what is out. A late
        answer, too, says that they work.
        """
        self._ever_acknowledged = True
        self._channels.prove(channels)
        if self._out is None or self._out not in channels:
            return False
        self._end()
        return True

    def next(self, is_busy: Callable[[int], bool], now: float) -> Message | None:
        """Return the next RESTART to send, where none is out; a channel with a call waits for the
        end of it.
        """
        if now < self._not_before:
            return None
        self._settling = False
        if self._out is None:
            for channel in self._wanted:
                if not is_busy(channel):
                    del self._wanted[channel]
                    self._tries = 0
                    return self._again(channel, now)
        return None

    def expire(self, now: float) -> Message | None:
        """Return the RESTART to send again (T316). After N316 of them the channel is in doubt.

        From a peer that never acknowledged one the silence says nothing of the channel: it does not
        know RESTART, and would else have every channel tried last within the hour (R1).
        """
        if self._due.expire(now) is None or self._out is None:
            return None
        if self._tries < ChannelTimer.T316.value.tries:
            return self._again(self._out, now)
        if not self._ever_acknowledged:
            self.give_up()
            return None
        self._channels.doubt((self._out,))
        self._end()
        return None

    def next_deadline(self) -> float | None:
        """When T316 is due, or the link has settled and a RESTART may go out."""
        if self._settling and self._wanted:
            return self._not_before
        return self._due.next_deadline()

    def _again(self, channel: int, now: float) -> Message:
        self._out = channel
        self._channels.restarting = frozenset({channel})
        self._tries += 1
        self._due.start(ChannelTimer.T316, now + self._seconds)
        said = (
            elements.channel_id(channel, exclusive=True, access=self._access),
            elements.restart_indicator(RestartClass.INDICATED_CHANNELS),
        )
        return Message(GLOBAL_REFERENCE, False, M.RESTART, said, reference_octets=self._octets)

    def _end(self) -> None:
        self._out = None
        self._channels.restarting = frozenset()
        self._due.stop_all()


def _names_channels(message: Message) -> bool:
    content = message.find(Ie.RESTART_INDICATOR) or b"\x80"
    return content[0] & 7 == RestartClass.INDICATED_CHANNELS
