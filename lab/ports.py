"""Free ports of loopback for processes that must be told theirs before they start.

They are taken below the range from which the kernel gives ports to others, so that nobody gets them
in between.
"""

from __future__ import annotations

import contextlib
import random
import socket

HOST = "127.0.0.1"
FIRST, LAST = 10_000, 30_000
_handed_out: set[int] = set()


def free_port() -> int:
    """A port that nobody uses, neither by UDP nor by TCP."""
    return free_range(1)


def free_range(count: int) -> int:
    """The first of so many free ports in a row; an even one. Raises OSError where there are none.

    The dice are the system's: two labs at once must not try the same ports.
    """
    dice = random.SystemRandom()
    for _ in range(200):
        first = dice.randrange(FIRST, LAST - count, 2)
        wanted = range(first, first + count)
        if _handed_out.isdisjoint(wanted) and all(_is_free(port) for port in wanted):
            _handed_out.update(wanted)
            return first
    raise OSError("no free ports on loopback")


def _is_free(port: int) -> bool:
    with contextlib.ExitStack() as sockets:
        try:
            for kind in _KINDS:
                sock = sockets.enter_context(socket.socket(socket.AF_INET, kind))
                sock.bind((HOST, port))
        except OSError:
            return False
    return True


_KINDS = (socket.SOCK_DGRAM, socket.SOCK_STREAM)
