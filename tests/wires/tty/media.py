"""One room between a phone and a B channel: as a core on a moved clock, or as the real process."""

from __future__ import annotations

import selectors
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from random import Random
from types import TracebackType
from typing import Self

from edge_agent.leg import Law
from edge_agent.media.bridge import MediaCore, MediaOutput
from edge_agent.media.g711 import BLOCK, SILENT_BLOCK
from edge_agent.media.ports import SendBlock, SendRtp
from edge_agent.media.rtp import PAYLOAD_TYPES, read, render
from edge_agent.messages import OpenSpan, RoomMember, SetRoom, encode
from tests.wires.agent.ports import HOST, free_ports
from tests.wires.agent.process import ROOT, environment

BLOCK_S = 0.02
CHANNEL = 3
PATIENCE_S = 10.0
TAIL = 10
"""Blocks of silence at the end of both, so that what was said before arrives."""

Blocks = list[bytes]


def of_one_length(
    by_phone: Blocks, by_trunk: Blocks, laws: tuple[Law, Law]
) -> tuple[Blocks, Blocks]:
    """Both with silence at the end: neither a phone nor a card stops before the other has heard."""
    length = max(len(by_phone), len(by_trunk)) + TAIL
    phone, trunk = (
        blocks + [SILENT_BLOCK[law]] * (length - len(blocks))
        for blocks, law in zip((by_phone, by_trunk), laws, strict=True)
    )
    return phone, trunk


class FixedBits:
    """Stream ids that are the same in every run."""

    def bits(self, count: int) -> int:
        """The same for all."""
        return 7


def members(phone_law: Law, trunk_law: Law, local_port: int, remote_port: int) -> SetRoom:
    """The room of the call."""
    phone = RoomMember(
        "phone", law=phone_law, local_port=local_port, remote_host=HOST, remote_port=remote_port
    )
    return SetRoom("call", (phone, RoomMember("psap", law=trunk_law, span="t1", channel=CHANNEL)))


def packet(law: Law, n: int, block: bytes) -> bytes:
    """The phone's packet number ``n``."""
    return render(PAYLOAD_TYPES[law], n & 0xFFFF, n * BLOCK, 77, block, marker=n == 0)


def on_a_moved_clock(
    by_phone: Blocks,
    by_trunk: Blocks,
    laws: tuple[Law, Law],
    *,
    jitter_s: float,
    ppm: float,
) -> tuple[bytes, bytes]:
    """Both speak at once, each by its own clock; the card's is ``ppm`` faster.

    Returns what the phone and what the trunk heard.
    """
    core, rng = MediaCore(FixedBits()), Random(5)
    by_phone, by_trunk = of_one_length(by_phone, by_trunk, laws)
    core.handle(members(*laws, 20000, 4000), 0.0)
    at_phone, at_trunk = bytearray(), bytearray()

    def keep(outputs: list[MediaOutput]) -> None:
        for output in outputs:
            if isinstance(output, SendBlock):
                at_trunk.extend(output.block)
            elif isinstance(output, SendRtp) and (heard := read(output.data)) is not None:
                at_phone.extend(heard.payload)

    events = [
        (n * BLOCK_S + rng.uniform(0, jitter_s), packet(laws[0], n, block))
        for n, block in enumerate(by_phone)
    ]
    events += [(n * BLOCK_S / (1 + ppm * 1e-6), block) for n, block in enumerate(by_trunk)]
    for now, said in sorted(events):
        if len(said) == BLOCK:
            keep(core.on_block("t1", CHANNEL, said, now))
        else:
            keep(core.on_rtp(20000, said, (HOST, 4000), now))
    return bytes(at_phone), bytes(at_trunk)


class VoiceProcess:
    """The real media process with a phone and a ``loop`` span on real sockets."""

    def __init__(self, phone_law: Law, trunk_law: Law) -> None:
        self._laws = phone_law, trunk_law
        self._rtp_port, phone, far, near = free_ports(4)
        self._ending = ExitStack()
        self._phone, self._trunk = self._udp(phone, self._rtp_port), self._udp(far, near)
        span = self._udp(near, far)
        self._agent, child = socket.socketpair()
        self._ending.callback(self._agent.close)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "edge_agent.media_process", "--fd", str(child.fileno())],
            pass_fds=[child.fileno()],
            cwd=ROOT,
            env=environment(),
        )
        child.close()
        self._agent.settimeout(PATIENCE_S)
        self._agent.recv(4096)  # MediaReady
        opened = encode(OpenSpan("t1", "loop", (CHANNEL,), trunk_law))
        socket.send_fds(self._agent, [opened], [span.fileno()])
        self._agent.sendall(encode(members(phone_law, trunk_law, self._rtp_port, phone)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.close()
        self._process.wait(PATIENCE_S)

    def carry(self, by_phone: Blocks, by_trunk: Blocks) -> tuple[bytes, bytes]:
        """Both speak at their pace; what the phone and what the trunk heard."""
        at_phone, at_trunk = bytearray(), bytearray()
        selector = selectors.DefaultSelector()
        selector.register(self._phone, selectors.EVENT_READ, at_phone)
        selector.register(self._trunk, selectors.EVENT_READ, at_trunk)
        begin = time.monotonic()
        said = zip(*of_one_length(by_phone, by_trunk, self._laws), strict=True)
        for n, (from_phone, from_trunk) in enumerate(said):
            while (left := begin + n * BLOCK_S - time.monotonic()) > 0:
                self._hear(selector, left)
            self._phone.send(packet(self._laws[0], n, from_phone))
            head = bytes((0x42, CHANNEL)) + (n & 0xFFFF).to_bytes(2, "big")
            self._trunk.send(head + from_trunk)
        selector.close()
        return bytes(at_phone), bytes(at_trunk)

    def _hear(self, selector: selectors.BaseSelector, seconds: float) -> None:
        for key, _ in selector.select(seconds):
            sock = self._phone if key.fileobj is self._phone else self._trunk
            try:
                data = sock.recv(2048)
            except ConnectionRefusedError:
                continue  # the port is not open yet
            packet_in = read(data) if sock is self._phone else None
            key.data.extend(data[4:] if packet_in is None else packet_in.payload)

    def _udp(self, local: int, remote: int) -> socket.socket:
        sock = self._ending.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sock.setblocking(False)
        sock.bind((HOST, local))
        sock.connect((HOST, remote))
        return sock
