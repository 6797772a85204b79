"""A gateway and its CAMA trunk on one clock, with a tandem at the far end of the line that winks,
takes digits and answers as it is told to."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from e911.rows import BranchRow, PeerRow, RouteRow, RouteStep, Row, TrunkKind, TrunkRow
from e911.snapshot import Snapshot
from edge_agent.cama.config import CamaSpan, CamaTrunkConfig
from edge_agent.cama.outputs import CamaOutput, Hook, Hush, Pulse
from edge_agent.cama.trunk import CamaTrunk
from edge_agent.gateway.requests import Equip
from edge_agent.leg import Cleared, Discarded, LegId, LegRequest, SeizeTrunk, SendText, WireEvent
from edge_agent.line import HookChanged
from tests.edge.gateway.test_callback import branch
from tests.flows.springfield import Story, gateway, snapshot_of

CAMA, SPAN = "cama", "em-1"
LYNC = PeerRow("lync", "springfield", "127.0.0.1", 5070, delivers_callbacks=True)


@dataclass
class Tandem:
    """How the far end behaves, in seconds; ``None``: it never does."""

    winks_after: float | None = 0.1
    wink_s: float = 0.2
    asks_after: float | None = None
    """From the called digits to its off-hook, which asks for the number (``fgc``)."""
    answers_after: float | None = 3.0
    """From the end of the last spill."""


class CamaOffice(Story):
    """Springfield with a CAMA trunk before its PRI, or with nothing else."""

    def __init__(
        self,
        tandem: Tandem | None = None,
        *,
        only: bool = False,
        channels: tuple[int, ...] = (1,),
        row: BranchRow | None = None,
        **config: Any,
    ) -> None:
        super().__init__(gateway(springfield_with_cama(row or branch(), only=only)))
        self.tandem = tandem or Tandem()
        plain: dict[str, Any] = {"format": "kp-0-nxx-xxxx-st", "home_area": "425"}
        spans = (CamaSpan(SPAN, channels),)
        self.trunk = CamaTrunk(CamaTrunkConfig(trunk=CAMA, spans=spans, **{**plain, **config}))
        self.line: list[tuple[float, Hook | Pulse | Hush]] = []
        """What the agent did on the line, and when."""
        self.counted: list[Discarded] = []
        self._far_off: set[int] = set()
        self._spills: dict[int, int] = {}
        self._mine: set[LegId] = set()
        self._events: deque[WireEvent] = deque()
        self._queue: list[tuple[float, int, Callable[[], Iterable[CamaOutput]]]] = []
        self._order = count()
        self.ask(Equip(CAMA, (), ((SPAN, self.trunk.circuits(SPAN)),)))
        self._hear(self.trunk.start(0.0))
        self._settle()

    # ---- what a test says and asks -------------------------------------------------------------

    def say(self, *events: WireEvent | Any) -> list[Any]:
        """Another wire than the trunk says these, one after the other."""
        self.last = []
        for event in events:
            self._events.append(event)
            self._settle()
        return self.last

    def wait(self, seconds: float) -> list[Any]:
        """The clock moves: gateway, trunk and tandem, each at its own time."""
        until, self.last = self.now + seconds, []
        while (due := self._soonest()) is not None and due <= until:
            self.now = max(self.now, due)
            self._one_step()
        self.now = until
        return self.last

    def hooks(self) -> list[tuple[float, bool]]:
        """When the agent went off hook and on."""
        return [(round(t, 3), did.off_hook) for t, did in self.line if isinstance(did, Hook)]

    def pulsed(self) -> list[str]:
        """The spills, as signals."""
        return [did.signals for _, did in self.line if isinstance(did, Pulse)]

    def far_end(self, off_hook: bool, channel: int = 1) -> None:
        """The tandem goes off hook, or on."""
        self.last = []
        self._hear(self._shows(channel, off_hook))
        self._settle()

    def span_fails(self) -> None:
        """The span goes into alarm."""
        self.last = []
        self._hear(self.trunk.span_down(SPAN, self.now))
        self._settle()

    # ---- the pump ------------------------------------------------------------------------------

    def _soonest(self) -> float | None:
        queued = self._queue[0][0] if self._queue else None
        dues = (self.gateway.next_deadline(), self.trunk.next_deadline(), queued)
        return min((due for due in dues if due is not None), default=None)

    def _one_step(self) -> None:
        if self._queue and self._queue[0][0] <= self.now:
            self._hear(heapq.heappop(self._queue)[2]())
        due = self.trunk.next_deadline()
        if due is not None and due <= self.now:
            self._hear(self.trunk.handle_timeout(self.now))
        due = self.gateway.next_deadline()
        if due is not None and due <= self.now:
            self._perform(self.gateway.handle_timeout(self.now))
        self._settle()

    def _settle(self) -> None:
        """As on the switchboard: whatever is said joins the queue of the same step."""
        while self._events:
            self._perform(self.gateway.receive(self._events.popleft(), self.now))

    def _perform(self, outputs: Iterable[Any]) -> None:
        for output in outputs:
            self.last.append(output)
            self.heard.append(output)
            if isinstance(output, SeizeTrunk) and output.trunk == CAMA:
                self._mine.add(output.leg)
            if not isinstance(output, LegRequest) or isinstance(output, SendText):
                continue
            if output.leg in self._mine:
                self._hear(self.trunk.handle(output, self.now))

    def _hear(self, outputs: Iterable[CamaOutput]) -> None:
        for output in outputs:
            match output:
                case Hook() | Pulse() | Hush():
                    self.line.append((self.now, output))
                    self._far_end_hears(output)
                case Discarded():
                    self.counted.append(output)
                case _:
                    if isinstance(output, Cleared):
                        self._mine.discard(output.leg)
                    self._events.append(output)

    # ---- the far end ---------------------------------------------------------------------------

    def _far_end_hears(self, did: Hook | Pulse | Hush) -> None:
        tandem, channel = self.tandem, did.channel
        match did:
            case Hook(off_hook=True):
                self._spills[channel] = 0
                if tandem.winks_after is not None:
                    self._later(tandem.winks_after, lambda: self._shows(channel, True))
                    over = tandem.winks_after + tandem.wink_s
                    self._later(over, lambda: self._shows(channel, False))
            case Hook():
                self._later(0.05, lambda: self._shows(channel, False))
            case Pulse():
                seconds = did.tones.length_ms(did.signals) / 1000
                self._later(seconds, lambda: self._spill_is_out(did))

    def _spill_is_out(self, pulse: Pulse) -> list[CamaOutput]:
        self._spills[pulse.channel] += 1
        asks = self.tandem.asks_after if self._spills[pulse.channel] == 1 else None
        after = self.tandem.answers_after if asks is None else asks
        if after is not None:
            self._later(after, lambda: self._shows(pulse.channel, True))
        return self.trunk.spill_played(pulse.span, pulse.channel, pulse.spill, "", self.now)

    def _shows(self, channel: int, off_hook: bool) -> list[CamaOutput]:
        if off_hook == (channel in self._far_off):
            return []
        if off_hook and not self._we_are_off(channel):
            return []  # the call it was about to take is over
        (self._far_off.add if off_hook else self._far_off.discard)(channel)
        return self.trunk.hear(SPAN, HookChanged(channel, off_hook, self.now), self.now)

    def _we_are_off(self, channel: int) -> bool:
        did = [d for _, d in self.line if isinstance(d, Hook) and d.channel == channel]
        return bool(did) and did[-1].off_hook

    def _later(self, seconds: float, do: Callable[[], Iterable[CamaOutput]]) -> None:
        heapq.heappush(self._queue, (self.now + seconds, next(self._order), do))


def springfield_with_cama(row: BranchRow, *, only: bool) -> Snapshot:
    """Its 911 calls go to the CAMA trunk first and, unless that is the only one, to the PRI."""
    steps = (RouteStep(CAMA),) if only else (RouteStep(CAMA), RouteStep("pri"))
    rows: list[Row] = [
        replace(row, relay_trunk=CAMA if only else "pri"),
        RouteRow("911", "springfield", steps),
        TrunkRow(CAMA, "springfield", TrunkKind.CAMA),
        LYNC,
    ]
    return snapshot_of(rows, dropped=["gateway", "pri"] if only else ["gateway"])
