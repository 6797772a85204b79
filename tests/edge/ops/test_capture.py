"""A capture is what went over one D channel while it was asked for, and nothing else anywhere."""

from __future__ import annotations

import asyncio
import os
import re
import stat
from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path
from struct import Struct
from typing import Any

import pytest

from edge_agent.ops.capture import HEADER, LONGEST_S, Captures

BRIEFLY = 0.05
AT = datetime(2026, 3, 2, 12, 0, 0, 250_000, UTC)
SABME, UA = bytes.fromhex("00017f"), bytes.fromhex("000173")
RECORD, PSEUDO = Struct("<IIII"), Struct(">HHH8sH")


def captures(folder: Path, **more: Any) -> Captures:
    return Captures(folder, ("pri-1", "pri-2"), lambda: AT, **more)


def run(story: Awaitable[None]) -> None:
    async def whole() -> None:
        await asyncio.wait_for(story, 10.0)

    asyncio.run(whole())


def records(path: Path) -> list[tuple[int, int, bytes]]:
    """Packet type, address octet and frame of each record."""
    data, found = path.read_bytes(), []
    assert data.startswith(HEADER)
    data = data[len(HEADER) :]
    while data:
        seconds, microseconds, length, whole = RECORD.unpack_from(data)
        assert (seconds, microseconds, whole) == (int(AT.timestamp()), 250_000, length)
        body, data = data[RECORD.size : RECORD.size + length], data[RECORD.size + length :]
        kind, hardware, count, address, protocol = PSEUDO.unpack_from(body)
        assert (hardware, count, protocol) == (8445, 1, 0x30)
        found.append((kind, address[0], body[PSEUDO.size :]))
    return found


async def hearing(
    taking: Captures, request: dict[str, Any], *heard: tuple[str, bytes, bool]
) -> dict[str, Any]:
    """The answer to a capture that hears these once it has begun."""

    async def hear() -> None:
        for span, frame, ours in heard:
            taking.note(span, frame, ours=ours)

    answer, _ = await asyncio.gather(taking.take(request), hear())
    return answer


def test_both_directions_of_one_span_are_in_the_file_for_as_long_as_was_asked(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        taking = captures(tmp_path)
        taking.note("pri-1", b"before", ours=True)
        request = {"span": "pri-1", "file": "d.pcap", "seconds": BRIEFLY}
        heard = (("pri-1", SABME, True), ("pri-2", b"another", True), ("pri-1", UA, False))
        answer = await hearing(taking, request, *heard)
        taking.note("pri-1", b"after", ours=True)
        path = tmp_path / "d.pcap"
        assert records(path) == [(4, 0, SABME), (0, 0, UA)]
        assert answer == {
            "span": "pri-1",
            "file": str(path),
            "frames": 2,
            "bytes": path.stat().st_size,
            "full": False,
        }

    run(story())


def test_the_file_is_its_owners_alone_whatever_the_umask_and_never_an_old_one(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        earlier = os.umask(0)
        try:
            await captures(tmp_path).take({"span": "pri-1", "file": "d.pcap", "seconds": BRIEFLY})
        finally:
            os.umask(earlier)
        assert stat.S_IMODE((tmp_path / "d.pcap").stat().st_mode) == 0o600
        with pytest.raises(ValueError, match="File exists"):
            await captures(tmp_path).take({"span": "pri-1", "file": "d.pcap"})
        (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(ValueError, match="File exists"):
            await captures(tmp_path).take({"span": "pri-1", "file": "link"})
        assert not (tmp_path / "elsewhere").exists()

    run(story())


def test_a_file_that_would_grow_too_large_ends_the_capture_at_once_with_whole_frames(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        taking = captures(tmp_path, most=200)
        request = {"span": "pri-1", "file": "d.pcap", "seconds": LONGEST_S}
        answer = await hearing(taking, request, *[("pri-1", SABME, True)] * 10)
        assert (answer["frames"], answer["full"]) == (5, True)
        assert records(tmp_path / "d.pcap") == [(4, 0, SABME)] * 5

    run(story())


def test_one_capture_of_a_span_at_a_time_and_the_next_when_it_is_over(tmp_path: Path) -> None:
    async def story() -> None:
        taking = captures(tmp_path)
        request = {"span": "pri-1", "file": "a.pcap", "seconds": BRIEFLY}
        second = {**request, "file": "b.pcap"}
        done, refused = await asyncio.gather(
            taking.take(request), taking.take(second), return_exceptions=True
        )
        assert isinstance(done, dict)
        assert re.search(r"is being taken, for \d+ s more at most", str(refused))
        assert not (tmp_path / "b.pcap").exists()
        await taking.take(second)
        assert records(tmp_path / "b.pcap") == []

    run(story())


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ({"span": "pri-9", "file": "d.pcap"}, "span must be one of pri-1, pri-2"),
        ({"file": "d.pcap"}, "span must be one of"),
        ({"span": "pri-1"}, "file must be a path"),
        ({"span": "pri-1", "file": "a\0b"}, "file must be a path"),
        ({"span": "pri-1", "file": "d.pcap", "seconds": 0}, "seconds must be more than 0"),
        ({"span": "pri-1", "file": "d.pcap", "seconds": "60"}, "seconds must be"),
        ({"span": "pri-1", "file": "d.pcap", "seconds": 3601}, "at most 3600"),
        ({"span": "pri-1", "file": "no/such/d.pcap"}, "No such file"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing_behind(
    request_: dict[str, Any], why: str, tmp_path: Path
) -> None:
    async def story() -> None:
        taking = captures(tmp_path)
        with pytest.raises(ValueError, match=why):
            await taking.take(request_)
        assert os.listdir(tmp_path) == []
        await taking.take({"span": "pri-1", "file": "d.pcap", "seconds": BRIEFLY})

    run(story())
