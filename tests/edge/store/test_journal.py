"""R6 at the disk: what was flushed is replayed, whatever the disk did to the rest."""

from __future__ import annotations

import errno
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from e911.bindings import Binding, CallKind, How
from e911.numbers import Caller, Elin
from edge_agent.store.disk import Disk, RealDisk
from edge_agent.store.journal import Journal, JournalFault, Replay, replay
from tests.sim.disk import SimDisk

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PATH = Path("/state/journal")


def a_binding(n: int) -> Binding:
    return Binding(
        call=f"edge-1-{n}",
        elin=Elin("4255550101"),
        caller=Caller(f"sip:{n}@pbx.example", extension=str(n)),
        erl="floor-2",
        how=How.SUBNET,
        kind=CallKind.EMERGENCY,
        bound_at=NOON + timedelta(seconds=n),
        trunk="spf-pri",
        channel=1 + n % 23,
    )


def calls_in(disk: Disk, path: Path = PATH) -> list[str]:
    return [binding.call for binding in replay(path, disk).bindings]


@pytest.fixture(params=["real", "simulated"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Disk, Path]:
    disk: Disk = RealDisk() if request.param == "real" else SimDisk()
    return disk, tmp_path / "journal"


def test_what_was_flushed_is_replayed_as_it_was(place: tuple[Disk, Path]) -> None:
    disk, path = place
    journal = Journal(path, disk)
    journal.remember(a_binding(1))
    journal.remember(a_binding(2))
    journal.saw(NOON)
    assert journal.pending == 3
    assert journal.flush() == 3
    assert journal.pending == 0

    again = replay(path, disk)
    assert again.bindings == (a_binding(1), a_binding(2))
    assert again.highest_utc == NOON
    assert again.faults == ()


def test_the_last_row_of_a_call_is_the_one_that_counts(place: tuple[Disk, Path]) -> None:
    disk, path = place
    journal = Journal(path, disk)
    ended = a_binding(1).ended(NOON + timedelta(minutes=5))
    for row in (a_binding(1), ended):
        journal.remember(row)
        journal.flush()
    assert replay(path, disk).bindings == (ended,)


def test_a_withdrawn_binding_is_not_replayed(place: tuple[Disk, Path]) -> None:
    disk, path = place
    journal = Journal(path, disk)
    journal.remember(a_binding(1))
    journal.remember(a_binding(2))
    journal.forget(a_binding(1).call)
    journal.close()
    assert calls_in(disk, path) == ["edge-1-2"]


def test_a_missing_journal_is_an_empty_one(place: tuple[Disk, Path]) -> None:
    disk, path = place
    assert replay(path, disk).bindings == ()
    assert replay(path, disk).highest_utc is None


def test_the_highest_clock_is_kept_though_a_later_row_is_behind_it(
    place: tuple[Disk, Path],
) -> None:
    disk, path = place
    journal = Journal(path, disk)
    journal.saw(NOON)
    journal.saw(NOON - timedelta(hours=3))
    journal.flush()
    assert replay(path, disk).highest_utc == NOON


def test_compaction_keeps_what_is_of_use_and_the_journal_goes_on(place: tuple[Disk, Path]) -> None:
    disk, path = place
    journal = Journal(path, disk)
    for n in range(50):
        journal.remember(a_binding(n))
    journal.flush()
    before = disk.size(path) or 0

    journal = Journal(path, disk)
    journal.compact([a_binding(7)], NOON)
    journal.remember(a_binding(8))
    journal.flush()

    again = replay(path, disk)
    assert [binding.call for binding in again.bindings] == ["edge-1-7", "edge-1-8"]
    assert again.highest_utc == NOON
    assert (disk.size(path) or 0) < before / 5


def test_r6_a_power_cut_loses_nothing_that_was_flushed() -> None:
    for seed in range(50):
        disk = SimDisk(seed)
        journal = Journal(PATH, disk)
        journal.remember(a_binding(1))
        journal.flush()
        file = disk.open_append(PATH)
        file.append(b"0badc0de {" + b"x" * 200)  # a row on its way when the power goes
        disk.cut_power()

        again = replay(PATH, disk)
        assert again.bindings == (a_binding(1),)
        assert again.faults == (), "a torn last row is what a power cut looks like, not a fault"


def test_a_row_after_a_torn_one_is_not_spoiled_by_it() -> None:
    disk = SimDisk()
    journal = Journal(PATH, disk)
    journal.remember(a_binding(1))
    journal.flush()
    file = disk.open_append(PATH)
    file.append(b"0badc0de {half a r")
    file.sync()
    disk.cut_power()

    after_restart = Journal(PATH, disk)
    after_restart.remember(a_binding(2))
    after_restart.flush()
    assert calls_in(disk) == ["edge-1-1", "edge-1-2"]


def test_a_damaged_row_in_the_middle_is_counted_and_passed_over() -> None:
    disk = SimDisk()
    journal = Journal(PATH, disk)
    journal.remember(a_binding(1))
    journal.flush()
    in_the_second_row = (disk.size(PATH) or 0) + 30
    journal.remember(a_binding(2))
    journal.remember(a_binding(3))
    journal.flush()
    disk.damage(PATH, in_the_second_row)

    again = replay(PATH, disk)
    assert [binding.call for binding in again.bindings] == ["edge-1-1", "edge-1-3"]
    assert [fault.reason for fault in again.faults] == ["has a wrong checksum"]


@pytest.mark.parametrize("room", range(0, 700, 29))
def test_r6_a_full_disk_keeps_the_rows_for_later(room: int) -> None:
    disk = SimDisk(capacity=room)
    journal = Journal(PATH, disk)
    for n in range(3):
        journal.remember(a_binding(n))
    with pytest.raises(OSError, match="full") as full:
        journal.flush()
    assert full.value.errno == errno.ENOSPC
    assert journal.pending == 3

    disk.capacity = None
    journal.remember(a_binding(3))
    assert journal.flush() == 4
    disk.cut_power()
    assert calls_in(disk) == [f"edge-1-{n}" for n in range(4)]


def test_r6_a_dead_disk_raises_and_costs_only_durability() -> None:
    disk = SimDisk()
    journal = Journal(PATH, disk)
    disk.dead = True
    journal.remember(a_binding(1))
    with pytest.raises(OSError, match="dead"):
        journal.flush()
    disk.dead = False
    assert journal.flush() == 1
    assert journal.lost == 0


def test_a_failed_compaction_leaves_the_old_journal() -> None:
    disk = SimDisk()
    journal = Journal(PATH, disk)
    journal.remember(a_binding(1))
    journal.flush()
    disk.capacity = disk.used() + 20
    with pytest.raises(OSError, match="full"):
        journal.compact([a_binding(1)], NOON)
    disk.cut_power()
    assert calls_in(disk) == ["edge-1-1"]


def test_one_flush_is_one_sync_however_many_rows() -> None:
    disk = SimDisk()
    disk.stall_s = 10.0
    journal = Journal(PATH, disk)
    for n in range(100):
        journal.remember(a_binding(n))
    journal.flush()
    assert disk.syncs == 1
    assert disk.waited_s == 10.0


@pytest.mark.parametrize(
    ("torn", "faults", "rows", "live", "goes_on"),
    [
        (False, (), 12_000, 10_000, True),
        (False, (), 1_000, 0, True),
        (False, (), 1_001, 0, False),
        (True, (), 10, 10, False),
        (False, (JournalFault(3, "checksum"),), 10, 10, False),
    ],
)
def test_a_journal_is_written_anew_only_where_that_is_worth_it(
    torn: bool, faults: tuple[JournalFault, ...], rows: int, live: int, goes_on: bool
) -> None:
    assert Replay((), None, faults, rows, torn).may_go_on(live) is goes_on


def test_r6_a_torn_last_row_is_seen_so_that_nothing_is_appended_to_it() -> None:
    disk = SimDisk()
    journal = Journal(PATH, disk)
    journal.remember(a_binding(1))
    journal.flush()
    assert not replay(PATH, disk).torn
    disk.open_append(PATH).append(b"half a row")
    assert replay(PATH, disk).torn
