"""tshark, an independent decoder, gives every golden frame of Q.921 the name that we give it."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge_agent.ops.capture import HEADER, packet
from tests.edge.isdn.goldens import Golden, frames

pytestmark = pytest.mark.wire

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
TEI_WORDS = {
    "tei-request": "Identity Request",
    "tei-assigned": "Identity Assigned",
    "tei-denied": "Identity Denied",
    "tei-check": "Identity Check Request",
    "tei-check-all": "Identity Check Request",
    "tei-response": "Identity Check Response",
    "tei-remove": "Identity Remove",
    "tei-remove-all": "Identity Remove",
    "tei-verify": "Identity Verify",
}
NUMBERS = {"rr": 5, "rnr": 3, "rej": 2}


def expected(golden: Golden) -> str:
    """What tshark must say of a frame with this name."""
    if golden.name in TEI_WORDS:
        return f"TEI:127 U, func=UI | {TEI_WORDS[golden.name]}"
    kind, *rest = golden.name.split("-")
    bit = f" {rest[-1].upper()}" if rest and rest[-1] in ("p", "f") else ""
    if kind == "i":
        words = f"I{bit}, N(R)={rest[1]}, N(S)={rest[0]}"
    elif kind in NUMBERS:
        words = f"S{bit}, func={kind.upper()}, N(R)={NUMBERS[kind]}"
    else:
        words = f"U{bit}, func={kind.upper()}"
    return f"TEI:{golden.tei:02d} {words} |"


def told(capture: Path, *fields: str) -> list[list[str]]:
    """Fields of every frame, as tshark reads them."""
    options = [option for field in fields for option in ("-e", field)]
    command = ["tshark", "-n", "-r", str(capture), "-T", "fields", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def captured(path: Path) -> Path:
    """A file with every golden, as the agent on the user side would have captured it."""
    packets = [packet(EPOCH, golden.octets, ours=golden.sender == "user") for golden in frames()]
    path.write_bytes(HEADER + b"".join(packets))
    return path


def test_a_stranger_names_every_golden_frame_as_we_do(tmp_path: Path) -> None:
    capture = captured(tmp_path / "goldens.pcap")
    rows = told(capture, "lapd.sapi", "lapd.tei", "_ws.col.Info", "_ws.malformed")
    assert len(rows) == len(frames())
    for golden, (sapi, tei, info, malformed) in zip(frames(), rows, strict=True):
        assert (int(sapi), int(tei)) == (golden.sapi, golden.tei), golden
        assert info.startswith(expected(golden)), golden
        assert malformed == "", golden


def test_a_stranger_reads_the_same_reference_and_tei_in_every_message_about_teis(
    tmp_path: Path,
) -> None:
    capture = captured(tmp_path / "goldens.pcap")
    rows = [row for row in told(capture, "tei.reference", "tei.action") if row != ["", ""]]
    assert rows == [
        [str(int.from_bytes(golden.octets[4:6], "big")), str(golden.octets[7] >> 1)]
        for golden in frames()
        if golden.sapi == 63
    ]
