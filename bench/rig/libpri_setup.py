"""``python -m bench.rig.libpri_setup``: libpri as the user side places calls, with a stopwatch.

Its own process: libpri is GPL and a stranger. Prints the seconds from ``pri_setup`` to the end of
the write callback that puts the SETUP on the wire, as one JSON list.
"""

from __future__ import annotations

import argparse
import json
import select
import sys
import time
from typing import Any

from edge_agent.drivers.priority import SIGNALLING, go_real_time
from tests.wires.libpri.build import binding
from tests.wires.libpri.line import Wire, open_wire

_pri = binding()
ffi, lib = _pri.ffi, _pri.lib
PRI_CPE = 2
"""``libpri.h``: the user side."""
CALLING, CALLED, CHANNEL = b"4255550142", b"911", 1
NORMAL = 16
FCS = b"\0\0"


class Caller:
    """One libpri instance that calls, is answered, and hangs up, over and over."""

    def __init__(self, wire: Wire, calls: int) -> None:
        self._wire = wire
        self._left = calls
        self._written = 0.0
        self.taken: list[float] = []

        def io_read(pri: Any, buffer: Any, room: int) -> int:
            frame = wire.read()
            if not frame:
                return 0
            ffi.memmove(buffer, (frame + FCS)[:room], min(len(frame) + 2, room))
            return min(len(frame) + 2, room)

        def io_write(pri: Any, buffer: Any, length: int) -> int:
            wire.write(bytes(ffi.buffer(buffer, length))[:-2])
            self._written = time.perf_counter()
            return length

        def on_message(pri: Any, text: Any) -> None:
            return

        for extern in (io_read, io_write, on_message):
            ffi.def_extern()(extern)
        lib.pri_set_message(lib.on_message)
        lib.pri_set_error(lib.on_message)
        io = (lib.io_read, lib.io_write, ffi.NULL)
        self._pri = lib.pri_new_cb(wire.sock.fileno(), PRI_CPE, lib.PRI_SWITCH_NI2, *io)

    def run(self) -> None:
        """Until every call is over."""
        while self._left:
            due, patience = lib.pri_schedule_next(self._pri), 1.0
            if due != ffi.NULL:
                patience = min(1.0, max(0.0, due.tv_sec + due.tv_usec / 1e6 - time.time()))
            ready, _, _ = select.select([self._wire.sock], [], [], patience)
            self._heed(lib.pri_schedule_run(self._pri))
            if ready:
                self._heed(lib.pri_check_event(self._pri))

    def _heed(self, event: Any) -> None:
        if event == ffi.NULL:
            return
        word = ffi.string(lib.pri_event2str(event.e)).decode().removeprefix("PRI_EVENT_").lower()
        if word == "dchan_up":
            self._place()
        elif word == "answer":
            lib.pri_hangup(self._pri, event.answer.call, NORMAL)
        elif word in ("hangup", "hangup_ack"):
            if word == "hangup":
                lib.pri_hangup(self._pri, event.hangup.call, NORMAL)
            self._left -= 1
            if self._left:
                self._place()

    def _place(self) -> None:
        call, request = lib.pri_new_call(self._pri), lib.pri_sr_new()
        lib.pri_sr_set_channel(request, CHANNEL, 0, 0)
        lib.pri_sr_set_bearer(request, lib.PRI_TRANS_CAP_SPEECH, lib.PRI_LAYER_1_ULAW)
        lib.pri_sr_set_called(request, CALLED, lib.PRI_NATIONAL_ISDN, 1)
        screened = lib.PRES_ALLOWED_USER_NUMBER_PASSED_SCREEN
        lib.pri_sr_set_caller(request, CALLING, ffi.NULL, lib.PRI_NATIONAL_ISDN, screened)
        begun = time.perf_counter()
        lib.pri_setup(self._pri, call, request)
        self.taken.append(self._written - begun)
        lib.pri_sr_free(request)


def main() -> int:
    """Read the options, call, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--udp", nargs=2, metavar=("LOCAL", "REMOTE"), required=True)
    parser.add_argument("--calls", type=int, required=True)
    options = parser.parse_args()
    go_real_time(SIGNALLING)
    caller = Caller(open_wire(options), options.calls)
    caller.run()
    json.dump(caller.taken, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
