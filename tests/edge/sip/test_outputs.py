"""Addresses: which transports repeat by themselves."""

from __future__ import annotations

from edge_agent.sip.outputs import Destination, Source


def test_udp_loses_and_tcp_does_not() -> None:
    assert not Destination("udp", "h", 1).is_stream
    assert Source("tcp", "h", 1, 7).is_stream
