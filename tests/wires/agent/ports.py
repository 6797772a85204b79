"""Ports on loopback that nobody has, and a wait until somebody has taken one."""

from __future__ import annotations

import random
import re
import socket
import time
from pathlib import Path

HOST = "127.0.0.1"
KINDS = (socket.SOCK_DGRAM, socket.SOCK_STREAM)
LISTENING = {"udp": "07", "tcp": "0A"}
"""State in the kernel's table (include/net/tcp_states.h): unconnected, LISTEN."""


def free_ports(count: int) -> list[int]:
    """So many ports, not in a row."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(12_000, 32_000)
        if port not in found and is_free(port):
            found.append(port)
    return found


def free_run(count: int) -> int:
    """The first of so many free ports in a row; it is even, as RTP's are."""
    while True:
        first = random.randrange(12_000, 32_000 - count, 2)
        if all(is_free(port) for port in range(first, first + count)):
            return first


def is_free(port: int) -> bool:
    """Whether neither UDP nor TCP uses the port."""
    for kind in KINDS:
        with socket.socket(socket.AF_INET, kind) as sock:
            try:
                sock.bind((HOST, port))
            except OSError:
                return False
    return True


def until_taken(port: int, transport: str, within_s: float = 10.0) -> None:
    """Wait until somebody listens there: the kernel's own table says so."""
    wanted = re.compile(rf":{port:04X} [0-9A-F:]+ {LISTENING[transport]} ")
    limit = time.monotonic() + within_s
    while not wanted.search(Path(f"/proc/net/{transport}").read_text()):
        assert time.monotonic() < limit, f"nobody listens on {transport} port {port}"
