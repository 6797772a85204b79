"""tshark, an independent decoder, reads what the core wrote: the ELIN is the only number (R2)."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest

from e911.numbers import Elin
from edge_agent.isdn.config import IsdnTrunkConfig
from edge_agent.isdn.lapd_link import SendFrame
from edge_agent.isdn.switches import SwitchType
from edge_agent.isdn.trunk import Output, Trunk
from edge_agent.leg import Answer, Clear, LegId, Offered, Ring, SeizeTrunk, ShowProgress
from tests.wires.libpri.rig import Ids

ELIN = "4255550142"
CALLER_NUMBER = "4255557788"
CALLER_NAME = "Ada Lovelace"
PSAP = "2065550911"
LINUX_LAPD = 177


class Capture:
    """A pcap of both directions (DLT_LINUX_LAPD: pseudo header of 16 octets, then the frame)."""

    def __init__(self) -> None:
        header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, LINUX_LAPD)
        self._octets = bytearray(header)
        self.ours: list[bytes] = []
        self._count = 0

    def add(self, frame: bytes, *, ours: bool) -> None:
        """One frame; the address octet 0 marks the user side, 1 the network side."""
        kind, side = (4, 0) if ours else (0, 1)
        packet = struct.pack(">HHH8sH", kind, 8445, 1, bytes((side,)), 0x0030) + frame
        self._count += 1
        self._octets += struct.pack("<IIII", self._count, 0, len(packet), len(packet)) + packet
        if ours:
            self.ours.append(frame)

    def write(self, path: Path) -> Path:
        """Write the file and return where it is."""
        path.write_bytes(self._octets)
        return path


class Line:
    """A trunk whose every frame, in and out, is captured."""

    def __init__(self, switch: SwitchType) -> None:
        self.trunk = Trunk(IsdnTrunkConfig("psap", "span-1", switch=switch), Ids())
        self.capture = Capture()
        self.words: list[Output] = []
        self._ns = 0

    def does(self, outputs: list[Output]) -> None:
        for output in outputs:
            if isinstance(output, SendFrame):
                self.capture.add(output.data, ours=True)
            else:
                self.words.append(output)

    def hears(self, frame: str) -> None:
        octets = bytes.fromhex(frame)
        self.capture.add(octets, ours=False)
        self.does(self.trunk.receive(octets, 0.0))

    def hears_message(self, message: str, nr: int) -> None:
        self.hears(f"0201{self._ns << 1:02x}{nr << 1:02x}" + message)
        self._ns += 1


def an_outgoing_call_and_a_callback(line: Line) -> None:
    """All messages that this side writes in a call out and a call in."""
    line.does(line.trunk.start(0.0))
    line.hears("000173")
    out = LegId("out")
    line.does(line.trunk.handle(SeizeTrunk(out, "psap", 1, Elin(ELIN), "911"), 0.0))
    line.hears_message("0802800102" + "1803a98381", 1)
    line.hears_message("0802800101", 1)
    line.hears_message("0802800107", 1)
    line.does(line.trunk.handle(Clear(out, 16), 0.0))
    line.hears_message("080280014d", 3)
    psap = PSAP.encode().hex()
    elin = ELIN.encode().hex()
    line.hears_message(f"0802000505040380 90a2 1803a98383 6c0c2183{psap} 700ba1{elin}", 4)
    leg = next(word.leg for word in line.words if isinstance(word, Offered))
    for request in (ShowProgress(leg), Ring(leg, in_band=True), Answer(leg), Clear(leg, 16)):
        line.does(line.trunk.handle(request, 0.0))
    line.hears_message("080200054d", 9)


def decoded(capture: Path, *options: str) -> list[str]:
    """The lines that tshark prints."""
    done = subprocess.run(
        ["tshark", "-n", "-r", str(capture), *options], capture_output=True, text=True, check=True
    )
    return [line for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize("switch", list(SwitchType))
def test_a_stranger_decodes_every_frame_and_finds_no_number_but_the_elin(
    switch: SwitchType, tmp_path: Path
) -> None:
    line = Line(switch)
    an_outgoing_call_and_a_callback(line)
    capture = line.capture.write(tmp_path / "span.pcap")

    setup = decoded(
        capture,
        "-Y",
        "q931.message_type == 0x05 && q931.call_ref_flag == 0 && q931.call_ref == 00:01",
        "-T",
        "fields",
        "-e",
        "q931.calling_party_number.digits",
        "-e",
        "q931.called_party_number.digits",
    )
    assert setup == [f"{ELIN}\t911"]
    assert decoded(capture, "-Y", "_ws.malformed || _ws.expert.severity >= 6291456") == []
    types = decoded(capture, "-Y", "q931", "-T", "fields", "-e", "q931.message_type")
    assert {"0x05", "0x0f", "0x45", "0x5a", "0x02", "0x03", "0x01", "0x07"} <= set(types)


def test_no_frame_of_ours_carries_a_number_or_name_that_is_not_the_elin(tmp_path: Path) -> None:
    """R2 in both directions: responses to the callback too, and in whatever element."""
    line = Line(SwitchType.NI2)
    an_outgoing_call_and_a_callback(line)
    assert len(line.capture.ours) > 10
    for frame in line.capture.ours:
        for secret in (CALLER_NUMBER, CALLER_NAME, PSAP):
            assert secret.encode() not in frame
    with_numbers = [frame for frame in line.capture.ours if ELIN.encode() in frame]
    assert len(with_numbers) == 1

    capture = line.capture.write(tmp_path / "span.pcap")
    for field in ("connected_number", "redirecting_number", "display", "user_user"):
        texts = decoded(capture, "-O", "q931")
        assert not any(field.replace("_", " ") in text.lower() for text in texts)
