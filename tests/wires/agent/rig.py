"""Everything around one agent process, started in order and ended by process id."""

from __future__ import annotations

import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.wires.agent.branch import CALLER_NUMBER, FLOOR_2, PSAP, Branch
from tests.wires.agent.ports import HOST, free_ports
from tests.wires.agent.process import AgentProcess
from tests.wires.agent.pump import Pump
from tests.wires.agent.sip_tap import SipTap
from tests.wires.agent.sipp import Sipp
from tests.wires.agent.span import PriNetwork

LYNC_DIALS = "+911;phone-context=Springfield"


class Rig:
    """libpri, perhaps a provider, and the agent between them and Lync."""

    def __init__(
        self,
        folder: Path,
        *,
        transport: str = "udp",
        route: tuple[str, ...] = ("pri",),
        auto: str | None = "answer",
        cama: str = "",
    ) -> None:
        self.branch = Branch(folder, transport=transport, route=route, cama=cama)
        self.pump = Pump()
        self._auto = auto
        self._sipps: list[Sipp] = []
        self._agents: list[AgentProcess] = []
        self._tap: SipTap | None = None
        self._beyond = 0
        self._pri: PriNetwork | None = None

    def __enter__(self) -> Self:
        self.branch.write()
        if self._auto is not None:
            self._pri = PriNetwork(self.branch, self.pump, self._auto)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for sipp in self._sipps:
            sipp.end()
        for agent in self._agents:
            agent.end()
        if self._pri is not None:
            self._pri.close()
        if self._tap is not None:
            self._tap.close()
        self.pump.close()

    @property
    def pri(self) -> PriNetwork:
        """The network side of the PRI."""
        assert self._pri is not None
        return self._pri

    @property
    def tap(self) -> SipTap:
        """The tap before the provider."""
        assert self._tap is not None
        return self._tap

    @property
    def agent(self) -> AgentProcess:
        """The agent that runs now."""
        return self._agents[-1]

    def start(self) -> AgentProcess:
        """Start the agent; with a PRI, wait until both sides call the link up."""
        agent = AgentProcess(self.branch, self.pump)
        self._agents.append(agent)
        agent.until_ready()
        if self._pri is not None:
            self._pri.until_up()
            agent.until(lambda: agent.ask("status")["trunks"]["pri"])
        return agent

    def provider(self, scenario: str = "provider", *, calls: int = 2) -> Sipp:
        """The SIP trunk's far end, behind a tap; OPTIONS is a call of its own to sipp."""
        (self._beyond,) = free_ports(1)
        self._tap = SipTap(self.pump, self.branch.trunk, self._beyond)
        keys = {"tap": str(self.branch.trunk)}
        return self._run(Sipp(self.branch.folder, scenario, self._beyond, calls=calls, keys=keys))

    def provider_calls(self, called: str, scenario: str = "provider_calls_back") -> Sipp:
        """The PSAP's call to one of our numbers, brought by a provider that has ended before."""
        keys = {"called": called, "psap": PSAP, "agent": str(self.branch.sip)}
        keys["tap"] = str(self.branch.trunk)
        folder = self.branch.folder
        return self._run(Sipp(folder, scenario, self._beyond, to=self.tap.inner, keys=keys))

    def sbc_delivers(self, called: str, scenario: str = "provider_calls_back") -> Sipp:
        """The PSAP's call to one of our numbers, which is the platform's own and handed to us."""
        keys = {"called": called, "psap": PSAP, "agent": str(self.branch.sip)}
        port = keys["tap"] = str(self.branch.trunk)
        folder, to = self.branch.folder, self.branch.sip
        return self._run(Sipp(folder, scenario, int(port), to=to, keys=keys))

    def lync(self, scenario: str, dialled: str = LYNC_DIALS, **keys: str) -> Sipp:
        """A call from Lync's own port; floor 2 unless told."""
        known = {"dialled": dialled, "elin": FLOOR_2.digits, "number": CALLER_NUMBER, **keys}
        return self._run(
            Sipp(
                self.branch.folder,
                scenario,
                self.branch.lync,
                to=self.branch.sip,
                transport=self.branch.transport,
                keys=known,
            )
        )

    def stranger(self, scenario: str, host: str) -> Sipp:
        """A call from an address that is no peer."""
        (port,) = free_ports(1)
        keys = {"dialled": "911", "elin": FLOOR_2.digits, "number": CALLER_NUMBER}
        to = self.branch.sip
        folder = self.branch.folder
        return self._run(Sipp(folder, scenario, port, to=to, host=host, keys=keys))

    def phone(self, scenario: str = "callback_phone") -> Sipp:
        """Lync as the one that is called."""
        return self._run(
            Sipp(
                self.branch.folder,
                scenario,
                self.branch.lync,
                transport=self.branch.transport,
            )
        )

    def desk(self, scenario: str) -> Sipp:
        """The phone at the security desk; it takes calls and texts until the test is over."""
        return self._run(Sipp(self.branch.folder, scenario, self.branch.desk, calls=100))

    def security(self, scenario: str) -> Sipp:
        """The console at the security desk, which is told by MESSAGE."""
        return self._run(Sipp(self.branch.folder, scenario, self.branch.security))

    def shout(self, port: int, datagrams: list[bytes]) -> None:
        """Send these to a port of the agent's from Lync's address."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for data in datagrams:
                sock.sendto(data, (HOST, port))

    def _run(self, sipp: Sipp) -> Sipp:
        self._sipps.append(sipp)
        return sipp
