"""A PSAP's end of a B channel that plays and records a fifth of a second at a time.

Nothing here has to be on time within 20 ms, so a call of a minute costs the guest five steps a
second and not fifty, and the driver has a second of both directions when this process is late.
"""

from __future__ import annotations

import asyncio

from edge_agent.drivers.dahdi import Ready
from edge_agent.drivers.dahdi_kernel import LinuxKernel
from edge_agent.drivers.dahdi_voice import open_voice
from edge_agent.leg import Law

BITE = 1600
BITES, AHEAD = 8, 2
"""Of the driver's buffers, and of what is on its way to be played."""
SILENCE = b"\xff" * BITE


class Tape:
    """What the channel brought, and what is played on it, until :meth:`close`."""

    def __init__(self, kernel: LinuxKernel, loop: asyncio.AbstractEventLoop, number: int) -> None:
        self.heard = bytearray()
        self._said = b""
        self._channel = open_voice(kernel, number, Law.MU, echo_cancel=False)
        self._channel.buffers(BITES, BITE)
        for _ in range(AHEAD):
            self._channel.write(SILENCE)
        self._poller = kernel.poller(self._turn)
        self._poller.watch(self._channel.descriptor, Ready.DATA)

    def say(self, said: bytes) -> None:
        """Play this from now on, and silence after it."""
        self._said = said

    @property
    def is_played(self) -> bool:
        """Whether the driver has all of it."""
        return not self._said

    def close(self) -> None:
        """Let go of the channel."""
        self._poller.close()
        self._channel.close()

    def _turn(self, descriptor: int, ready: Ready) -> None:
        while (bite := self._channel.read(BITE)) is not None:
            self.heard += bite
            self._channel.write(self._said[:BITE].ljust(BITE, SILENCE[:1]))
            self._said = self._said[BITE:]
