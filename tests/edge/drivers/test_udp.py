"""One UDP socket, against a plain one."""

from __future__ import annotations

import asyncio
import socket

from edge_agent.drivers.udp import UdpWire

PATIENCE_S = 5.0


def test_datagrams_come_in_with_their_source_and_go_out_to_addresses_and_names() -> None:
    async def story() -> None:
        heard: asyncio.Queue[tuple[bytes, str, int]] = asyncio.Queue()
        wire = await UdpWire.open("127.0.0.1", 0, lambda *said: heard.put_nowait(said))
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.setblocking(False)
            peer.bind(("127.0.0.1", 0))
            port = peer.getsockname()[1]
            peer.sendto(b"in", ("127.0.0.1", wire.port))
            async with asyncio.timeout(PATIENCE_S):
                assert await heard.get() == (b"in", "127.0.0.1", port)
                wire.send(b"to an address", "127.0.0.1", port)
                assert await loop.sock_recv(peer, 100) == b"to an address"
                wire.send(b"to a name", "localhost", port)
                assert await loop.sock_recv(peer, 100) == b"to a name"
                wire.send(b"the name is known now", "localhost", port)
                assert await loop.sock_recv(peer, 100) == b"the name is known now"
        wire.close()

    asyncio.run(story())


def test_a_name_that_nobody_knows_costs_the_datagram_and_is_counted() -> None:
    async def story() -> None:
        wire = await UdpWire.open("127.0.0.1", 0, lambda *said: None)
        wire.send(b"lost", "no-such-host.invalid", 5060)
        (lookup,) = wire._lookups
        await lookup
        assert wire.errors == 1
        wire.close()

    asyncio.run(story())
