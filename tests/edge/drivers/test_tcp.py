"""SIP's streams, against plain sockets."""

from __future__ import annotations

import asyncio

from edge_agent.drivers.tcp import TcpWire

PATIENCE_S = 5.0
Said = tuple[object, ...]


class Ears:
    """What the wire says, to be waited for."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Said] = asyncio.Queue()
        self.lost: asyncio.Queue[Said] = asyncio.Queue()
        self.wire = TcpWire(
            lambda *said: self.heard.put_nowait(said), lambda *said: self.lost.put_nowait(said)
        )


def test_an_answer_goes_back_on_the_connection_of_its_request() -> None:
    async def story() -> None:
        ears = Ears()
        await ears.wire.listen("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", ears.wire.port)
        writer.write(b"INVITE")
        data, host, port, number = await ears.heard.get()
        assert (data, host) == (b"INVITE", "127.0.0.1")
        assert isinstance(port, int)
        assert isinstance(number, int)
        ears.wire.send(b"100", "127.0.0.1", port, number)
        assert await reader.readexactly(3) == b"100"
        # Without the number the same connection is found by its address.
        ears.wire.send(b"180", "127.0.0.1", port)
        assert await reader.readexactly(3) == b"180"
        ears.wire.cut(number)
        assert await ears.lost.get() == ("127.0.0.1", port, number)
        ears.wire.close()
        writer.close()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def test_what_is_sent_while_it_is_dialled_arrives_in_order_on_one_connection() -> None:
    async def story() -> None:
        came: asyncio.Queue[bytes] = asyncio.Queue()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            came.put_nowait(await reader.readexactly(6))
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        ears = Ears()
        for part in (b"one", b"two"):
            ears.wire.send(part, "127.0.0.1", port)
        assert await came.get() == b"onetwo"
        assert (await ears.lost.get())[:2] == ("127.0.0.1", port)
        server.close()
        ears.wire.close()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


def test_a_connection_that_cannot_be_made_is_said_to_be_lost() -> None:
    async def story() -> None:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        ears = Ears()
        ears.wire.send(b"INVITE", "127.0.0.1", port)
        assert await ears.lost.get() == ("127.0.0.1", port, 0)
        ears.wire.close()

    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))
