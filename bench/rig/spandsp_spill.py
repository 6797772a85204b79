"""``python -m bench.rig.spandsp_spill``: spandsp makes a spill, and reads those of a bench.

Its own process: a stranger, in C. Reads a JSON document on stdin, ``make`` a text of signals and
how often, ``read`` G.711 mu-law in base64; prints the seconds that each making took, in mu-law at
the end as ours is, and the digits of each reading.
"""

from __future__ import annotations

import json
import sys
import time
from base64 import b64decode
from typing import Any

from edge_agent.drivers.priority import SIGNALLING, go_real_time
from tests.wires.spandsp.peer import Codec, Receiver, ffi, lib

LAW = "mu"
ROOM = 1 << 16
"""Samples: eight seconds."""
REST = b"\xff" * 400
"""50 ms of silence, in which a receiver makes up its mind."""


def made(signals: bytes, times: int) -> list[float]:
    """Seconds of each time."""
    codec, samples = Codec(LAW), ffi.new("int16_t[]", ROOM)
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        state = lib.bell_mf_tx_init(ffi.NULL)
        lib.bell_mf_tx_put(state, signals, len(signals))
        codec.encoded(samples, _samples(state, samples))
        taken.append(time.perf_counter() - begun)
        lib.bell_mf_tx_free(state)
    return taken


def _samples(state: Any, samples: Any) -> int:
    """Send all that there is to send; how many samples that is."""
    at = 0
    while (count := lib.bell_mf_tx(state, samples + at, ROOM - at)) > 0:
        at += count
    return at


def read(sounds: list[str]) -> list[str]:
    """The digits of each sound."""
    codec = Codec(LAW)
    found = []
    for n, sound in enumerate(sounds):
        *digits, _ = Receiver(n).hear(b64decode(sound) + REST, codec)
        found.append("".join(each["digit"] for each in digits))
    return found


def main() -> int:
    """Do what stdin says."""
    wanted = json.load(sys.stdin)
    digits = read(wanted["read"])
    go_real_time(SIGNALLING)
    taken = made(wanted["make"].encode("ascii"), wanted["times"])
    json.dump({"made": taken, "read": digits}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
