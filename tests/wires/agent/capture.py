"""Frames and datagrams as tshark reads them, and a search for a person in everything it shows."""

from __future__ import annotations

import re
import socket
import struct
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.wires.agent.ports import HOST

LINUX_LAPD, RAW_IP = 177, 101
PROBLEM = "_ws.malformed || _ws.expert.severity >= 8388608"
"""Malformed, or an expert's severity of error (0x800000)."""


@dataclass(frozen=True, slots=True)
class Capture:
    """A pcap file and how tshark is told to read it."""

    path: Path
    options: tuple[str, ...] = ()

    def fields(self, condition: str, *fields: str) -> list[str]:
        """One line for each frame that meets ``condition``, fields apart by a tab."""
        wanted = [word for field in fields for word in ("-e", field)]
        return self._tshark("-Y", condition, "-T", "fields", *wanted)

    def problems(self) -> list[str]:
        """Frames that are malformed or that tshark calls an error."""
        return self._tshark("-Y", PROBLEM)

    def everything(self) -> str:
        """Every field of every frame, and every octet as hex."""
        return "\n".join(self._tshark("-V") + self._tshark("-T", "json", "-x"))

    def _tshark(self, *words: str) -> list[str]:
        done = subprocess.run(
            ["tshark", "-n", "-r", str(self.path), *self.options, *words],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
        return [line for line in done.stdout.splitlines() if line]


def of_d_channel(path: Path, frames: Iterable[tuple[bool, bytes]]) -> Capture:
    """LAPD frames, each behind Linux's pseudo header of 16 octets: its packet type says who sent
    it, its address octet that the side that captures is the user's.
    """
    packets = []
    for by_agent, frame in frames:
        header = struct.pack(">HHH8sH", 4 if by_agent else 0, 8445, 1, bytes(8), 0x0030)
        packets.append(header + frame)
    return Capture(_pcap(path, LINUX_LAPD, packets))


def of_sip(path: Path, datagrams: Iterable[tuple[bool, bytes]], ours: int, theirs: int) -> Capture:
    """Datagrams between two ports of loopback."""
    address, packets = socket.inet_aton(HOST), []
    for number, (by_agent, data) in enumerate(datagrams, 1):
        ports = (ours, theirs) if by_agent else (theirs, ours)
        udp = struct.pack(">HHHH", *ports, 8 + len(data), 0) + data
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0)
        packets.append(ip + address + address + udp)
    return Capture(_pcap(path, RAW_IP, packets), ("-d", f"udp.port=={ours},sip"))


def traces_of_person(text: str, number: str, words: Iterable[str]) -> list[str]:
    """Where ``text`` shows the number in any spelling, plain or as octets in hex, or a word."""
    spelt = r"[\s().\-]*".join(number)
    octets = number.encode().hex()
    swapped = "".join(number[n + 1] + number[n] for n in range(0, len(number) - 1, 2))
    patterns = [spelt, octets, swapped]
    for word in words:
        patterns.append(re.escape(word))
        for spelling in (word.lower(), word.capitalize()):
            patterns += [spelling.encode().hex(), spelling.encode("utf-16-le").hex()]
    found = (re.search(f".*(?:{pattern}).*", text, re.IGNORECASE) for pattern in patterns)
    return [match[0].strip() for match in found if match]


def _pcap(path: Path, link_type: int, packets: list[bytes]) -> Path:
    octets = bytearray(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link_type))
    for number, packet in enumerate(packets, 1):
        octets += struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet
    path.write_bytes(octets)
    return path
