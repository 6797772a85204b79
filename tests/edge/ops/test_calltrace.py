"""The trace shows the steps, hides the people, and never grows beyond its bound."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from e911.hints import read_address
from e911.numbers import Caller, Did, Elin
from e911.pidf import PidfLocation
from e911.wire import stamp
from edge_agent.cama.outputs import Hook, Pulse
from edge_agent.cama.signals import Tones
from edge_agent.gateway.outputs import Room, RoomPort
from edge_agent.leg import (
    Digits,
    LegId,
    MediaChanged,
    Offered,
    RingParty,
    RtpMedia,
    SeizeTrunk,
)
from edge_agent.line import HookChanged
from edge_agent.messages import LegDigit, SpillPlayed
from edge_agent.ops.calltrace import CallTrace

AT = datetime(2026, 1, 1, tzinfo=UTC)
CALLER = Caller(
    "sip:ana@pbx.example", Did("4255551234"), name="Ana Bell", alternates=("sip:bob@x",)
)
OFFERED = Offered(
    LegId("l1"), "pbx", "911", CALLER, location=PidfLocation(), address=read_address("10.1.2.3")
)
PEOPLE = ("ana", "Ana", "Bell", "4255551234", "bob", "10.1.2.3")


def trace(folder: Path, *, numbers: bool = False, kilobytes: int = 64) -> CallTrace:
    return CallTrace(folder / "trace.jsonl", kilobytes=kilobytes, numbers=numbers)


def test_a_step_is_a_line_in_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    calls = trace(tmp_path)
    calls.note(AT, "event", "sip", OFFERED)
    calls.note(AT, "request", "spf", SeizeTrunk(LegId("l2"), "spf", 7, Elin("4255550102"), "911"))
    calls.flush()
    first, second = calls.tail(10)
    assert (first["kind"], first["dialled"], first["wire"]) == ("Offered", "911", "sip")
    assert (second["kind"], second["channel"]) == ("SeizeTrunk", 7)
    assert (tmp_path / "trace.jsonl").stat().st_mode & 0o777 == 0o600
    assert calls.tail(1) == [second]


def test_nobody_can_be_found_in_it_unless_it_was_configured_so(tmp_path: Path) -> None:
    ring = RingParty(LegId("l3"), "pbx", CALLER.contact, "2065550911", name="Ana Bell")
    wrong = Offered(LegId("l1"), "pbx", "4255551234", CALLER)
    for numbers in (False, True):
        calls = trace(tmp_path / str(numbers), numbers=numbers)
        (tmp_path / str(numbers)).mkdir()
        for value in (OFFERED, ring, wrong, KeyError("sip:ana@pbx.example")):
            calls.note(AT, "event", "sip", value)
        calls.flush()
        text = (tmp_path / str(numbers) / "trace.jsonl").read_text()
        assert [person in text for person in PEOPLE] == [numbers] * len(PEOPLE), text


def test_neither_keyed_digits_nor_the_phones_own_address_are_in_it(tmp_path: Path) -> None:
    voice = RtpMedia(20000, ("10.1.2.3", 30000))
    room = Room("c1", (RoomPort(LegId("l1"), voice),))
    told = (
        MediaChanged(LegId("l1"), voice, CALLER),
        Digits(LegId("l1"), "7"),
        LegDigit("l1", "8"),
    )
    calls = trace(tmp_path)
    for value in (room, *told):
        calls.note(AT, "event", "sip", value)
    calls.flush()
    text = (tmp_path / "trace.jsonl").read_text()
    assert not [person for person in (*PEOPLE, '"7"', '"8"') if person in text], text
    assert "20000" in text


def test_the_digits_of_a_spill_are_counted_and_those_that_are_nobodys_shown(
    tmp_path: Path,
) -> None:
    spills = ("*05550142#", "*911#", "*2#")
    shown = {False: ["masked (10)", "*911#", "*2#"], True: list(spills)}
    for numbers, expected in shown.items():
        (tmp_path / str(numbers)).mkdir()
        calls = trace(tmp_path / str(numbers), numbers=numbers)
        for signals in spills:
            calls.note(AT, "line", "cama", Pulse("em-1", 3, 7, signals, Tones()))
        calls.flush()
        assert [line["signals"] for line in calls.tail(10)] == expected


def test_a_hook_and_what_a_channel_shows_are_lines_as_they_are(tmp_path: Path) -> None:
    calls = trace(tmp_path)
    for value in (Hook("em-1", 3, True), HookChanged(3, False, 7.5), SpillPlayed("em-1", 3, 7)):
        calls.note(AT, "line", "cama", value)
    calls.flush()
    hook, shown, played = calls.tail(10)
    assert (hook["kind"], hook["channel"], hook["off_hook"]) == ("Hook", 3, True)
    assert (shown["kind"], shown["off_hook"], shown["own_at"]) == ("HookChanged", False, 7.5)
    assert {line["at"] for line in (hook, shown, played)} == {stamp(AT)}
    assert (played["kind"], played["spill"]) == ("SpillPlayed", 7)


def test_an_error_says_where_it_was(tmp_path: Path) -> None:
    calls = trace(tmp_path)
    try:
        raise KeyError("somebody")
    except KeyError as error:
        calls.note(AT, "failed", "gateway", error)
    calls.flush()
    (line,) = calls.tail(1)
    assert line["kind"] == "KeyError"
    assert "test_calltrace.py" in line["where"][0]


def test_the_file_begins_anew_at_its_bound_and_one_earlier_file_is_kept(tmp_path: Path) -> None:
    calls = trace(tmp_path, kilobytes=64)
    for _ in range(1000):
        calls.note(AT, "event", "sip", OFFERED)
        calls.flush()
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert sum(sizes) <= 65 * 1024


def test_a_disk_that_takes_nothing_costs_the_lines_only(tmp_path: Path) -> None:
    calls = trace(tmp_path / "missing")
    calls.note(AT, "event", "sip", OFFERED)
    calls.flush()
    assert calls.lost == 1
    assert calls.tail(5) == []
