"""Both disks do what a store asks for; the simulated one also does what real ones do at their
worst.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.store.disk import Disk, RealDisk, write_whole
from tests.sim.disk import SimDisk


@pytest.fixture(params=["real", "simulated"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Disk, Path]:
    return (RealDisk() if request.param == "real" else SimDisk()), tmp_path / "state"


def put(disk: Disk, path: Path, data: bytes) -> None:
    file = disk.open_append(path)
    file.append(data)
    file.sync()
    file.close()


def test_a_file_grows_at_its_end_across_openings(place: tuple[Disk, Path]) -> None:
    disk, folder = place
    disk.make_folder(folder)
    put(disk, folder / "a", b"one\n")
    put(disk, folder / "a", b"two\nthree")
    assert disk.read(folder / "a") == b"one\ntwo\nthree"
    assert disk.read(folder / "a", 4) == b"two\nthree"
    assert list(disk.lines(folder / "a")) == [b"one\n", b"two\n", b"three"]
    assert disk.size(folder / "a") == 13
    assert disk.list(folder) == ("a",)


def test_what_is_not_there_is_none_and_removing_it_is_no_error(place: tuple[Disk, Path]) -> None:
    disk, folder = place
    assert disk.list(folder) == ()
    disk.make_folder(folder)
    assert disk.read(folder / "a") is None
    assert disk.size(folder / "a") is None
    disk.remove(folder / "a")
    with pytest.raises(FileNotFoundError):
        list(disk.lines(folder / "a"))


def test_a_whole_write_replaces_and_leaves_nothing_beside_it(place: tuple[Disk, Path]) -> None:
    disk, folder = place
    disk.make_folder(folder)
    write_whole(disk, folder / "a", b"old")
    write_whole(disk, folder / "a", b"new ", b"one")
    assert disk.read(folder / "a") == b"new one"
    assert disk.list(folder) == ("a",)


def test_what_the_agent_keeps_is_nobody_elses_to_read(tmp_path: Path) -> None:
    disk, folder = RealDisk(), tmp_path / "state"
    disk.make_folder(folder)
    write_whole(disk, folder / "a", b"a caller's number")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "a").stat().st_mode & 0o777 == 0o600


def test_power_takes_unsynced_bytes_and_names() -> None:
    disk, folder = SimDisk(), Path("/state")
    put(disk, folder / "kept", b"synced")
    disk.sync_folder(folder)
    put(disk, folder / "nameless", b"synced, but its name was not")
    disk.open_append(folder / "kept").append(b" and not")
    disk.replace(folder / "nameless", folder / "renamed")
    disk.cut_power(tear=False)
    assert disk.list(folder) == ("kept",)
    assert disk.read(folder / "kept") == b"synced"


def test_power_may_tear_the_last_write_anywhere() -> None:
    left = set()
    for seed in range(60):
        disk, path = SimDisk(seed), Path("/state/a")
        put(disk, path, b"whole.")
        disk.sync_folder(path.parent)
        disk.open_append(path).append(b"torn")
        disk.cut_power()
        left.add(disk.read(path))
    assert left == {b"whole." + b"torn"[:n] for n in range(5)}


def test_a_whole_write_survives_power_at_every_byte_as_the_old_or_the_new() -> None:
    path = Path("/state/a")
    for room in range(3, 12):
        disk = SimDisk(room)
        write_whole(disk, path, b"old")
        disk.capacity = room
        if room < 10:
            with pytest.raises(OSError, match="full"):
                write_whole(disk, path, b"newer..")
        else:
            write_whole(disk, path, b"newer..")
        disk.cut_power()
        assert disk.read(path) == (b"old" if room < 10 else b"newer..")


def test_a_dead_disk_refuses_and_a_slow_one_tells_how_long_it_took() -> None:
    disk, path = SimDisk(), Path("/state/a")
    disk.stall_s = 10.0
    put(disk, path, b"slow")
    assert disk.waited_s == 10.0
    disk.dead = True
    with pytest.raises(OSError, match="dead"):
        disk.open_append(path)
