"""Free ports are free, and nobody is given one twice."""

from __future__ import annotations

import socket

from lab.ports import HOST, free_port, free_range


def test_a_range_is_free_and_is_handed_out_once() -> None:
    first = free_range(8)
    for port in range(first, first + 8):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((HOST, port))
    taken = {first + n for n in range(8)} | {free_port() for _ in range(50)}
    assert len(taken) == 58
