"""The MF receiver and sender of spandsp as a process that any test can drive, in real time or not.

    python -m tests.wires.spandsp.peer

Commands are JSON lines on stdin, answers JSON lines on stdout; samples are in base64, G.711 of
``law`` ``mu`` or ``a``, or ``linear`` (16 bits, little-endian), at 8 kHz:

    {"do": "hear", "receiver": 1, "law": "mu", "data": …}
        {"event": "digit", "receiver": 1, "digit": "*", "at": 960}    as often as it hears one
        {"event": "heard", "receiver": 1, "samples": 1600}            when all of ``data`` is heard
    {"do": "send", "law": "linear", "signals": "*911#"}
        {"event": "sent", "data": …}

A receiver begins when its number is first used; ``at`` and ``samples`` are counted from there. Only
the standard library and cffi are needed: the process also runs where the product is not installed.
spandsp is LGPL and is not changed; it decodes G.711 with its own tables.
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode, b64encode
from typing import Any

from cffi import FFI

LIBRARY = "libspandsp.so.2"
CHUNK = 40
"""Samples that are heard in one go: a digit is known to have come within so many."""
MOST_DIGITS = 128
G711_MODES = {"a": 0, "mu": 1}

ffi = FFI()
ffi.cdef("""
typedef struct bell_mf_rx_state_s bell_mf_rx_state_t;
typedef struct bell_mf_tx_state_s bell_mf_tx_state_t;
typedef struct g711_state_s g711_state_t;
typedef void (*digits_rx_callback_t)(void *user_data, const char *digits, int len);
bell_mf_rx_state_t *bell_mf_rx_init(bell_mf_rx_state_t *s, digits_rx_callback_t callback,
  void *user_data);
int bell_mf_rx(bell_mf_rx_state_t *s, const int16_t amp[], int samples);
size_t bell_mf_rx_get(bell_mf_rx_state_t *s, char *digits, int max);
bell_mf_tx_state_t *bell_mf_tx_init(bell_mf_tx_state_t *s);
int bell_mf_tx_put(bell_mf_tx_state_t *s, const char *digits, int len);
int bell_mf_tx(bell_mf_tx_state_t *s, int16_t amp[], int max_samples);
int bell_mf_tx_free(bell_mf_tx_state_t *s);
g711_state_t *g711_init(g711_state_t *s, int mode);
int g711_decode(g711_state_t *s, int16_t amp[], const uint8_t g711_data[], int g711_bytes);
int g711_encode(g711_state_t *s, uint8_t g711_data[], const int16_t amp[], int len);
""")
lib = ffi.dlopen(LIBRARY)

Event = dict[str, Any]


class Codec:
    """Octets to samples and back, in one law."""

    def __init__(self, law: str) -> None:
        self._state = lib.g711_init(ffi.NULL, G711_MODES[law]) if law in G711_MODES else None

    def decoded(self, data: bytes) -> tuple[Any, int]:
        """Samples, and how many."""
        if self._state is None:
            return ffi.from_buffer("int16_t[]", data), len(data) // 2
        samples = ffi.new("int16_t[]", max(1, len(data)))
        return samples, lib.g711_decode(self._state, samples, data, len(data))

    def encoded(self, samples: Any, count: int) -> bytes:
        """The octets of so many samples."""
        if self._state is None:
            return bytes(ffi.buffer(samples, 2 * count))
        data = ffi.new("uint8_t[]", max(1, count))
        return bytes(ffi.buffer(data, lib.g711_encode(self._state, data, samples, count)))


class Receiver:
    """One ``bell_mf_rx``, and how much it has heard."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._state = lib.bell_mf_rx_init(ffi.NULL, ffi.NULL, ffi.NULL)
        self._digits = ffi.new("char[]", MOST_DIGITS + 1)
        self._heard = 0

    def hear(self, data: bytes, codec: Codec) -> list[Event]:
        """What came of ``data``."""
        samples, count = codec.decoded(data)
        events: list[Event] = []
        for at in range(0, count, CHUNK):
            size = min(CHUNK, count - at)
            lib.bell_mf_rx(self._state, samples + at, size)
            self._heard += size
            got = lib.bell_mf_rx_get(self._state, self._digits, MOST_DIGITS)
            events += [
                {"event": "digit", "receiver": self._number, "digit": digit, "at": self._heard}
                for digit in ffi.string(self._digits, got).decode("ascii")
            ]
        return [*events, {"event": "heard", "receiver": self._number, "samples": self._heard}]


def sent(signals: str, codec: Codec) -> list[Event]:
    """What ``bell_mf_tx`` makes of ``signals``."""
    state = lib.bell_mf_tx_init(ffi.NULL)
    left = lib.bell_mf_tx_put(state, signals.encode("ascii"), len(signals))
    assert left == 0, f"spandsp did not take {left} of {signals}"
    samples = ffi.new("int16_t[]", 1600)
    data = b""
    while (count := lib.bell_mf_tx(state, samples, 1600)) > 0:
        data += codec.encoded(samples, count)
    lib.bell_mf_tx_free(state)
    return [{"event": "sent", "data": b64encode(data).decode("ascii")}]


def main() -> None:
    """Serve until the end of stdin."""
    codecs = {law: Codec(law) for law in (*G711_MODES, "linear")}
    receivers: dict[int, Receiver] = {}
    for line in sys.stdin:
        command = json.loads(line)
        codec = codecs[command["law"]]
        match command["do"]:
            case "hear":
                number = command["receiver"]
                receiver = receivers.setdefault(number, Receiver(number))
                events = receiver.hear(b64decode(command["data"]), codec)
            case "send":
                events = sent(command["signals"], codec)
            case unknown:
                raise SystemExit(f"there is nothing to do by the name of {unknown}")
        sys.stdout.writelines(json.dumps(event) + "\n" for event in events)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
