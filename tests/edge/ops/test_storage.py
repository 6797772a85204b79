"""What is found again at start, and what is alarmed instead of being an end."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from e911.bindings import Binding, CallKind, How
from e911.numbers import Caller, Elin
from edge_agent.ops.calltrace import CallTrace
from edge_agent.ops.storage import Storage
from edge_agent.store.disk import RealDisk
from edge_agent.store.trunk_files import TrunkProof
from tests.edge.office import Office

AT = datetime(2026, 1, 1, tzinfo=UTC)
BINDING = Binding(
    "c1", Elin("4255550102"), Caller("sip:ana@pbx"), "f2", How.DEFAULT, CallKind.EMERGENCY, AT
)


def storage(folder: Path, alarms: list[str] | None = None) -> Storage:
    return Storage(
        folder,
        RealDisk(),
        CallTrace(folder / "trace", kilobytes=64, numbers=False),
        alarm=lambda slug, why: None if alarms is None else alarms.append(slug),
        say=lambda *_: None,
        perf=lambda: 0.0,
        saved=lambda seconds: None,
        records_waiting=lambda: None,
    )


def test_bindings_and_the_clock_are_found_again_r6(tmp_path: Path) -> None:
    storage(tmp_path).compact([BINDING], AT)
    alarms: list[str] = []
    found = storage(tmp_path, alarms).replay()
    assert (found.bindings, found.highest_utc, alarms) == ((BINDING,), AT, [])


def test_a_damaged_row_is_an_alarm_and_the_others_are_kept(tmp_path: Path) -> None:
    storage(tmp_path).compact([BINDING], AT)
    path = tmp_path / "journal"
    path.write_bytes(b"damaged\n" + path.read_bytes())
    alarms: list[str] = []
    assert storage(tmp_path, alarms).replay().bindings == (BINDING,)
    assert alarms == ["journal-damaged"]


def test_a_journal_that_cannot_be_read_is_an_empty_one_and_an_alarm(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    alarms: list[str] = []
    store = storage(tmp_path, alarms)
    assert store.replay().bindings == ()
    store.compact([], None)
    assert alarms == ["journal-failed", "journal-failed"]


def test_a_snapshot_that_is_damaged_gives_way_to_the_one_before(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.stage(100)
    office.stage(101).path.write_bytes(b"damaged")
    alarms: list[str] = []
    store = storage(office.state, alarms)
    held = store.snapshot()
    assert held is not None
    assert (held.serial, alarms) == (100, ["snapshot-damaged"])
    assert b'"header"' in next(store.lines(held))


def test_a_folder_belongs_to_one_agent(tmp_path: Path) -> None:
    first, second = storage(tmp_path), storage(tmp_path)
    first.claim()
    with pytest.raises(BlockingIOError):
        second.claim()
    first.release()
    second.claim()
    second.release()
    assert os.stat(tmp_path / "lock").st_mode & 0o777 == 0o600


def test_results_of_trunks_are_found_again_and_lost_ones_are_an_alarm(tmp_path: Path) -> None:
    first = storage(tmp_path)
    first.load_trunks()
    first.trunks.prove(TrunkProof("pri", AT, AT))
    first.trunks.prove(TrunkProof("sec", AT))
    first.clerk.start()
    first.clerk.stop(10.0)
    path = tmp_path / "proved.jsonl"
    path.write_bytes(b"damaged\n" + path.read_bytes())
    alarms: list[str] = []
    again = storage(tmp_path, alarms)
    again.load_trunks()
    assert sorted(again.trunks.proofs) == ["pri", "sec"]
    assert alarms == ["trunk-files-damaged"]
    (tmp_path / "tests").rmdir()
    (tmp_path / "tests").touch()
    again.load_trunks()
    assert alarms == ["trunk-files-damaged", "trunk-files-failed"]
