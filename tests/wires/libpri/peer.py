"""The network side of a span, by libpri, as a process that any test can drive.

    python -m tests.wires.libpri.peer --fd 5 --switch ni2
    python -m tests.wires.libpri.peer --udp 127.0.0.1:7001 127.0.0.1:7002
    python -m tests.wires.libpri.peer --fd 5 --switch euro --line bri-ptmp --timer T200=100

Frames pass over an inherited SEQPACKET socket (a frame per packet, without FCS) or over UDP (a
datagram per frame, ``D`` in front: the D channel of a ``loop`` span). Commands are JSON lines on
stdin:

    {"do": "call", "called": "4255550142", "calling": "2065550911", "channel": 3, "exclusive": true}
    {"do": "proceed" | "ring" | "answer", "call": 1}     {"do": "progress", "call": 1, "cause": 17}
    {"do": "hangup", "call": 1, "cause": 17}             {"do": "auto", "mode": "answer"}
    {"do": "more", "call": 1}                            {"do": "digit", "call": 1, "digit": "4"}
    {"do": "restart", "channel": 3}   {"do": "service", "channel": 3, "status": 2}
    {"do": "info"}   {"do": "quit"}

Events are JSON lines on stdout: ``{"event": "ring", "call": 1, "called": "911", "calling": …}``.
``auto`` says what is done with every call that comes in: ``silent``, ``proceed``, ``ring``,
``answer``, ``more`` (SETUP ACKNOWLEDGE: digits are wanted), or a cause number.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import select
import sys
import time
from collections import deque
from typing import Any

from tests.wires.libpri.build import binding
from tests.wires.libpri.line import Wire, open_wire

_pri = binding()
ffi, lib = _pri.ffi, _pri.lib

SWITCHES = {
    "ni2": lib.PRI_SWITCH_NI2,
    "5ess": lib.PRI_SWITCH_LUCENT5E,
    "4ess": lib.PRI_SWITCH_ATT4ESS,
    "dms100": lib.PRI_SWITCH_DMS100,
    "euro": lib.PRI_SWITCH_EUROISDN_E1,
}
LINES = ("pri", "bri-ptp", "bri-ptmp")
_DUMMY_FCS = b"\0\0"
_AUTO_STEPS = {"silent": 0, "proceed": 1, "ring": 2, "answer": 3}


class Peer:
    """One libpri instance, its calls by number, commands in and events out."""

    def __init__(self, wire: Wire, options: argparse.Namespace) -> None:
        self.wire = wire
        self.auto = str(options.auto)
        self.running = True
        self._verbose = options.verbose
        self._calls: dict[int, Any] = {}
        self._numbers: dict[Any, int] = {}
        self._channels: dict[int, int] = {}
        self._count = 0
        self._pri = self._new(SWITCHES[options.switch], options.line)
        lib.pri_set_overlapdial(self._pri, options.overlap)
        lib.pri_set_service_message_support(self._pri, options.service)
        for name, _, value in (timer.partition("=") for timer in options.timer):
            index = lib.pri_timer2idx(name.encode())
            if lib.pri_set_timer(self._pri, index, int(value)):
                raise SystemExit(f"libpri has no timer {name}")

    def _new(self, switch: int, line: str) -> Any:
        def io_read(pri: Any, buffer: Any, room: int) -> int:
            frame = self.wire.read()
            if not frame:
                return 0
            ffi.memmove(buffer, (frame + _DUMMY_FCS)[:room], min(len(frame) + 2, room))
            return min(len(frame) + 2, room)

        def io_write(pri: Any, buffer: Any, length: int) -> int:
            self.wire.write(bytes(ffi.buffer(buffer, length))[:-2])
            return length

        def on_message(pri: Any, text: Any) -> None:
            if self._verbose:
                sys.stderr.write(ffi.string(text).decode(errors="replace"))

        for extern in (io_read, io_write, on_message):
            ffi.def_extern()(extern)
        lib.pri_set_message(lib.on_message)
        lib.pri_set_error(lib.on_message)
        fd, io = self.wire.sock.fileno(), (lib.io_read, lib.io_write, ffi.NULL)
        if line == "pri":
            pri = lib.pri_new_cb(fd, lib.PRI_NETWORK, switch, *io)
        else:
            pri = lib.pri_new_bri_cb(fd, line == "bri-ptp", lib.PRI_NETWORK, switch, *io)
        if self._verbose:
            lib.pri_set_debug(pri, lib.PRI_DEBUG_ALL)
        return pri

    def run(self) -> None:
        """Serve until ``quit`` or the end of stdin."""
        waiting: deque[bytes] = deque()
        os.set_blocking(0, False)
        rest = b""
        while self.running:
            wire = self.wire.sock.fileno()
            ready, _, _ = select.select([wire, 0], [], [], self._patience())
            self._heed(lib.pri_schedule_run(self._pri))
            if wire in ready:
                self._heed(lib.pri_check_event(self._pri))
            if 0 in ready:
                data = os.read(0, 65536)
                if not data:
                    return
                *lines, rest = (rest + data).split(b"\n")
                waiting.extend(lines)
            while waiting:
                self._obey(json.loads(waiting.popleft()))

    def _patience(self) -> float:
        due = lib.pri_schedule_next(self._pri)
        if due == ffi.NULL:
            return 5.0
        return float(min(5.0, max(0.0, due.tv_sec + due.tv_usec / 1e6 - time.time())))

    # ---- commands ----

    def _obey(self, command: dict[str, Any]) -> None:
        match command["do"]:
            case "call":
                self._place(command)
            case "auto":
                self.auto = str(command["mode"])
            case "restart":
                lib.pri_reset(self._pri, command["channel"])
            case "service":
                lib.pri_maintenance_service(self._pri, 0, command["channel"], command["status"])
            case "info":
                self._tell("info", active=self._active_calls())
            case "quit":
                self.running = False
            case deed:
                self._act(deed, command)

    def _act(self, deed: str, command: dict[str, Any]) -> None:
        number = command["call"]
        call = self._calls.get(number)
        if call is None:
            self._tell("unknown", call=number)
            return
        channel = self._channels[number]
        match deed:
            case "proceed":
                lib.pri_proceeding(self._pri, call, channel, 0)
            case "ring":
                lib.pri_acknowledge(self._pri, call, channel, command.get("in_band", 0))
            case "answer":
                lib.pri_answer(self._pri, call, channel, 0)
            case "progress":
                cause = command.get("cause", -1)
                lib.pri_progress_with_cause(self._pri, call, channel, 1, cause)
            case "more":
                lib.pri_need_more_info(self._pri, call, channel, 0)
            case "digit":
                lib.pri_information(self._pri, call, command["digit"].encode())
            case "hangup":
                lib.pri_hangup(self._pri, call, command.get("cause", 16))

    def _place(self, command: dict[str, Any]) -> None:
        call, request = lib.pri_new_call(self._pri), lib.pri_sr_new()
        number = self._new_number(call)
        self._channels[number] = command["channel"]
        lib.pri_sr_set_channel(request, command["channel"], command.get("exclusive", True), 0)
        law = lib.PRI_LAYER_1_ALAW if command.get("law") == "a" else lib.PRI_LAYER_1_ULAW
        lib.pri_sr_set_bearer(request, lib.PRI_TRANS_CAP_SPEECH, law)
        called, complete = command["called"].encode(), command.get("complete", True)
        lib.pri_sr_set_called(request, called, lib.PRI_NATIONAL_ISDN, complete)
        if command.get("calling"):
            lib.pri_sr_set_caller(
                request,
                command["calling"].encode(),
                ffi.NULL,
                lib.PRI_NATIONAL_ISDN,
                lib.PRES_ALLOWED_USER_NUMBER_PASSED_SCREEN,
            )
        failed = lib.pri_setup(self._pri, call, request)
        lib.pri_sr_free(request)
        self._tell("placed", call=number, failed=bool(failed), channel=command["channel"])

    # ---- events ----

    def _heed(self, event: Any) -> None:
        if event == ffi.NULL:
            return
        name = ffi.string(lib.pri_event2str(event.e)).decode()
        word = name.removeprefix("PRI_EVENT_").lower()
        match word:
            case "dchan_up" | "dchan_down":
                self._tell("link", up=word == "dchan_up")
            case "ring":
                self._rung(event.ring)
            case "hangup" | "hangup_req" | "hangup_ack":
                self._hung_up(word, event.hangup)
            case "ringing":
                self._heard(word, event.ringing)
            case "answer":
                self._heard(word, event.answer)
            case "proceeding" | "progress":
                self._heard(word, event.proceeding)
            case "setup_ack":
                self._heard(word, event.setup_ack)
            case "info_received":
                number = self._number(event.ring.call)
                self._tell("digits", call=number, digits=_text(event.ring.callednum))
            case "restart" | "restart_ack":
                self._tell(word, channel=event.restart.channel & 0xFF)
            case "service" | "service_ack":
                service = event.service if word == "service" else event.service_ack
                self._tell(word, channel=service.channel & 0xFF, status=service.changestatus)
            case _:
                self._tell(word)

    def _rung(self, ring: Any) -> None:
        number = self._new_number(ring.call)
        self._channels[number] = ring.channel & 0xFF
        self._tell(
            "ring",
            call=number,
            called=_text(ring.callednum),
            called_plan=ring.calledplan,
            calling=_text(ring.callingnum),
            calling_plan=ring.callingplan,
            presentation=ring.callingpres,
            name=_text(ring.callingname),
            redirecting=_text(ring.redirectingnum),
            user_user=_text(ring.useruserinfo),
            channel=ring.channel & 0xFF,
            exclusive=not ring.flexible,
            bearer=ring.ctype,
            layer1=ring.layer1,
            complete=bool(ring.complete),
        )
        if self.auto == "more":
            self._act("more", {"call": number})
            return
        steps = _AUTO_STEPS.get(self.auto)
        if steps is None:
            # In state 1 libpri says nothing about most causes.
            self._act("proceed", {"call": number})
            self._act("hangup", {"call": number, "cause": int(self.auto)})
            return
        for deed in ("proceed", "ring", "answer")[:steps]:
            self._act(deed, {"call": number})

    def _heard(self, word: str, event: Any) -> None:
        number = self._number(event.call)
        channel = event.channel & 0xFF
        if channel:
            self._channels[number] = channel
        in_band = bool(event.progressmask & 0x08)
        self._tell(word, call=number, channel=channel, in_band=in_band)

    def _hung_up(self, word: str, event: Any) -> None:
        number = self._number(event.call)
        self._tell(word, call=number, cause=event.cause)
        if word != "hangup_ack":
            lib.pri_hangup(self._pri, event.call, event.cause if event.cause > 0 else 16)
        if word != "hangup_req":
            self._numbers.pop(self._calls.pop(number, None), None)

    def _new_number(self, call: Any) -> int:
        """libpri frees calls without a word in some states, and uses their memory again."""
        self._calls.pop(self._numbers.get(call, 0), None)
        self._count += 1
        self._numbers[call] = self._count
        self._calls[self._count] = call
        return self._count

    def _number(self, call: Any) -> int:
        return self._numbers[call] if call in self._numbers else self._new_number(call)

    def _active_calls(self) -> int:
        text = lib.pri_dump_info_str(self._pri)
        info = ffi.string(text).decode(errors="replace")
        lib.free(text)
        counted = re.search(r"Total active-calls:(\d+)", info)
        return int(counted[1]) if counted else -1

    def _tell(self, event: str, **fields: Any) -> None:
        sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
        sys.stdout.flush()


def _text(chars: Any) -> str:
    return str(ffi.string(chars).decode("ascii", "replace"))


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(description="network side of a span, by libpri")
    parser.add_argument("--fd", type=int, help="inherited SEQPACKET socket")
    parser.add_argument("--udp", nargs=2, metavar=("LOCAL", "REMOTE"))
    parser.add_argument("--switch", choices=sorted(SWITCHES), default="ni2")
    parser.add_argument("--line", choices=LINES, default="pri")
    parser.add_argument("--auto", default="answer")
    parser.add_argument("--overlap", action="store_true", help="digits may follow a SETUP")
    parser.add_argument("--service", action="store_true", help="SERVICE is told from its answer")
    parser.add_argument("--timer", action="append", default=[], metavar="T200=100", help="ms")
    parser.add_argument("--verbose", action="store_true", help="libpri's own trace on stderr")
    options = parser.parse_args()
    Peer(open_wire(options), options).run()


if __name__ == "__main__":
    main()
