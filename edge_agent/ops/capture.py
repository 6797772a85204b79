"""A pcap of a D channel, on request: what an operator shows a carrier when a call goes wrong.

The file holds every number that was called or calls while it is taken, and is therefore made only
when somebody asks, for a bounded time and size, readable by its owner alone. Noting a frame is for
the loop and touches no disk; a worker thread writes what has come together, once a second.

Frames are of link type LINUX_LAPD (177). Its pseudo header has Linux's packet type for the
direction, and an address octet that says which side of the line *we* are: 0 is the user.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from struct import Struct

from edge_agent.ops.admin import Document

LINUX_LAPD = 177
USUAL_S, LONGEST_S = 60, 3600
MOST_BYTES = 32 << 20
"""Half an hour of a D channel that is never silent."""
WRITE_S = 1.0

_FILE = Struct("<IHHiIII")
_PACKET = Struct("<IIII")
_PSEUDO = Struct(">HHH8sH")
_TO_US, _BY_US = 0, 4
"""PACKET_HOST and PACKET_OUTGOING (linux/if_packet.h)."""
_ARPHRD_LAPD, _ETH_P_LAPD = 8445, 0x0030
_USER_SIDE = bytes((0,))

HEADER = _FILE.pack(0xA1B2C3D4, 2, 4, 0, 0, 65535, LINUX_LAPD)
"""How such a file begins: microseconds, version 2.4."""


def packet(at: datetime, frame: bytes, *, ours: bool) -> bytes:
    """One frame, without FCS, as the file has it; ``ours`` was sent by us."""
    kind = _BY_US if ours else _TO_US
    data = _PSEUDO.pack(kind, _ARPHRD_LAPD, len(_USER_SIDE), _USER_SIDE, _ETH_P_LAPD) + frame
    return _PACKET.pack(int(at.timestamp()), at.microsecond, len(data), len(data)) + data


class Captures:
    """The captures of one agent: at most one of a span at a time."""

    def __init__(
        self,
        folder: Path,
        spans: Iterable[str],
        utc: Callable[[], datetime],
        most: int = MOST_BYTES,
    ) -> None:
        self._folder = folder
        self._spans = frozenset(spans)
        self._utc = utc
        self._most = most
        self._taking: dict[str, _Capture] = {}

    def note(self, span: str, frame: bytes, *, ours: bool) -> None:
        """A frame went over the D channel of a span."""
        taking = self._taking.get(span)
        if taking is not None:
            taking.add(packet(self._utc(), frame, ours=ours))

    async def take(self, request: Document) -> Document:
        """Capture ``span`` into ``file`` for ``seconds``; the answer comes when it is over.

        A relative path is below the agent's own folder, which is all that its service may write.

        Raises:
            ValueError: what was asked cannot be done; the text is for the operator.
        """
        span, path, seconds = self._asked(request)
        now = asyncio.get_running_loop().time()
        if span in self._taking:
            left = self._taking[span].until - now
            raise ValueError(f"a capture of {span} is being taken, for {left:.0f} s more at most")
        self._taking[span] = taking = _Capture(self._most, now + seconds)
        try:
            with await asyncio.to_thread(_new_file, path) as file:
                await taking.write(file)
        except OSError as error:
            raise ValueError(f"{path}: {error.strerror}") from error
        finally:
            del self._taking[span]
        return {
            "span": span,
            "file": str(path),
            "frames": taking.frames,
            "bytes": taking.size,
            "full": taking.full.is_set(),
        }

    def _asked(self, request: Document) -> tuple[str, Path, float]:
        span, name = request.get("span"), request.get("file")
        seconds = request.get("seconds", USUAL_S)
        if span not in self._spans:
            raise ValueError(f"span must be one of {', '.join(sorted(self._spans)) or 'none'}")
        if not isinstance(name, str) or not name or "\0" in name:
            raise ValueError("file must be a path")
        if not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST_S:
            raise ValueError(f"seconds must be more than 0 and at most {LONGEST_S}")
        return span, self._folder / name, seconds


class _Capture:
    """What has been heard since it was last written."""

    def __init__(self, most: int, until: float) -> None:
        self._most = most
        self.until = until
        self._waiting = bytearray(HEADER)
        self.size = len(HEADER)
        self.frames = 0
        self.full = asyncio.Event()
        """The file would grow beyond its bound: the capture ends early."""

    def add(self, data: bytes) -> None:
        if self.full.is_set() or self.size + len(data) > self._most:
            self.full.set()
            return
        self._waiting += data
        self.size += len(data)
        self.frames += 1

    async def write(self, file: io.FileIO) -> None:
        """Write until the time is up or the file is full."""
        loop = asyncio.get_running_loop()
        await self._flush(file)
        while not self.full.is_set() and (left := self.until - loop.time()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.full.wait(), min(WRITE_S, left))
            await self._flush(file)

    async def _flush(self, file: io.FileIO) -> None:
        data, self._waiting = self._waiting, bytearray()
        await asyncio.to_thread(_write_all, file, data)


def _new_file(path: Path) -> io.FileIO:
    """A file that was not there before, for its owner alone. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    return io.FileIO(os.open(path, flags, 0o600), "wb")


def _write_all(file: io.FileIO, data: bytes | bytearray) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
