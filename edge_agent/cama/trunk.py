"""A CAMA trunk behind the four doors: its circuits, which of them a call takes, and what it says of
them.

A trunk only calls out; a PSAP's callback comes by another way. Nothing here ever seizes a circuit
but a call: a seizure without a number may be routed to a PSAP.

R1, off hook in the step of the seizure, has one exception: a circuit that was hung up less than
``guard`` ago would not be seen by the far end. It says so (``ChannelsChanged.resting``), so that
the gateway takes any other circuit or trunk in that step; where there is none, the call waits here
until the far end can see it, which is sooner than any other way to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import count

from e911.numbers import Elin
from edge_agent.cama.circuit import TEMPORARY_FAILURE, Call, Circuit
from edge_agent.cama.config import CamaTrunkConfig
from edge_agent.cama.digits import NotCarried, Spill, spell, spell_failure
from edge_agent.cama.outputs import CamaOutput, Hook, Hush
from edge_agent.leg import (
    ChannelMoved,
    ChannelsChanged,
    Clear,
    Cleared,
    Discarded,
    LegId,
    LegRequest,
    LinkChanged,
    Proceeding,
    SeizeTrunk,
    SendText,
    WireAlarm,
)
from edge_agent.line import CIRCUITS, Transition, circuit

_NO_ROUTE = 3
_SPAN_DOWN = "span-down"
_INVALID_NUMBER = 28
_NO_CIRCUIT = 34
_NOT_AVAILABLE = 44
_SILENT_CIRCUITS = 2
_SILENT = "no start signal on two channels"
NOT_CARRIED = "ani-not-carried"
"""Slug of the alarm: a call had a number that the format cannot say."""

Condition = tuple[frozenset[int], frozenset[int], frozenset[int]]
"""Circuits of a span that are out of service, suspect, resting."""


class CamaTrunk:
    """One trunk: all its spans, their channels numbered as circuits as on any other trunk."""

    def __init__(self, config: CamaTrunkConfig) -> None:
        self.config = config
        ids = count(1)
        self._place = {span.span: n for n, span in enumerate(config.spans)}
        self._circuits = {
            number: Circuit(number, channel, span, config, ids)
            for n, span in enumerate(config.spans)
            for channel in span.channels
            if (number := circuit(n, channel))
        }
        self._legs: dict[LegId, Circuit] = {}
        self._timed: dict[int, Circuit] = {}
        """Circuits with something to do in time: an idle one costs nothing."""
        self._down: set[str] = set()
        self._told: dict[str, Condition] = {}
        self._not_carried = False
        self._silent: set[int] = set()
        """Circuits without a start signal since any had one."""
        self._noted: set[int] = set()
        """Circuits that are suspect for want of one."""
        self._was_silent = False

    @property
    def spans(self) -> tuple[str, ...]:
        """The spans by name, in their order."""
        return tuple(self._place)

    def circuits(self, span: str) -> tuple[int, ...]:
        """The circuits that a span carries."""
        return tuple(each.number for each in self._of(span))

    # ---- the doors ----

    def start(self, now: float) -> list[CamaOutput]:
        """Say which spans can be had: a trunk without a D channel has no other link."""
        up = [span for span in self._place if span not in self._down]
        return [LinkChanged(self.config.trunk, True, span=span) for span in up]

    def stop(self, now: float) -> list[CamaOutput]:
        """Hang up whatever is up: no trunk is left off hook by an agent that ends. Calls end with
        whoever stops: there is nothing to say of them.
        """
        up = list(self._legs.values())
        outputs = self._each(up, lambda each: each.clear(TEMPORARY_FAILURE, now))
        return [output for output in outputs if isinstance(output, Hook | Hush)]

    def span_up(self, span: str, now: float) -> list[CamaOutput]:
        """The span has no alarm any more."""
        if span not in self._down:
            return []
        self._down.discard(span)
        link = LinkChanged(self.config.trunk, True, span=span)
        return [link, *self._each(self._of(span), lambda each: each.alarm(now, active=False))]

    def span_down(self, span: str, now: float) -> list[CamaOutput]:
        """The span is in alarm: calls whose digits are not out move on, the others are kept for a
        while."""
        if span in self._down:
            return []
        self._down.add(span)
        link = LinkChanged(self.config.trunk, False, _SPAN_DOWN, span)
        return [link, *self._each(self._of(span), lambda each: each.alarm(now, active=True))]

    def set_service(
        self, span: str, numbers: frozenset[int], now: float, *, in_service: bool
    ) -> list[CamaOutput]:
        """The operator takes channels of a span out of service, or puts them back, which clears
        them of suspicion too; ``numbers`` are channels or circuits.

        Raises:
            ValueError: the span has no such channel.
        """
        n = self._place[span]
        chosen = {number if number >= CIRCUITS else circuit(n, number) for number in numbers}
        strange = chosen - set(self.circuits(span))
        if strange:
            raise ValueError(f"{span} has no channel {min(strange)}")
        circuits = [self._circuits[number] for number in chosen]
        for each in circuits:
            each.laid_off = not in_service
            if in_service:
                each.prove(now)
        return self._finished([], circuits)

    def hear(self, span: str, transition: Transition, now: float) -> list[CamaOutput]:
        """The far end of a channel has done something."""
        each = self._at(span, transition.channel)
        if each is None:
            return [Discarded("channel-unknown")]
        return self._finished(each.hear(transition, now), [each])

    def spill_played(
        self, span: str, channel: int, spill: int, why: str, now: float
    ) -> list[CamaOutput]:
        """Media has put a spill out whole, or (``why``) it is not to be taken for sent."""
        each = self._at(span, channel)
        if each is None:
            return [Discarded("channel-unknown")]
        return self._finished(each.spill_played(spill, why, now), [each])

    def handle(self, request: LegRequest, now: float) -> list[CamaOutput]:
        """Do what the gateway asks; what only a leg that calls in can be asked means nothing."""
        if isinstance(request, SeizeTrunk):
            return self._seize(request, now)
        each = None if isinstance(request, SendText) else self._legs.get(request.leg)
        if each is None:
            return [Discarded("request-leg-unknown")]
        if isinstance(request, Clear):
            return self._finished(each.clear(request.cause, now), [each])
        return [Discarded("request-unexpected")]

    def handle_timeout(self, now: float) -> list[CamaOutput]:
        """Do what is due on any circuit."""
        outputs: list[CamaOutput] = []
        circuits = list(self._timed.values())
        for each in circuits:
            while (due := each.next_deadline()) is not None and due <= now:
                outputs += each.expire(now)
        return self._finished(outputs, circuits)

    def next_deadline(self) -> float | None:
        """When :meth:`handle_timeout` is due next."""
        due = (each.next_deadline() for each in self._timed.values())
        return min((at for at in due if at is not None), default=None)

    # ---- a call ----

    def _seize(self, request: SeizeTrunk, now: float) -> list[CamaOutput]:
        if request.leg in self._legs:
            return [Discarded("request-leg-known")]
        if not request.emergency and not self._takes(request):
            return [Cleared(request.leg, _NO_ROUTE, text="called-not-carried", sent=False)]
        spills, said = self._spelled(request)
        if spills is None:
            return said
        chosen = self._chosen(request.channel)
        if chosen is None:
            cause = _NO_CIRCUIT if request.channel is None else _NOT_AVAILABLE
            return [*said, Cleared(request.leg, cause, text="no-circuit", sent=False)]
        self._legs[request.leg] = chosen
        said += chosen.seize(Call(request.leg, spills), now)
        if chosen.number != request.channel:
            said.append(ChannelMoved(request.leg, chosen.number))
        return self._finished(said, [chosen])

    def _takes(self, request: SeizeTrunk) -> bool:
        """Whether a call that is no emergency may go out: not where it would ring a PSAP whatever
        it is for, and not as a test of an ELIN, whatever else is thought of this trunk."""
        return self.config.says_called and not isinstance(request.calling, Elin)

    def _spelled(self, request: SeizeTrunk) -> tuple[tuple[Spill, ...] | None, list[CamaOutput]]:
        """What is pulsed; ``None`` where the call is refused before anything is sent."""
        calling = request.calling
        number = calling.digits if isinstance(calling, Elin) else calling.number
        spelled = spell(self.config, number, request.called)
        if not isinstance(spelled, NotCarried):
            return spelled, self._alarm(active=False)
        said = self._alarm(active=True, why=spelled.why)
        if request.without_number:
            return spell_failure(self.config, request.called), said
        refused = Cleared(
            request.leg, _INVALID_NUMBER, text=NOT_CARRIED, sent=False, uncarried=True
        )
        return None, [*said, refused]

    def _alarm(self, *, active: bool, why: str = "") -> list[CamaOutput]:
        if not active and not self._not_carried:
            return []
        self._not_carried = active
        return [WireAlarm("ani-not-carried", self.config.trunk, active, why)]

    def _chosen(self, wanted: int | None) -> Circuit | None:
        """The circuit that is asked for, or, where it has a call or there is none such, the best
        of those that are free."""
        asked = None if wanted is None else self._circuits.get(wanted)
        if asked is not None and asked.free:
            return asked
        free = [each for each in self._circuits.values() if each.free]
        return min(free, key=lambda each: (each.rank, each.number), default=None)

    # ---- what is said of the circuits ----

    def _each(
        self, circuits: Iterable[Circuit], feed: Callable[[Circuit], list[CamaOutput]]
    ) -> list[CamaOutput]:
        fed = list(circuits)
        return self._finished([output for each in fed for output in feed(each)], fed)

    def _finished(
        self, outputs: list[CamaOutput], circuits: Collection[Circuit]
    ) -> list[CamaOutput]:
        """Note when these circuits are due, forget the legs that are over, and say what has changed
        of the circuits: before the end of a call, for the gateway takes the next circuit as it
        hears of it."""
        for each in circuits:
            if each.next_deadline() is None:
                self._timed.pop(each.number, None)
            else:
                self._timed[each.number] = each
            self._note_silence(each)
        for output in outputs:
            if isinstance(output, Cleared):
                self._legs.pop(output.leg, None)
            elif isinstance(output, Proceeding):
                self._silent.clear()
        changed = self._changes({each.span.span for each in circuits})
        if not changed:
            return outputs
        ends = (n for n, output in enumerate(outputs) if isinstance(output, Cleared))
        place = next(ends, len(outputs))
        return [*outputs[:place], *changed, *outputs[place:]]

    def _note_silence(self, each: Circuit) -> None:
        if not each.is_silent:
            self._noted.discard(each.number)
            self._silent.discard(each.number)
        elif each.number not in self._noted:
            self._noted.add(each.number)
            self._silent.add(each.number)

    def _changes(self, spans: Collection[str]) -> list[CamaOutput]:
        """Two circuits without a start signal, and no other with one: it is the tandem that is
        silent, and the next caller need not find that out on a third."""
        all_silent = _SILENT if len(self._silent) >= _SILENT_CIRCUITS else ""
        changed: list[CamaOutput] = []
        for span in sorted(self._place if all_silent or self._was_silent else spans):
            circuits = self._of(span)
            doubts = {each.number: each.suspect or all_silent for each in circuits}
            suspect = {number: why for number, why in doubts.items() if why}
            now_is = (
                frozenset(each.number for each in circuits if each.laid_off),
                frozenset(suspect),
                frozenset(each.number for each in circuits if each.resting),
            )
            before = self._told.get(span, (frozenset(), frozenset(), frozenset()))
            if now_is == before:
                continue
            self._told[span] = now_is
            why = next((suspect[number] for number in sorted(now_is[1] - before[1])), "")
            changed.append(ChannelsChanged(self.config.trunk, span, *now_is, why))
        self._was_silent = bool(all_silent)
        return changed

    def _of(self, span: str) -> list[Circuit]:
        n = self._place[span]
        channels = self.config.spans[n].channels
        return [self._circuits[circuit(n, channel)] for channel in channels]

    def _at(self, span: str, channel: int) -> Circuit | None:
        n = self._place.get(span)
        return None if n is None else self._circuits.get(circuit(n, channel))
