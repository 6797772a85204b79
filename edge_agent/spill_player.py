"""The MF spills that media plays: each asked for is answered once, out whole or void, unless the
agent takes it back.

A spill may only be taken for sent when its last sample is out. Whatever comes between, a channel
that takes it short, a card that is pulled, a span that is opened again, is told at once, for the
call then moves on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from edge_agent.drivers.span import BChannels
from edge_agent.leg import Law
from edge_agent.media.mf import spill
from edge_agent.messages import PlaySpill, SpillPlayed, StopSpill

UNKNOWN = "media has no such channel"


@dataclass(frozen=True, slots=True)
class _Span:
    """A voice half, and what is on it."""

    half: BChannels
    channels: Collection[int]
    law: Law


class SpillPlayer:
    """Spills by span and channel; ``tell`` hears what became of each."""

    def __init__(self, tell: Callable[[SpillPlayed], None]) -> None:
        self._tell = tell
        self._spans: dict[str, _Span] = {}
        self._under_way: set[tuple[str, int, int]] = set()
        """Span, channel, and the agent's number for the spill."""

    def opened(self, span: str, half: BChannels, channels: Collection[int], law: Law) -> None:
        """Spills can be played on these channels from now on."""
        self._spans[span] = _Span(half, channels, law)

    def closed(self, span: str, why: str) -> None:
        """The voice half is gone: what it had not played yet is void."""
        self._spans.pop(span, None)
        for on, channel, number in sorted(self._under_way):
            if on == span:
                self._over(on, channel, number, why)

    def play(self, order: PlaySpill) -> None:
        """Queue a spill whole."""
        key = order.span, order.channel, order.spill
        span = self._spans.get(order.span)
        self._under_way.add(key)
        if span is None or order.channel not in span.channels:
            self._over(*key, UNKNOWN)
            return
        try:
            sound = _sound(order, span.law)
        except ValueError as error:
            self._over(*key, str(error))
            return
        span.half.play(order.channel, sound, lambda why: self._over(*key, why))

    def stop(self, order: StopSpill) -> None:
        """What is on its way to the channel must not go out, and nobody waits for it any more."""
        self._under_way = {k for k in self._under_way if k[:2] != (order.span, order.channel)}
        span = self._spans.get(order.span)
        if span is not None and order.channel in span.channels:
            span.half.hush(order.channel)

    def _over(self, span: str, channel: int, number: int, why: str) -> None:
        if (span, channel, number) in self._under_way:
            self._under_way.remove((span, channel, number))
            self._tell(SpillPlayed(span, channel, number, why))


def _sound(order: PlaySpill, law: Law) -> bytes:
    return spill(
        order.signals,
        kp_ms=order.kp_ms,
        digit_ms=order.digit_ms,
        st_ms=order.st_ms,
        gap_ms=order.gap_ms,
        level_dbm0=order.level_dbm0,
        law=law,
    )
