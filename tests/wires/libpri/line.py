"""The line under the libpri process: frames without FCS, over an inherited socket or over UDP."""

from __future__ import annotations

import argparse
import socket


class Wire:
    """Frames without FCS, in and out; libpri itself reads and writes two octets more."""

    def __init__(self, sock: socket.socket, prefix: bytes) -> None:
        self.sock = sock
        self._prefix = prefix
        sock.setblocking(False)

    def read(self) -> bytes:
        """Return one frame, empty where none waits."""
        try:
            data = self.sock.recv(4096)
        except (BlockingIOError, ConnectionRefusedError):
            return b""
        if not data.startswith(self._prefix):
            return b""
        return data[len(self._prefix) :]

    def write(self, frame: bytes) -> None:
        """Send one frame; a peer that is not there yet loses it, as on a line."""
        try:
            self.sock.send(self._prefix + frame)
        except (BlockingIOError, ConnectionRefusedError):
            return


def open_wire(options: argparse.Namespace) -> Wire:
    """The line that the options name."""
    if options.udp is None:
        return Wire(socket.socket(fileno=options.fd), b"")
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(_address(options.udp[0]))
    sock.connect(_address(options.udp[1]))
    return Wire(sock, b"D")


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)
