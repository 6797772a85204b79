"""Which channels are tried last, and why: doubt reorders channels and never removes one (R1).

A wire says of each span which of its channels rest, are suspect or are out of service, and says it
anew whenever that changes. What an operator has to see of it is said here too, once per change.
"""

from __future__ import annotations

from enum import IntEnum

from edge_agent.gateway.outputs import ClearAlarm, GatewayOutput, RaiseAlarm
from edge_agent.leg import ChannelsChanged


class Doubt(IntEnum):
    """How much later than a sound channel one is tried; of two in doubt the lesser goes first."""

    NONE = 0
    RESTING = 1
    """Sound in a moment, and its wire waits for that moment."""
    SUSPECT = 2
    """Its last call failed on the line; the next may not."""
    OUT = 3
    """The far end said that it does not work, or nothing is heard of its span."""


class Doubts:
    """The channels in doubt of one trunk."""

    def __init__(self) -> None:
        self._said: dict[str, ChannelsChanged] = {}
        """By span, what it said last."""
        self._by_channel: dict[int, Doubt] = {}

    def __bool__(self) -> bool:
        return bool(self._by_channel)

    def of(self, channel: int) -> Doubt:
        """How doubtful the channel is by what its span said."""
        return self._by_channel.get(channel, Doubt.NONE)

    def hear(self, event: ChannelsChanged) -> list[GatewayOutput]:
        """A span tells all its channels in doubt. That some of them rest is no news to anybody."""
        before = self._said.get(event.span, ChannelsChanged(event.trunk, event.span, frozenset()))
        self._said[event.span] = event
        self._by_channel = {
            channel: doubt
            for said in self._said.values()
            for doubt, channels in (
                (Doubt.RESTING, said.resting),
                (Doubt.SUSPECT, said.suspect),
                (Doubt.OUT, said.out_of_service),
            )
            for channel in channels
        }
        out: list[GatewayOutput] = []
        if event.out_of_service != before.out_of_service:
            out.append(_out(event))
        if event.suspect != before.suspect:
            out.append(_suspect(event))
        return out


def _out(event: ChannelsChanged) -> GatewayOutput:
    if not event.out_of_service:
        return ClearAlarm("channels-out", event.span)
    return RaiseAlarm("channels-out", event.span, _numbers(event.out_of_service))


def _suspect(event: ChannelsChanged) -> GatewayOutput:
    if not event.suspect:
        return ClearAlarm("trunk-suspect", event.span)
    why = f": {event.why}" if event.why else ""
    return RaiseAlarm("trunk-suspect", event.span, _numbers(event.suspect) + why)


def _numbers(channels: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(channels)))
