"""A trunk group: the spans of one trunk behind the four doors, their channels numbered as
circuits.

Circuit ``100 * n + c`` is channel ``c`` of the trunk's span number ``n``, counted from 0: where a
trunk has one span, circuit and channel are the same number. Which circuit a call takes is the
gateway's choice; the group only finds the span that it is on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from edge_agent.isdn.lapd_link import SendFrame
from edge_agent.isdn.trunk import Output, SetService, Trunk
from edge_agent.leg import (
    ChannelMoved,
    ChannelsChanged,
    Cleared,
    Discarded,
    LegEvent,
    LegId,
    LegRequest,
    LinkChanged,
    Offered,
    Proceeding,
    SeizeTrunk,
    SendText,
)
from edge_agent.line import CIRCUITS, circuit


@dataclass(frozen=True, slots=True)
class SpanFrame:
    """Write this on the D channel of a span."""

    span: str
    data: bytes


GroupOutput = SpanFrame | LegEvent | LinkChanged | ChannelsChanged | Discarded


class TrunkGroup:
    """One trunk with one or more spans; each span is a :class:`~edge_agent.isdn.trunk.Trunk`."""

    def __init__(self, spans: Sequence[Trunk]) -> None:
        self._spans = tuple(spans)
        self._place = {span.config.span: n for n, span in enumerate(self._spans)}
        self._legs: dict[LegId, int] = {}

    @property
    def spans(self) -> tuple[str, ...]:
        """The spans by name, in their order."""
        return tuple(self._place)

    def circuits(self, span: str) -> tuple[int, ...]:
        """The circuits that a span carries."""
        n = self._place[span]
        return tuple(circuit(n, channel) for channel in self._spans[n].config.channels)

    def start(self, now: float) -> list[GroupOutput]:
        """Establish every link."""
        return self._each(lambda span: span.start(now))

    def stop(self, now: float) -> list[GroupOutput]:
        """Let go of every link in order."""
        return self._each(lambda span: span.stop(now))

    def span_up(self, span: str, now: float) -> list[GroupOutput]:
        """Layer 1 of a span is back."""
        n = self._place[span]
        return self._told(n, self._spans[n].span_up(now))

    def span_down(self, span: str, now: float) -> list[GroupOutput]:
        """Layer 1 of a span is gone."""
        n = self._place[span]
        return self._told(n, self._spans[n].span_down(now))

    def set_service(
        self, span: str, numbers: frozenset[int], now: float, *, in_service: bool
    ) -> list[GroupOutput]:
        """The operator takes channels of a span out of service, or puts them back; ``numbers`` are
        channels or circuits.

        Raises:
            ValueError: the span has no such channel.
        """
        n = self._place[span]
        circuits = {number if number >= CIRCUITS else circuit(n, number) for number in numbers}
        strange = circuits - set(self.circuits(span))
        if strange:
            raise ValueError(f"{span} has no channel {min(strange)}")
        channels = frozenset(each % CIRCUITS for each in circuits)
        return self._told(n, self._spans[n].handle(SetService(channels, in_service), now))

    def receive(self, span: str, frame: bytes, now: float) -> list[GroupOutput]:
        """A frame of a span's D channel."""
        n = self._place[span]
        return self._told(n, self._spans[n].receive(frame, now))

    def handle(self, request: LegRequest, now: float) -> list[GroupOutput]:
        """Do what the gateway asks, on the span that it concerns."""
        if isinstance(request, SeizeTrunk):
            n, channel = self._chosen(request.channel)
            self._legs[request.leg] = n
            asked = request if channel == request.channel else replace(request, channel=channel)
            return self._told(n, self._spans[n].handle(asked, now))
        place = None if isinstance(request, SendText) else self._legs.get(request.leg)
        if place is None:
            return [Discarded("request-leg-unknown")]
        return self._told(place, self._spans[place].handle(request, now))

    def handle_timeout(self, now: float) -> list[GroupOutput]:
        """Do what is due on any span."""
        outputs: list[GroupOutput] = []
        for n, span in enumerate(self._spans):
            due = span.next_deadline()
            if due is not None and due <= now:
                outputs += self._told(n, span.handle_timeout(now))
        return outputs

    def next_deadline(self) -> float | None:
        """When :meth:`handle_timeout` is due next."""
        due = (span.next_deadline() for span in self._spans)
        return min((at for at in due if at is not None), default=None)

    def _chosen(self, wanted: int | None) -> tuple[int, int | None]:
        """Span and channel of a circuit; for a call that has none, the first span that is up."""
        if wanted is not None and wanted // CIRCUITS < len(self._spans):
            return divmod(wanted, CIRCUITS)
        return next((n for n, span in enumerate(self._spans) if span.link_up), 0), None

    def _each(self, feed: Callable[[Trunk], Iterable[Output]]) -> list[GroupOutput]:
        return [word for n, span in enumerate(self._spans) for word in self._told(n, feed(span))]

    def _told(self, n: int, outputs: Iterable[Output]) -> list[GroupOutput]:
        """The words of span ``n``, in circuits; a leg that is cleared is forgotten."""
        return [self._translated(n, output) for output in outputs]

    def _translated(self, n: int, output: Output) -> GroupOutput:
        name = self._spans[n].config.span
        match output:
            case SendFrame(data):
                return SpanFrame(name, data)
            case Offered(leg, channel=channel):
                self._legs[leg] = n
                return output if n == 0 else replace(output, channel=_moved(n, channel))
            case Proceeding(channel=channel):
                return output if n == 0 else replace(output, channel=_moved(n, channel))
            case ChannelMoved(channel=moved):
                return replace(output, channel=circuit(n, moved))
            case LinkChanged():
                return replace(output, span=name)
            case ChannelsChanged(out_of_service=channels):
                named = frozenset(circuit(n, channel) for channel in channels)
                return replace(output, span=name, out_of_service=named)
            case Cleared(leg):
                self._legs.pop(leg, None)
        return output


def _moved(n: int, channel: int | None) -> int | None:
    return None if channel is None else circuit(n, channel)
