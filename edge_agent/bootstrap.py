"""The agent: the one place that names concrete classes on both sides of every seam, and wires them.

Order at start: journal, snapshot, sockets, children. A call is taken as soon as a socket is open,
and nothing that it needs is loaded later.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import partial

from e911.numbers import Elin
from edge_agent import cama_equipment, equipment
from edge_agent.cama.outputs import Pulse
from edge_agent.config import Config, ConfigFaults
from edge_agent.dispatches import Dispatches
from edge_agent.drivers.clock import is_synchronised, utc_now
from edge_agent.drivers.ids import RandomIds
from edge_agent.drivers.priority import SIGNALLING, go_real_time
from edge_agent.drivers.wires import Destination, Wires
from edge_agent.gateway.gateway import Gateway
from edge_agent.gateway.outputs import GatewayOutput
from edge_agent.gateway.requests import (
    ClockReading,
    Force,
    GatewayRequest,
    PlaceReadback,
    Restore,
)
from edge_agent.in_use import SnapshotInUse
from edge_agent.leg import LegId, LinkChanged
from edge_agent.messages import PlayEvent, RecordsWaiting
from edge_agent.ops.admin import AdminServer
from edge_agent.ops.answers import Answers, vitals_of
from edge_agent.ops.backroom import Backroom
from edge_agent.ops.calltrace import CallTrace
from edge_agent.ops.capture import Captures
from edge_agent.ops.health import Health
from edge_agent.ops.metrics import Metrics
from edge_agent.ops.scrape import ScrapePort
from edge_agent.ops.storage import Storage
from edge_agent.ops.systemd import Systemd
from edge_agent.ops.trunk_watch import STARTING
from edge_agent.ops.upkeep import Upkeep
from edge_agent.ops.version import own_version
from edge_agent.processes import Processes
from edge_agent.sip.config import Remote
from edge_agent.sip.endpoint import Endpoint
from edge_agent.sip.timers import Timing
from edge_agent.spills import Spills
from edge_agent.store.disk import Disk, RealDisk
from edge_agent.store.journal import Replay
from edge_agent.switchboard import Switchboard

log = logging.getLogger(__name__)

TICK_S = 1.0
CLOCK_EVERY = 10
NAMES_EVERY = 60
SWITCH_S = 0.0005
"""How long another thread may keep the interpreter while the loop has something to do."""


class Agent:
    """One edge agent: everything between ``edge.toml`` and the wires."""

    def __init__(
        self,
        config: Config,
        faults: ConfigFaults | None = None,
        disk: Disk | None = None,
        utc: Callable[[], datetime] = utc_now,
    ) -> None:
        self.config, self._utc = config, utc
        self._loop = asyncio.get_running_loop()
        self.ids = RandomIds()
        self.metrics = Metrics()
        self.health = self._make_health()
        self.calltrace = CallTrace(
            config.edge.state_dir / "trace.jsonl",
            kilobytes=config.trace.kilobytes,
            numbers=config.trace.numbers,
        )
        self.storage = self._make_storage(disk or RealDisk())
        self.dispatches = Dispatches(self, self._condition)
        self._processes = Processes(
            config, self.dispatches.hear_media, self.dispatches.hear_sync, self._child_changed
        )
        self.children = self._processes.children
        clerk, tell = self.storage.clerk, self._processes.media.send
        self.spills = Spills(tell, self._loop.call_soon, self._spill_played)
        self.upkeep = self._make_upkeep()
        self._backroom = Backroom(
            clerk, self.health, self.calltrace, self.metrics, tell, utc, self.upkeep
        )
        self._replayed = self.storage.replay()
        self.gateway = self._make_gateway(self._replayed)
        timing = Timing(ping=config.sip.trunk_ping_s)
        self.endpoint = Endpoint(equipment.endpoint_config(config), self.ids, timing)
        self.board = Switchboard(
            self.gateway,
            self.endpoint,
            equipment.trunk_groups(config, self.ids),
            self,
            cama=cama_equipment.cama_trunks(config),
            perf=time.perf_counter,
            seizures=self.metrics.seizures,
            callbacks=self.metrics.callbacks,
        )
        self.captures = Captures(config.edge.state_dir, (s.id for s in config.spans), utc)
        self._wires = Wires(self.board, self.captures)
        answers = self._make_answers()
        self._admin = AdminServer(config.edge.admin_socket, answers.commands())
        self._scrape = ScrapePort(answers.metrics_text)
        self.in_use = SnapshotInUse(self, self._alarm, tell)
        self._again: asyncio.TimerHandle | None = None
        self._systemd = Systemd()
        self._ticks, self._draining = 0, False
        self.outbox_waiting = 0
        self.stopped = asyncio.Event()
        """Set when nothing keeps the agent from ending."""
        if faults is not None:
            self._alarm("config-file-bad", ", ".join(fault.key for fault in faults.faults))

    # ---- life ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Take calls as soon as this returns.

        Raises:
            OSError: a port is taken, an address is not ours, or an agent runs on this folder.
        """
        sys.setswitchinterval(SWITCH_S)
        self.storage.claim()
        self._restore()
        rest = self.in_use.adopt_held()
        gc.freeze()
        sip, media = self.config.sip, self._processes.media
        await self._wires.open_sip(sip.host, sip.port, tcp=sip.tcp)
        spans = {equipment.span_order(s): equipment.open_span(s) for s in self.config.spans}
        self._wires.open_spans(
            spans, lambda s, v: media.send(equipment.lent(spans[s], v), v.descriptors)
        )
        self._start_links()
        self.storage.clerk.start()
        self._processes.start()
        await self._admin.start()
        if self.config.metrics.port:
            await self._scrape.start(self.config.metrics.port)
        self.in_use.go_on(rest)
        self._tick()
        go_real_time(SIGNALLING)
        log.info("edge %s takes calls, boot %s", self.config.edge.id, self.ids.boot)
        self._systemd.say("READY=1")

    async def stop(self) -> None:
        """Let go of everything, the links in order; calls that are still up end with their wires.

        A callback that comes now is the network's to route: it must not ring at a dead D channel.
        """
        self._systemd.say("STOPPING=1")
        if self._again is not None:
            self._again.cancel()
        self.in_use.cancel()
        await self._admin.stop()
        self._scrape.stop()
        self.board.stop(self._loop.time())
        self._wires.close()
        self._processes.stop()
        self.storage.clerk.stop()
        self.storage.release()
        self.stopped.set()

    def drain(self) -> None:
        """End when no call is left; calls that come meanwhile are served too. Twice: end now."""
        if self._draining:
            self.stopped.set()
        self._draining = True
        self._end_if_idle()

    def ask(self, request: GatewayRequest, now: float) -> None:
        """Have the gateway do something, in a step of its own."""
        self.board.ask(partial(self.gateway.handle, request, now), now)
        self._wires.rearm()

    def adopt_remotes(self, remotes: tuple[Remote, ...], now: float) -> None:
        """The endpoint knows these peers and trunks from now on."""
        self.board.adopt_remotes(remotes, now)
        self.rearm()

    def rearm(self) -> None:
        """Something was asked of a core: its deadline may have moved."""
        self._wires.rearm()

    def force(self, call: str) -> None:
        """End one call by name: an operator's decision."""
        self.ask(Force(call), self._loop.time())

    def set_service(self, span: str, channels: frozenset[int], *, in_service: bool) -> None:
        """Take channels of a span out of service, or put them back: an operator's decision."""
        self.board.set_service(span, channels, self._loop.time(), in_service=in_service)
        self._wires.rearm()

    def cards(self) -> dict[str, dict[str, object]]:
        """What the cards say and count of their lines, by span."""
        told = ((span.id, self._wires.status(span.id)) for span in self.config.spans)
        cards = {span: asdict(status) for span, status in told if status is not None}
        return {span: {**card, "alarms": str(card["alarms"])} for span, card in cards.items()}

    def place_readback(self, trunk: str, number: str, elin: Elin, seconds: float) -> None:
        """Have a carrier's number called that reads an ELIN back.

        Raises:
            ValueError: the gateway will not, and why.
        """
        ask = PlaceReadback(trunk, number, elin, seconds)
        why = self.gateway.why_refused(ask)
        if why:
            raise ValueError(why)
        self.ask(ask, self._loop.time())

    # ---- what the switchboard makes happen -----------------------------------------------------

    def send(self, data: bytes, destination: Destination) -> None:
        """Write SIP."""
        self._wires.send(data, destination)

    def send_frame(self, span: str, frame: bytes) -> None:
        """Write on the D channel of a span."""
        self._wires.send_frame(span, frame)

    def hook(self, span: str, channel: int, *, off_hook: bool) -> None:
        """Take a channel of a span off hook, or hang up."""
        self._wires.hook(span, channel, off_hook=off_hook)

    def pulse(self, pulse: Pulse) -> None:
        """Have media put MF signals on a channel."""
        self.spills.pulse(pulse)

    def hush(self, span: str, channel: int) -> None:
        """Have media stop what is on its way to a channel."""
        self.spills.hush(span, channel)

    def play_event(self, leg: LegId, event: int) -> None:
        """Have media send a telephone-event to a leg."""
        self._processes.media.send(PlayEvent(leg, event))

    def cut(self, connection: int) -> None:
        """End a stream whose framing is lost."""
        self._wires.cut(connection)

    def afterwards(self, outputs: list[GatewayOutput], now: float) -> None:
        """Everything of a step that no wire waits for."""
        self._backroom.afterwards(outputs, now)
        self._end_if_idle()

    def trace(self, what: str, wire: str, value: object) -> None:
        """A line of the call trace."""
        self._backroom.note(what, wire, value)

    # ---- start ---------------------------------------------------------------------------------

    def _make_health(self) -> Health:
        edge = self.config.edge
        return Health(
            edge.id,
            edge.branch,
            self.ids.boot,
            own_version(),
            utc=self._utc,
            vitals=lambda: vitals_of(self, self._loop.time()),
            put=lambda record: self.storage.clerk.put(record),
        )

    def _make_storage(self, disk: Disk) -> Storage:
        folder = self.config.edge.state_dir
        disk.make_folder(folder)

        def say(slug: str, active: bool, detail: str) -> None:
            self._from_thread(partial(self._condition, slug, active, detail))

        return Storage(
            folder,
            disk,
            self.calltrace,
            alarm=self._alarm,
            say=say,
            perf=time.perf_counter,
            saved=self.metrics.saved.observe,
            records_waiting=lambda: self._from_thread(self._tell_records_wait),
            begin=partial(go_real_time, SIGNALLING),
        )

    def _make_gateway(self, replayed: Replay) -> Gateway:
        last, edge = equipment.last_resort(self.config), self.config.edge.id
        return Gateway(edge, self.ids.boot, self.ids, last, highest=replayed.highest_utc)

    def _make_answers(self) -> Answers:
        edge, numbers = self.config.edge, self.config.trace.numbers
        return Answers(self, edge.id, edge.branch, self.ids.boot, numbers=numbers, utc=self._utc)

    def _make_upkeep(self) -> Upkeep:
        self.storage.load_trunks()
        limits, tables = equipment.limits_of(self.config), equipment.timetables_of(self.config)
        trunks = self.storage.trunks
        return Upkeep(trunks, self.health, self.place_readback, self._utc, limits, tables)

    def _restore(self) -> None:
        """Clock, trunks and bindings into the gateway; then the journal begins anew."""
        now = self._loop.time()
        self._read_clock(now)
        for equip in equipment.trunks_of(self.config):
            self.ask(equip, now)
        self.ask(Restore(self._replayed.bindings), now)
        self.storage.compact(self.gateway.bindings(now), self.gateway.clock.highest)

    def _start_links(self) -> None:
        """A link counts as down until it says otherwise: that only reorders route steps (R1)."""
        now = self._loop.time()
        for span in self.config.spans:
            self.board.hear_event(LinkChanged(span.trunk, False, STARTING, span.id), now)
        self.board.start(now)
        self._wires.rearm()

    def _tell_records_wait(self) -> None:
        self._processes.sync.send(RecordsWaiting(1))

    # ---- once a second -------------------------------------------------------------------------

    def _tick(self) -> None:
        now = self._loop.time()
        if self._ticks % CLOCK_EVERY == 0:
            self._read_clock(now)
        if self._ticks % NAMES_EVERY == 0:
            self.in_use.look_up_names()
        self._ticks += 1
        self._backroom.look(now)
        self.upkeep.look(self.gateway.trunks(), self.gateway.snapshot, now)
        if self._systemd.watchdog_s:
            self._systemd.say("WATCHDOG=1")
        self._end_if_idle()
        self._again = self._loop.call_later(TICK_S, self._tick)

    def _read_clock(self, now: float) -> None:
        self.ask(ClockReading(self._utc(), is_synchronised()), now)
        if self.gateway.clock.trusted and self.gateway.clock.highest is not None:
            self.storage.clerk.saw(self.gateway.clock.highest)

    def _end_if_idle(self) -> None:
        if self._draining and not self.gateway.calls():
            self.stopped.set()

    def _child_changed(self, slug: str, active: bool, detail: str) -> None:
        """A child began, or is gone."""
        self._condition(slug, active, detail)
        if slug == "media-down":
            self.spills.media_changed(not active)

    def _spill_played(self, span: str, channel: int, spill: int, why: str) -> None:
        self.board.hear_spill(span, channel, spill, why, self._loop.time())
        self.rearm()

    def _condition(self, slug: str, active: bool, detail: str) -> None:
        now = self._loop.time()
        if active:
            self.health.raise_alarm(slug, now, detail=detail)
        else:
            self.health.clear_alarm(slug, now)

    def _alarm(self, slug: str, detail: str = "") -> None:
        self._condition(slug, True, detail)

    def _from_thread(self, do: Callable[[], None]) -> None:
        # A loop that has ended needs to hear nothing more.
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(do)
