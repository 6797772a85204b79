"""A verified snapshot is kept whole or not at all; damage means the one before, with a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.store.disk import Disk, RealDisk
from edge_agent.store.snapshots import SnapshotStore
from tests.sim.disk import SimDisk

FOLDER = Path("/state/snapshots")


def body(serial: int) -> bytes:
    return b'{"kind":"header"}\n' + b'{"kind":"erl","id":"floor-%d"}\n' % serial * 20


def stage(store: SnapshotStore, serial: int) -> Path:
    return store.stage(serial, serial + 1000, body(serial), b"manifest %d" % serial, b"sig").path


@pytest.fixture(params=["real", "simulated"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Disk, Path]:
    disk: Disk = RealDisk() if request.param == "real" else SimDisk()
    return disk, tmp_path / "snapshots"


def test_an_empty_store_has_none_and_no_fault(place: tuple[Disk, Path]) -> None:
    disk, folder = place
    assert SnapshotStore(folder, disk).open_current().held is None
    assert SnapshotStore(folder, disk).open_current().faults == ()


def test_the_staged_snapshot_is_read_line_by_line(place: tuple[Disk, Path]) -> None:
    disk, folder = place
    stage(SnapshotStore(folder, disk), 7)
    store = SnapshotStore(folder, disk)
    held = store.open_current().held
    assert held is not None
    assert (held.serial, held.generation, held.manifest) == (7, 1007, b"manifest 7")
    assert b"".join(store.lines(held)) == body(7)
    assert len(list(store.lines(held))) == 21


def test_current_and_previous_are_kept_and_older_ones_go(place: tuple[Disk, Path]) -> None:
    disk, folder = place
    store = SnapshotStore(folder, disk)
    for serial in (1, 2, 3, 4):
        stage(store, serial)
    opened = store.open_current()
    assert opened.held is not None
    assert opened.held.serial == 4
    assert sorted({int(name.split(".")[0]) for name in disk.list(folder)}) == [3, 4]


def test_a_damaged_current_falls_back_to_the_previous_with_a_fault() -> None:
    disk = SimDisk()
    store = SnapshotStore(FOLDER, disk)
    stage(store, 1)
    disk.damage(stage(store, 2), 30)
    opened = store.open_current()
    assert opened.held is not None
    assert opened.held.serial == 1
    assert opened.faults == ("snapshot 2 is damaged",)


def test_both_damaged_is_two_faults_and_none() -> None:
    disk = SimDisk()
    store = SnapshotStore(FOLDER, disk)
    for serial in (1, 2):
        disk.damage(stage(store, serial), 3)
    assert store.open_current().held is None
    assert len(store.open_current().faults) == 2


@pytest.mark.parametrize("seed", range(30))
def test_a_full_disk_at_any_byte_leaves_the_old_one_current(seed: int) -> None:
    disk = SimDisk(seed)
    store = SnapshotStore(FOLDER, disk)
    stage(store, 1)
    disk.capacity = disk.used() + seed * 20
    with pytest.raises(OSError, match="full"):
        stage(store, 2)
    disk.cut_power()
    held = store.open_current().held
    assert held is not None
    assert held.serial == 1
