"""sipp, an independent SIP program, calls the endpoint as Lync does and takes a callback from
it.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from e911.numbers import Elin
from edge_agent.drivers.driver import OneTimer
from edge_agent.drivers.ids import RandomIds
from edge_agent.drivers.tcp import TcpWire
from edge_agent.drivers.udp import UdpWire
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    Clear,
    Cleared,
    Law,
    LegId,
    LegRequest,
    MediaChanged,
    Offered,
    Ring,
    RingParty,
    RtpMedia,
    SeizeTrunk,
    SendFlash,
)
from edge_agent.sip.config import EndpointConfig, Remote, Role
from edge_agent.sip.endpoint import Endpoint
from edge_agent.sip.outputs import Output, Send, Source

pytestmark = pytest.mark.wire

HOST = "127.0.0.1"
DATA = Path(__file__).parents[1] / "data" / "sip"
ELIN = "4255550101"
LEG = LegId("ring-1")
DEADLINE_S = 30.0


class Rig:
    """The endpoint on real sockets, a gateway of three lines, and a capture of what passed."""

    def __init__(self, answer: Callable[[Output], list[LegRequest]], folder: Path) -> None:
        self._answer = answer
        self._folder = folder
        self.heard: list[Output] = []
        self.datagrams: list[tuple[int, int, bytes]] = []
        self.peer_port = free_port()
        self.on_ack: Callable[[], None] = lambda: None

    async def open(self, transport: str) -> None:
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._transport = transport
        if transport == "udp":
            self._udp = await UdpWire.open(HOST, 0, self._hear_udp)
            self.port = self._udp.port
        else:
            self._tcp = TcpWire(self._hear_tcp, self._lost)
            await self._tcp.listen(HOST, 0)
            self.port = self._tcp.port
        remotes = (
            Remote("lync", Role.PLATFORM, HOST, self.peer_port, transport, "contoso.example"),
            Remote("provider", Role.TRUNK, HOST, free_port(), transport),
        )
        config = EndpointConfig(HOST, self.port, self.port, HOST, remotes=remotes)
        self.endpoint = Endpoint(config, RandomIds())
        self._timer = OneTimer(loop, self.endpoint.next_deadline, self._fire)

    def close(self) -> None:
        self._timer.cancel()
        (self._udp if self._transport == "udp" else self._tcp).close()

    def ask(self, request: LegRequest) -> None:
        self._perform(self.endpoint.handle(request, self._loop.time()))

    async def sipp(self, scenario: str, *more: str) -> None:
        """Run sipp to its end; its own checks decide."""
        mode = "u1" if self._transport == "udp" else "t1"
        sipp = await asyncio.create_subprocess_exec(
            "sipp",
            "-sf",
            str(DATA / scenario),
            "-i",
            HOST,
            "-p",
            str(self.peer_port),
            "-t",
            mode,
            "-nostdin",
            "-timeout",
            "20",
            "-timeout_error",
            "-mp",
            str(free_port()),
            *more,
            cwd=self._folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await asyncio.wait_for(sipp.communicate(), DEADLINE_S)
        assert sipp.returncode == 0, output.decode(errors="replace")[:2000]

    def _hear_udp(self, data: bytes, host: str, port: int) -> None:
        self.datagrams.append((port, self.port, data))
        self._hear(data, Source("udp", host, port))

    def _hear_tcp(self, data: bytes, host: str, port: int, connection: int) -> None:
        self._hear(data, Source("tcp", host, port, connection))

    def _hear(self, data: bytes, source: Source) -> None:
        self._perform(self.endpoint.receive(data, source, self._loop.time()))
        if b"ACK sip:" in data:
            self.on_ack()

    def _lost(self, host: str, port: int, connection: int) -> None:
        source = Source("tcp", host, port, connection)
        self._perform(self.endpoint.connection_lost(source, self._loop.time()))

    def _fire(self, now: float) -> None:
        self._perform(self.endpoint.handle_timeout(now))

    def _perform(self, outputs: list[Output]) -> None:
        for output in outputs:
            if isinstance(output, Send):
                self._send(output)
                continue
            self.heard.append(output)
            for request in self._answer(output):
                self.ask(request)
        self._timer.rearm()

    def _send(self, send: Send) -> None:
        to = send.destination
        if self._transport == "udp":
            self.datagrams.append((self.port, to.port, send.data))
            self._udp.send(send.data, to.host, to.port)
        else:
            self._tcp.send(send.data, to.host, to.port, to.connection)


def free_port() -> int:
    """A port that neither UDP nor TCP uses."""
    for _ in range(100):
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        ):
            stream.bind((HOST, 0))
            port = int(stream.getsockname()[1])
            with suppress(OSError):
                datagrams.bind((HOST, port))
                return port
    raise AssertionError("no free port")


def rings_and_answers(output: Output) -> list[LegRequest]:
    match output:
        case Offered(leg=leg):
            return [Ring(leg), Answer(leg)]
        case _:
            return []


def hangs_up_when_answered(output: Output) -> list[LegRequest]:
    return [Clear(output.leg, 16)] if isinstance(output, Answered) else []


async def place_lync_calls(transport: str, folder: Path, calls: int) -> Rig:
    rig = Rig(rings_and_answers, folder)
    await rig.open(transport)
    try:
        target = f"{HOST}:{rig.port}"
        await rig.sipp("sipp_lync_caller.xml", "-m", str(calls), "-r", str(calls), target)
    finally:
        rig.close()
    return rig


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_lync_calls_911_is_answered_holds_and_hangs_up(transport: str, tmp_path: Path) -> None:
    rig = asyncio.run(place_lync_calls(transport, tmp_path, 20))
    calls = [output for output in rig.heard if isinstance(output, Offered)]
    assert len({call.leg for call in calls}) == 20
    assert {call.dialled for call in calls} == {"911"}
    assert all(call.location is not None and call.marked_emergency for call in calls)
    assert all(call.location.elins[0] == Elin(ELIN) for call in calls if call.location)
    cleared = [output for output in rig.heard if isinstance(output, Cleared)]
    assert sorted(c.leg for c in cleared) == sorted(call.leg for call in calls)
    assert rig.endpoint.legs == ()


async def take_callback(transport: str, folder: Path) -> Rig:
    rig = Rig(hangs_up_when_answered, folder)
    await rig.open(transport)
    contact = f"sip:ana@{HOST}:{rig.peer_port}"
    try:
        phone = asyncio.create_task(rig.sipp("sipp_callback_taker.xml", "-m", "1"))
        await listening(rig.peer_port, transport)
        rig.ask(RingParty(LEG, "lync", contact, "4255550911", "PSAP", call="E1"))
        await phone
    finally:
        rig.close()
    return rig


async def listening(port: int, transport: str) -> None:
    """Wait until sipp has its socket: the kernel's own table says so."""
    wanted = re.compile(rf":{port:04X} ")
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(DEADLINE_S):
        while not wanted.search(await loop.run_in_executor(None, sockets, transport)):
            pass


def sockets(transport: str) -> str:
    return Path(f"/proc/net/{transport}").read_text()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_r7_a_phone_takes_a_callback_that_is_marked_as_one(transport: str, tmp_path: Path) -> None:
    rig = asyncio.run(take_callback(transport, tmp_path))
    assert [type(output) for output in rig.heard] == [Alerting, MediaChanged, Answered, Cleared]
    media = rig.heard[1]
    assert isinstance(media, MediaChanged)
    assert isinstance(media.media, RtpMedia)
    assert (media.media.law, media.media.event_payload) == (Law.A, 101)


def flashes_when_voice_has_moved(output: Output) -> list[LegRequest]:
    match output:
        case MediaChanged(leg=leg, media=RtpMedia(law=Law.A)):
            return [SendFlash(leg)]
        case _:
            return rings_and_answers(output)


async def flash_a_caller(transport: str, folder: Path) -> Rig:
    """The PSAP flashes once the caller's platform has the answer, and again when its voice has
    moved to A-law."""
    rig = Rig(flashes_when_voice_has_moved, folder)

    def flash() -> None:
        rig.on_ack = lambda: None
        [leg] = [output.leg for output in rig.heard if isinstance(output, Offered)]
        rig.ask(SendFlash(leg))

    rig.on_ack = flash
    await rig.open(transport)
    try:
        await rig.sipp("sipp_flashed_caller.xml", "-m", "1", f"{HOST}:{rig.port}")
    finally:
        rig.close()
    return rig


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_platform_is_told_of_a_hook_flash_and_one_that_does_not_know_it_keeps_its_call(
    transport: str, tmp_path: Path
) -> None:
    """sipp checks the INFO, answers 200 and then 415, holds, and hangs up by itself."""
    rig = asyncio.run(flash_a_caller(transport, tmp_path))
    said = [type(output) for output in rig.heard]
    assert said == [Offered, MediaChanged, MediaChanged, MediaChanged, Cleared]
    [leg] = [output.leg for output in rig.heard if isinstance(output, Offered)]
    assert rig.heard[-1] == Cleared(leg, 16, text="BYE")
    assert rig.endpoint.legs == ()


def test_r2_tshark_finds_nothing_malformed_and_no_caller_in_what_goes_to_a_trunk(
    tmp_path: Path,
) -> None:
    async def story() -> tuple[Rig, list[tuple[int, int, bytes]]]:
        rig = await place_lync_calls("udp", tmp_path, 1)
        lync = list(rig.datagrams)
        rig.datagrams.clear()
        now = asyncio.get_running_loop().time()
        seize = SeizeTrunk(LegId("t"), "provider", None, Elin(ELIN), "911", call="E1")
        for output in rig.endpoint.handle(seize, now):
            if isinstance(output, Send):
                rig.datagrams.append((rig.port, output.destination.port, output.data))
        return rig, lync

    rig, lync = asyncio.run(story())
    fields = ("_ws.malformed", "sip.Method", "sip.Status-Code", "sip.from.user", "sip.pai.user")
    rows = decoded(tmp_path, rig.port, lync + rig.datagrams, fields)
    assert len(rows) == len(lync) + 1
    assert not [row for row in rows if row[0]]
    assert rows[-1][1:] == ["INVITE", "", ELIN, ELIN]
    text = "\n".join(decoded_whole(tmp_path, rig.port, rig.datagrams))
    assert ELIN in text
    assert not re.search(r"ana@|Ana B|contoso", text)


def decoded(
    folder: Path, port: int, datagrams: list[tuple[int, int, bytes]], fields: tuple[str, ...]
) -> list[list[str]]:
    """One row of fields for each datagram, as tshark reads it."""
    wanted = [argument for field in fields for argument in ("-e", field)]
    lines = tshark(folder, port, datagrams, "-T", "fields", *wanted)
    return [line.split("\t") for line in lines]


def decoded_whole(folder: Path, port: int, datagrams: list[tuple[int, int, bytes]]) -> list[str]:
    return tshark(folder, port, datagrams, "-V")


def tshark(
    folder: Path, port: int, datagrams: list[tuple[int, int, bytes]], *arguments: str
) -> list[str]:
    capture = folder / "sip.pcap"
    capture.write_bytes(pcap(datagrams))
    done = subprocess.run(
        ["tshark", "-r", str(capture), "-d", f"udp.port=={port},sip", *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.splitlines()


def pcap(datagrams: list[tuple[int, int, bytes]]) -> bytes:
    """Raw IPv4 (link type 101) with UDP around each datagram."""
    octets = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    address = socket.inet_aton(HOST)
    for number, (source, to, data) in enumerate(datagrams, 1):
        udp = struct.pack(">HHHH", source, to, 8 + len(data), 0) + data
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0)
        packet = ip + address + address + udp
        octets += struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet
    return octets
