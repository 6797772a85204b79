"""RESTART from the network: acknowledged, and what it ends is ended (Q.931 §5.5.2).

We send none of our own: after a restart of the agent the network may still carry calls that a
RESTART would cut.
"""

from __future__ import annotations

from edge_agent.isdn import elements
from edge_agent.isdn.elements import Ie
from edge_agent.isdn.messages import GLOBAL_REFERENCE, M, Message
from edge_agent.isdn.reception import channel_of

_INDICATED_CHANNELS = 0


def restarted_channels(message: Message, channels: tuple[int, ...]) -> tuple[int, ...]:
    """Return which of the trunk's ``channels`` a RESTART is about: those named, or all."""
    indicator = message.find(Ie.RESTART_INDICATOR) or b"\x00"
    named = channel_of(message)
    if indicator[0] & 7 != _INDICATED_CHANNELS or named is None or not named.named:
        return channels
    return tuple(channel for channel in named.named if channel in channels)


def acknowledgement(message: Message) -> Message:
    """RESTART ACKNOWLEDGE names the same channels and the same class (§3.2.2)."""
    same = [e for e in message.elements if e.id in (Ie.CHANNEL_ID, Ie.RESTART_INDICATOR)]
    return Message(GLOBAL_REFERENCE, True, M.RESTART_ACK, tuple(same))


def status(cause: int) -> Message:
    """STATUS on the global reference: no restart is under way here (§5.8.3.2 f)."""
    said = (elements.cause(elements.Cause(cause)), elements.call_state(0))
    return Message(GLOBAL_REFERENCE, True, M.STATUS, said)
