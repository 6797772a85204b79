"""A world of one branch in moved time: LAN, spans, PSAP, phones, cloud, disk, and an agent that may
die.

Everything happens in order of time; the seed decides every die. A failing seed tells the same story
again.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from random import Random

from e911.snapshot import Snapshot
from edge_agent.sip.outputs import Destination
from edge_agent.sip.parser import read_message
from tests.flows.springfield import ELIN_1, ELIN_2, ELIN_2B, START, snapshot_of
from tests.sim.cama_line import CamaLine
from tests.sim.cama_sheets import Sheet, springfield_with_cama
from tests.sim.cloud import Cloud
from tests.sim.disk import SimDisk
from tests.sim.network_side import NetworkSide, PsapCall
from tests.sim.office import Office
from tests.sim.phones import Phone

ELINS = {ELIN_1.digits, ELIN_2.digits, ELIN_2B.digits}
DELAY_S, LATE_S = 0.002, 0.03
SILENCE_S = 5.0
"""How long a PSAP stays on a line that has gone dead."""


@dataclass(frozen=True)
class Weather:
    """How bad the world is: fractions of what is lost, doubled or late on its way."""

    span_loss: float = 0.0
    lan_loss: float = 0.0
    span_doubles: float = 0.0
    span_late: float = 0.0
    """Late frames arrive after those that were sent behind them."""


def _nowhere(frame: bytes) -> None:
    """There is no span."""


class Killed(Exception):
    """The agent was killed in the middle of a step."""


class World:
    """One branch, one seed."""

    def __init__(
        self,
        seed: int = 0,
        weather: Weather | None = None,
        snapshot: Snapshot | None = None,
        spans: tuple[str, ...] = ("pri-1",),
        cama: Sheet | None = None,
    ) -> None:
        only = not spans
        self._snapshot = snapshot or (
            springfield_with_cama(only=only) if cama is not None else snapshot_of()
        )
        self.rng = Random(seed)
        self.weather = weather or Weather()
        self.now = 0.0
        self._queue: list[tuple[float, int, Callable[[], object]]] = []
        self._order = count()
        self.disk = SimDisk(seed)
        self.cloud = Cloud(self.rng)
        self.networks = {
            span: NetworkSide(partial(self._to_agent, span), self.at) for span in spans
        }
        self.network = next(iter(self.networks.values()), NetworkSide(_nowhere, self.at))
        """The network side of the first span: where there is one, it is the PSTN."""
        self.line = None if cama is None else CamaLine(seed, cama, self, only=only)
        for span, network in self.networks.items():
            network.on_restart = partial(self._restarted, span)
        self.cut: set[str] = set()
        """Spans that carry nothing."""
        self.alarmed: set[str] = set()
        """Those of them that the driver reports; the others are found out by the link."""
        self.cut_off: list[PsapCall] = []
        """Calls that the agent holds on a channel that it restarts."""
        self.phones = {
            user: Phone(user, number, name, self._from_lan, self.at, lambda: self.now)
            for user, number, name in (
                ("ana", "4255551234", "Ana Baker"),
                ("bob", "4255555678", "Bob Carter"),
                ("desk", "4255550000", "Desk"),
            )
        }
        self.deaf: set[str] = set()
        """Hosts that hear nothing: dead peers."""
        self._boots = count(1)
        self._fuse: int | None = None
        self.outputs = 0
        self.lives: list[Office] = []
        self.agent = self.boot()
        self._every(1.0, lambda: self.cloud.drain(self.disk))
        self._every(5.0, lambda: self.agent.read_clock())

    # ---- time ----------------------------------------------------------------------------------

    def at(self, when: float, do: Callable[[], object]) -> None:
        """Have ``do`` done at ``when``."""
        heapq.heappush(self._queue, (max(when, self.now), next(self._order), do))

    def utc(self) -> datetime:
        """The wall clock, which is right."""
        return START + timedelta(seconds=self.now)

    def disk_waits_s(self) -> float:
        """How long the disk keeps its writer waiting."""
        return self.disk.stall_s

    def run(self, until: float) -> None:
        """Let time pass."""
        while True:
            dues = [network.next_deadline() for network in self.networks.values()]
            due = [t for t in (self.agent_deadline(), *dues) if t is not None]
            soonest = min([*due, self._queue[0][0] if self._queue else until, until])
            if soonest >= until:
                self.now = until
                return
            self.now = max(self.now, soonest)
            self._one_step()

    def agent_deadline(self) -> float | None:
        """When the agent's timers are due; a dead agent has none."""
        return self.agent.board.next_deadline() if self.agent.alive else None

    def _one_step(self) -> None:
        try:
            deadline = self.agent_deadline()
            if deadline is not None and deadline <= self.now:
                self.agent.tick()
            for network in self.networks.values():
                due = network.next_deadline()
                if due is not None and due <= self.now:
                    network.handle_timeout(self.now)
            if self._queue and self._queue[0][0] <= self.now:
                heapq.heappop(self._queue)[2]()
        except Killed:
            self.kill()

    def _every(self, seconds: float, do: Callable[[], object]) -> None:
        def again() -> None:
            do()
            self.at(self.now + seconds, again)

        self.at(self.now + seconds, again)

    # ---- life and death ------------------------------------------------------------------------

    def boot(self) -> Office:
        """A new life of the agent, from what the disk kept."""
        if self.line is not None:
            self.line.begin_life()
        self.agent = Office(
            self, self.disk, next(self._boots), self._snapshot, tuple(self.networks), self.line
        )
        self.lives.append(self.agent)
        if self.line is not None:
            self.line.attach(self.agent)
        for span in self.alarmed:
            self.agent.change_span(span, alarm=True)
        return self.agent

    def kill(self) -> None:
        """SIGKILL and a power cut: what was not synced is gone."""
        self.agent.alive = False
        self.disk.cut_power()
        if self.line is not None:
            self.line.dies()
        for network in self.networks.values():
            for call in list(network.calls.values()):
                self.at(self.now + SILENCE_S, partial(self._give_up, network, call))

    def _give_up(self, network: NetworkSide, call: PsapCall) -> None:
        network.hang_up(call, self.now)

    def kill_at_output(self, n: int) -> None:
        """Kill the agent just before its ``n``-th output from now leaves it."""
        self._fuse = n

    def _spend(self) -> None:
        self.outputs += 1
        if self._fuse is not None:
            self._fuse -= 1
            if self._fuse < 0:
                self._fuse = None
                raise Killed

    # ---- wires ---------------------------------------------------------------------------------

    def carry(self, data: bytes, destination: Destination) -> None:
        """The agent's datagrams, to whom they are for."""
        self._spend()
        if self.rng.random() < self.weather.lan_loss:
            return
        self.at(self.now + DELAY_S, lambda: self._deliver(data, destination.host))

    def carry_frame(self, span: str, frame: bytes) -> None:
        """The agent's frames."""
        self._spend()
        network = self.networks[span]
        self._over_the_span(span, lambda: network.receive(frame, self.now))

    def cut_span(self, span: str, *, seen: bool) -> None:
        """Nothing passes any more; ``seen`` where the driver has an alarm for it."""
        self.cut.add(span)
        if seen:
            self.alarmed.add(span)
            self.agent.change_span(span, alarm=True)

    def mend_span(self, span: str) -> None:
        """It works again."""
        self.cut.discard(span)
        if span in self.alarmed:
            self.alarmed.discard(span)
            self.agent.change_span(span, alarm=False)

    def _restarted(self, span: str, call: PsapCall) -> None:
        if self.agent.alive and call.channel in self.agent.spans[span].busy_channels:
            self.cut_off.append(call)

    def _deliver(self, data: bytes, host: str) -> None:
        if host in self.deaf:
            return
        if host == "10.0.0.90":
            self.phones["desk"].receive(data)
        elif host == "10.0.0.10":
            for user in ("ana", "bob"):
                self._deliver_to(self.phones[user], data)

    def _deliver_to(self, phone: Phone, data: bytes) -> None:
        """The platform finds the phone: by a dialog of its own, or by who is called."""
        message = read_message(data)
        known = message.headers.get("call-id") in phone.dialogs
        if known or f"sip:{phone.user}@".encode() in data.split(b"\r\n")[0]:
            phone.receive(data)

    def _from_lan(self, data: bytes) -> None:
        if self.rng.random() < self.weather.lan_loss:
            return
        host = "10.0.0.90" if b"10.0.0.90" in data.split(b"\r\n\r\n")[0] else "10.0.0.10"
        self.at(self.now + DELAY_S, lambda: self.agent.hear(data, host))

    def _to_agent(self, span: str, frame: bytes) -> None:
        self._over_the_span(span, lambda: self.agent.hear_frame(span, frame))

    def _over_the_span(self, span: str, arrive: Callable[[], object]) -> None:
        weather, dice = self.weather, self.rng
        if span in self.cut:
            return
        for _ in range(2 if dice.random() < weather.span_doubles else 1):
            if dice.random() >= weather.span_loss:
                late = LATE_S if dice.random() < weather.span_late else 0.0
                self.at(self.now + DELAY_S + late, arrive)

    # ---- what is asked at the end --------------------------------------------------------------

    def people_rung(self) -> list[str]:
        """Who was rung by a callback, in the order of the phones."""
        return [user for user, phone in self.phones.items() for _ in phone.rung]
