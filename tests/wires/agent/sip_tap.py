"""A tap on the line to a SIP provider: datagrams pass both ways and every one is kept."""

from __future__ import annotations

import socket
from contextlib import suppress

from tests.wires.agent.ports import HOST
from tests.wires.agent.pump import Pump


class SipTap:
    """Stands at ``port``, where the agent believes the provider is; the provider is ``beyond``."""

    def __init__(self, pump: Pump, port: int, beyond: int) -> None:
        self._pump = pump
        self.port = port
        self.datagrams: list[tuple[bool, bytes]] = []
        """(written by the agent, datagram)"""
        self._agent: tuple[str, int] | None = None
        self._front, self._back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "ab")
        self._front.setblocking(False)
        self._back.setblocking(False)
        self._front.bind((HOST, port))
        self._back.bind((HOST, 0))
        self._back.connect((HOST, beyond))
        pump.watch(self._front, self._from_agent)
        pump.watch(self._back, self._from_provider)

    @property
    def inner(self) -> int:
        """The port at which the provider reaches the agent, once the agent has spoken."""
        port: int = self._back.getsockname()[1]
        return port

    @property
    def ours(self) -> list[bytes]:
        """What the agent wrote."""
        return [data for by_agent, data in self.datagrams if by_agent]

    def close(self) -> None:
        """Let go of the sockets."""
        for sock in (self._front, self._back):
            self._pump.drop(sock)
            sock.close()

    def _from_agent(self) -> None:
        data, self._agent = self._front.recvfrom(65536)
        self.datagrams.append((True, data))
        with suppress(ConnectionRefusedError):
            self._back.send(data)

    def _from_provider(self) -> None:
        with suppress(ConnectionRefusedError):
            data = self._back.recv(65536)
            self.datagrams.append((False, data))
            if self._agent is not None:
                self._front.sendto(data, self._agent)
