"""An E9-1-1 tandem's end of a span of CAMA trunks: the enterprise seizes, the tandem winks and
listens.

Hook signals are datagrams ``S``, channel, kind and value on the D half, alarms ``A`` and one byte,
voice as on any span. One way only: nobody can be called on these trunks.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from lab.phones.bulletin import Bulletin
from lab.phones.tones import BLOCK
from lab.pstn.cama_circuit import CamaCircuit, Timing
from lab.pstn.circuit import Circuit
from lab.pstn.dialled import TrunkGroup
from lab.pstn.half import Half
from lab.pstn.span import SpanPorts

_VOICE = struct.Struct("!cBH")
_SIGNAL = struct.Struct("!cBcB")
_SAID: Mapping[str, tuple[bytes, int, int]] = {
    # how this end says on and off hook
    "em": (b"h", 0, 1),
    "bits": (b"b", 0b0000, 0b1111),
    "loop": (b"p", 0, 1),
}
_B_BIT = 0b0100
"""Robbed-bit E&M says the hook in A and B alike; a line that has two bits has both of these."""


class Tandem:
    """One span; ``offered`` is told of each call once its digits are whole."""

    def __init__(
        self,
        trunk: str,
        ports: SpanPorts,
        news: Bulletin,
        offered: Callable[[Circuit], None],
        group: TrunkGroup,
        timing: Timing | None = None,
        supervision: str = "em",
    ) -> None:
        self.trunk, self.news, self._offered = trunk, news, offered
        self._group, self._timing = group, timing or Timing()
        self._said = _SAID[supervision]
        self.seizures: list[CamaCircuit] = []
        """Every seizure so far."""
        self.is_silent = False
        """Seizures are not answered by a wink: a tandem that is out of order."""
        self._busy: dict[int, CamaCircuit] = {}
        self._off_hook: set[int] = set()
        self._numbers: dict[int, int] = {}
        self._d = Half(ports.d_local, ports.d_remote, self._hear_signal)
        self._b = Half(ports.b_local, ports.b_remote, self._hear_block)

    def start(self) -> None:
        """Listen."""
        self._d.start()
        self._b.start()

    def close(self) -> None:
        """Let go of everything."""
        for circuit in list(self._busy.values()):
            circuit.let_go()
        self._d.close()
        self._b.close()

    async def place(self, calling: str, called: str) -> Circuit:
        """Nobody is called on a CAMA trunk.

        Raises:
            ConnectionError: always.
        """
        raise ConnectionError(f"no callback comes on CAMA: {calling} cannot reach {called} here")

    @property
    def seized(self) -> tuple[int, ...]:
        """Channels on which the enterprise is off hook."""
        return tuple(sorted(self._busy))

    def is_off_hook(self, channel: int) -> bool:
        """Whether this end is off hook."""
        return channel in self._off_hook

    def hook(self, channel: int, *, off_hook: bool) -> None:
        """Say on this channel that we are off hook, or on hook again; nothing where it is said."""
        if off_hook == self.is_off_hook(channel):
            return
        (self._off_hook.add if off_hook else self._off_hook.discard)(channel)
        kind, on, off = self._said
        self._d.write(_SIGNAL.pack(b"S", channel, kind, off if off_hook else on))

    def raise_alarm(self, alarms: int) -> None:
        """Make the enterprise see these alarms, as a broken line would; 0 ends them."""
        self._d.write(b"A" + bytes((alarms,)))

    def hang_up_all(self) -> None:
        """The enterprise's card was closed, and has put every channel on hook."""
        for channel in self.seized:
            self._hooked(channel, off_hook=False)

    def send_block(self, channel: int, block: bytes) -> None:
        """Write 20 ms of voice."""
        number = self._numbers.get(channel, -1) + 1 & 0xFFFF
        self._numbers[channel] = number
        self._b.write(_VOICE.pack(b"B", channel, number) + block)

    def _hear_signal(self, data: bytes) -> None:
        if len(data) != _SIGNAL.size or data[:1] != b"S":
            return
        _, channel, kind, value = _SIGNAL.unpack(data)
        if kind in (b"h", b"b"):
            off_hook = value if kind == b"h" else value & _B_BIT
            self._hooked(channel, off_hook=bool(off_hook))

    def _hooked(self, channel: int, *, off_hook: bool) -> None:
        held = self._busy.get(channel)
        if off_hook and held is None:
            self._busy[channel] = CamaCircuit(
                self, channel, self._group, self._timing, self._offered
            )
            self.seizures.append(self._busy[channel])
            self.news.post()
        elif not off_hook and held is not None:
            del self._busy[channel]
            held.let_go()

    def _hear_block(self, data: bytes) -> None:
        if len(data) == _VOICE.size + BLOCK and data[:1] == b"B" and data[1] in self._busy:
            self._busy[data[1]].hear(data[_VOICE.size :])
