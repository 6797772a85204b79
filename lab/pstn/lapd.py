"""The network side of a D channel's data link (Q.921), written apart from the user side.

One link, SAPI 0, TEI 0. A command from the network has the C/R bit set; so has a response from the
user (table 1/Q.921).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

T200_S, T203_S, N200, WINDOW = 1.0, 10.0, 3, 7
_COMMAND, _RESPONSE, _TEI = 0x02, 0x00, 0x01
_SABME, _UA, _DM, _DISC, _FRMR = 0x6F, 0x63, 0x0F, 0x43, 0x87
_RR, _RNR, _REJ = 0x01, 0x05, 0x09
_P = 0x10
_MODULUS = 128


class NetworkLink:
    """The link; ``is_up`` while messages get through.

    ``write`` puts a frame on the wire, ``deliver`` takes a message, ``changed`` hears of ups and
    downs, also when the far end began anew.
    """

    def __init__(
        self,
        write: Callable[[bytes], None],
        deliver: Callable[[bytes], None],
        changed: Callable[[bool], None],
    ) -> None:
        self._write, self._deliver, self._changed = write, deliver, changed
        self.is_up = False
        self.established = 0
        """How often the link was established."""
        self._sent = self._acked = self._expected = 0
        self._window: list[bytes] = []
        """Sent and not acknowledged, oldest first."""
        self._queue: list[bytes] = []
        self._tries = 0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to establish the link."""
        self._establish()

    def close(self) -> None:
        """Stop all timers."""
        if self._timer is not None:
            self._timer.cancel()

    def send(self, message: bytes) -> None:
        """Have a message delivered; it waits while the link is down."""
        self._queue.append(message)
        self._flush()

    def receive(self, frame: bytes) -> None:
        """One frame from the user side."""
        if len(frame) < 3 or frame[1] != _TEI or frame[0] & 0xFC:
            return
        is_command = not frame[0] & 0x02
        control = frame[2]
        if control & 0x03 == 0x03:
            self._unnumbered(control & ~_P, control & _P)
        elif len(frame) < 4 or not self.is_up:
            return
        elif control & 0x01:
            self._supervisory(control, frame[3], is_command)
        else:
            self._information(control >> 1, frame[3], frame[4:])

    def _unnumbered(self, kind: int, poll: int) -> None:
        if kind == _SABME:
            self._respond(_UA | poll)
            self._come_up()
        elif kind == _DISC:
            self._respond(_UA | poll if self.is_up else _DM | poll)
            self._go_down()
        elif kind == _UA and not self.is_up:
            self._come_up()
        elif kind in (_DM, _FRMR) and self.is_up:
            self._go_down()
            self._establish()

    def _information(self, number: int, tail: int, message: bytes) -> None:
        self._acknowledge(tail >> 1)
        if number != self._expected:
            self._respond(_REJ, self._expected << 1 | tail & 1)
            return
        self._expected = (self._expected + 1) % _MODULUS
        self._respond(_RR, self._expected << 1 | tail & 1)
        self._deliver(message)

    def _supervisory(self, kind: int, tail: int, is_command: bool) -> None:
        self._acknowledge(tail >> 1)
        if is_command:
            if tail & 1:
                self._respond(_RR, self._expected << 1 | 1)
            again = kind == _REJ
        else:
            again = kind == _REJ or bool(tail & 1)  # the answer to our poll
        if again:
            self._tries = 0
            for n, message in enumerate(self._window):
                self._send_information((self._acked + n) % _MODULUS, message)
        self._flush()

    def _acknowledge(self, upto: int) -> None:
        if (upto - self._acked) % _MODULUS > len(self._window):
            return
        while self._acked != upto:
            self._window.pop(0)
            self._acked = (self._acked + 1) % _MODULUS
        self._tries = 0
        self._restart_timer()
        self._flush()

    def _flush(self) -> None:
        while self.is_up and self._queue and len(self._window) < WINDOW:
            message = self._queue.pop(0)
            self._window.append(message)
            self._send_information(self._sent, message)
            self._sent = (self._sent + 1) % _MODULUS
            self._restart_timer()

    def _send_information(self, number: int, message: bytes) -> None:
        head = bytes((_COMMAND, _TEI, number << 1, self._expected << 1))
        self._write(head + message)

    def _come_up(self) -> None:
        self._sent = self._acked = self._expected = self._tries = 0
        self._window.clear()
        self.is_up = True
        self.established += 1
        self._restart_timer()
        self._changed(True)
        self._flush()

    def _go_down(self) -> None:
        was_up, self.is_up = self.is_up, False
        self._window.clear()
        self._queue.clear()
        if was_up:
            self._changed(False)

    def _establish(self) -> None:
        self._write(bytes((_COMMAND, _TEI, _SABME | _P)))
        self._set_timer(T200_S)

    def _restart_timer(self) -> None:
        """T200 while something waits for its acknowledgement, else T203."""
        self._set_timer(T200_S if self._window else T203_S)

    def _set_timer(self, seconds: float) -> None:
        self.close()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._expired)

    def _expired(self) -> None:
        if not self.is_up:
            self._establish()
            return
        self._tries += 1
        if self._tries > N200:
            self._go_down()
            self._establish()
            return
        self._write(bytes((_COMMAND, _TEI, _RR, self._expected << 1 | 1)))
        self._set_timer(T200_S)

    def _respond(self, control: int, tail: int | None = None) -> None:
        rest = b"" if tail is None else bytes((tail,))
        self._write(bytes((_RESPONSE, _TEI, control)) + rest)
