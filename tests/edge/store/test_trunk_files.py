"""Test results and proofs of trunks survive a restart, stay bounded, and cost nothing when lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from e911.numbers import Elin
from edge_agent.store.disk import RealDisk, write_whole
from edge_agent.store.trunk_files import (
    MOST_RECORDINGS,
    MOST_RESULTS,
    ReadbackResult,
    TrunkFiles,
    TrunkProof,
    Verdict,
)
from tests.sim.disk import SimDisk

AT = datetime(2026, 3, 1, 11, 30, tzinfo=UTC)
ELIN = Elin("4255550102")
RESULT = ReadbackResult("e-b1-7", AT, "pri", ELIN, "2065550199", "operator", 23, 2.5, 16)
PROOF = TrunkProof("pri", AT, AT + timedelta(days=1))
STATE = Path("/state")


def opened(disk: SimDisk) -> TrunkFiles:
    files = TrunkFiles(STATE, disk)
    assert files.load() == 0
    return files


def test_results_and_proofs_are_found_again_after_a_power_cut() -> None:
    disk = SimDisk()
    files = opened(disk)
    files.put(RESULT)
    files.prove(PROOF)
    assert files.pending == 2
    assert files.flush() == 2
    disk.cut_power()
    again = opened(disk)
    assert (again.results, again.proofs) == ((RESULT,), {"pri": PROOF})
    assert again.pending == 0


def test_what_an_operator_heard_goes_into_the_result_that_it_is_about() -> None:
    files = opened(SimDisk())
    files.put(RESULT)
    files.put(replace(RESULT, id="e-b1-8"))
    judged = replace(RESULT, heard="4255550100", verdict=Verdict.REPLACED)
    files.put(judged)
    assert [each.id for each in files.results] == ["e-b1-7", "e-b1-8"]
    assert files.results[0] == judged


def test_a_disk_that_is_full_keeps_the_file_that_was_and_is_asked_again() -> None:
    disk = SimDisk()
    files = opened(disk)
    files.put(RESULT)
    files.flush()
    disk.capacity = disk.used()
    files.put(replace(RESULT, id="e-b1-8"))
    with pytest.raises(OSError, match="full"):
        files.flush()
    assert files.pending == 1
    assert opened(disk).results == (RESULT,)
    disk.capacity = None
    assert files.flush() == 1
    assert len(opened(disk).results) == 2


def test_a_line_that_cannot_be_read_is_left_out_and_counted() -> None:
    disk = SimDisk()
    files = opened(disk)
    files.put(RESULT)
    files.put(replace(RESULT, id="e-b1-8"))
    files.flush()
    disk.damage(STATE / "tests.jsonl", 0)
    again = TrunkFiles(STATE, disk)
    assert again.load() == 1
    assert [each.id for each in again.results] == ["e-b1-8"]


def test_the_oldest_results_go_and_only_the_latest_recordings_are_kept(tmp_path: Path) -> None:
    files = TrunkFiles(tmp_path, RealDisk())
    files.load()
    for n in range(MOST_RESULTS + 5):
        recording = tmp_path / "tests" / f"{n}.wav"
        if n < MOST_RECORDINGS + 2:
            recording.touch()
        files.put(replace(RESULT, id=str(n), recording=str(recording)))
    assert len(files.results) == MOST_RESULTS
    assert files.results[0].id == "5"
    kept = [each.id for each in files.results if each.recording]
    assert kept == [str(n) for n in range(MOST_RESULTS + 5 - MOST_RECORDINGS, MOST_RESULTS + 5)]
    files.flush()
    assert list((tmp_path / "tests").iterdir()) == []


def test_a_recording_that_no_result_names_goes_and_none_does_while_results_are_lost() -> None:
    disk = SimDisk()
    files = opened(disk)
    for name in ("7.wav", "stray.wav"):
        write_whole(disk, files.recordings / name, b"RIFF")
    files.put(replace(RESULT, recording=str(files.recordings / "7.wav")))
    files.put(replace(RESULT, id="e-b1-8"))
    files.flush()
    assert disk.list(files.recordings) == ("7.wav", "stray.wav")
    opened(disk).flush()
    assert disk.list(files.recordings) == ("7.wav",)
    disk.damage(STATE / "tests.jsonl", 0)
    damaged = TrunkFiles(STATE, disk)
    damaged.load()
    damaged.flush()
    assert disk.list(files.recordings) == ("7.wav",)


def test_only_the_owner_may_look(tmp_path: Path) -> None:
    files = TrunkFiles(tmp_path / "state", RealDisk())
    files.load()
    files.put(RESULT)
    files.flush()
    assert (tmp_path / "state" / "tests.jsonl").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state" / "tests").stat().st_mode & 0o777 == 0o700
    files.close()
