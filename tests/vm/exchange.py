"""The carrier's end of span 2: libpri on the D channel, and bare voice on the B channels."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from edge_agent.drivers.dahdi_channel import Channel
from edge_agent.drivers.dahdi_kernel import LinuxKernel
from edge_agent.drivers.dahdi_span import DahdiDChannel
from edge_agent.drivers.dahdi_voice import DahdiBChannels, open_voice
from edge_agent.leg import Law
from tests.vm.bell import PATIENCE_S, Bell
from tests.vm.ground import copy
from tests.vm.tape import Tape
from tests.wires.libpri.rig import Network

FIRST, D_CHANNEL = 25, 48
"""Channel numbers of span 2: its B channel 1, and its D channel."""

Event = dict[str, Any]


class Exchange:
    """libpri between a socket and the D channel; the cable between them can be pulled."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._loop = asyncio.get_running_loop()
        self._kernel = LinuxKernel(self._loop)
        self.heard: list[Event] = []
        self.is_pulled = False
        self._near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._near.setblocking(False)
        self._network = Network("--switch", "ni2", "--auto", "answer", fd=far.fileno())
        far.close()
        self._d_channel = DahdiDChannel(
            self._kernel, self._loop, D_CHANNEL, self._from_line, bell.ring, bell.ring
        )
        self._loop.add_reader(self._near, self._from_network)
        self._loop.add_reader(self._network.stdout, self._listen)

    def do(self, deed: str, **fields: Any) -> None:
        """Ask libpri for something."""
        self._network.do(deed, **fields)

    def events(self, name: str) -> list[Event]:
        """What libpri has told of one name."""
        return [event for event in self.heard if event["event"] == name]

    async def until(self, name: str, count: int = 1, within_s: float = PATIENCE_S) -> Event:
        """Wait for the ``count``th event of a name."""
        await self._bell.until(
            lambda: len(self.events(name)) >= count, lambda: self.heard[-20:], within_s
        )
        return self.events(name)[count - 1]

    def voice(self, channel: int) -> FarVoice:
        """The voice of a B channel, by its number on the line."""
        return FarVoice(self._kernel, self._loop, channel, self._bell)

    def tape(self, channel: int) -> Tape:
        """The same voice in larger bites, for a long call."""
        return Tape(self._kernel, self._loop, FIRST + channel - 1)

    def close(self) -> None:
        """Let go of everything."""
        self._loop.remove_reader(self._near)
        self._loop.remove_reader(self._network.stdout)
        self._network.end()
        self._near.close()
        self._d_channel.close()

    def _from_line(self, frame: bytes, at: float) -> None:
        if not self.is_pulled:
            with suppress(BlockingIOError):
                self._near.send(frame)

    def _from_network(self) -> None:
        with suppress(BlockingIOError):
            frame = self._near.recv(4096)
            if frame and not self.is_pulled:
                self._d_channel.send(frame)

    def _listen(self) -> None:
        self.heard += self._network.read()
        self._bell.ring()


class FarVoice:
    """What the PSAP hears on a channel, and says at the pace of the card."""

    def __init__(
        self, kernel: LinuxKernel, loop: asyncio.AbstractEventLoop, channel: int, bell: Bell
    ) -> None:
        self.heard = bytearray()
        self.slips = 0
        self._saying: list[bytes] = []
        self._bell = bell
        self._held: Channel = open_voice(kernel, FIRST + channel - 1, Law.MU, echo_cancel=False)
        copies = {channel: copy(self._held.descriptor)}
        hear: Callable[[int, bytes, float], None] = self._hear
        self._voice = DahdiBChannels(kernel, loop, copies, Law.MU, hear, self._slip)
        self._voice.listen({channel})

    def say(self, blocks: list[bytes]) -> None:
        """Say these, in order."""
        self._saying = list(reversed(blocks))

    @property
    def has_said_all(self) -> bool:
        """Whether nothing is left to say."""
        return not self._saying

    def close(self) -> None:
        """Let go of the channel."""
        self._voice.close()
        self._held.close()

    def _hear(self, channel: int, block: bytes, at: float) -> None:
        self.heard += block
        self._voice.send(channel, self._saying.pop() if self._saying else b"\xff" * len(block))
        self._bell.ring()

    def _slip(self, channel: int, blocks: int) -> None:
        self.slips += blocks
