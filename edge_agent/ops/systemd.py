"""What systemd is told: ready, alive, stopping (sd_notify(3)); nothing where nobody asked."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


class Systemd:
    """The notify socket of this process, if it has one; read from the environment once."""

    def __init__(self) -> None:
        name = os.environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + name[1:] if name.startswith("@") else name
        microseconds = os.environ.get("WATCHDOG_USEC", "0")
        self.watchdog_s = int(microseconds) / 2_000_000 if microseconds.isdecimal() else 0.0
        """How often to say that we are alive: half of what systemd waits; 0 for never."""

    def say(self, *lines: str) -> None:
        """Send e.g. ``READY=1`` or ``WATCHDOG=1``."""
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto("\n".join(lines).encode(), self._address)
