"""A snapshot is built in slices, and what cannot be read changes nothing."""

from __future__ import annotations

import asyncio
import gc
from itertools import count
from pathlib import Path

import pytest

from e911.errors import InvalidDocument
from e911.snapshot import Snapshot
from edge_agent.drivers.adoption import Adopter, Adoption
from tests.edge.office import Office


def lines_of(folder: Path) -> list[bytes]:
    return Office(folder).stage(100).path.read_bytes().splitlines(keepends=True)


def test_each_slice_ends_when_its_time_is_up_and_the_last_brings_the_snapshot(
    tmp_path: Path,
) -> None:
    lines = lines_of(tmp_path)
    clock = count()
    adoption = Adoption(iter(lines), lambda: float(next(clock)))
    slices = 0
    while (snapshot := adoption.work(1.0)) is None:
        slices += 1
    assert slices == len(lines)  # one reading of the clock per line: one line per slice
    assert snapshot.header.serial == 100


def test_the_loop_turns_between_slices_and_garbage_is_collected_again_afterwards(
    tmp_path: Path,
) -> None:
    clock = count()
    adoption = Adoption(iter(lines_of(tmp_path)), lambda: float(next(clock)))

    turns = 0
    steps = adoption.in_slices().__await__()
    while next(steps, "built") is None:  # one turn of the loop
        turns += 1
    assert turns > 5
    assert gc.isenabled()


@pytest.mark.parametrize("cut", ["header", "row", "rubbish", "empty", "twice"])
def test_a_body_that_is_not_whole_is_refused(tmp_path: Path, cut: str) -> None:
    lines = lines_of(tmp_path)
    broken = {
        "header": lines[1:],
        "row": [lines[0], *lines[2:3]],
        "rubbish": [*lines, b"{\n"],
        "empty": [],
        "twice": [lines[0], *lines],
    }[cut]
    with pytest.raises(InvalidDocument):
        Adoption(iter(broken), lambda: 0.0).work(1.0)


def test_a_newer_snapshot_takes_the_place_of_one_that_is_still_being_built(tmp_path: Path) -> None:
    office = Office(tmp_path)
    first, second = office.stage(100), office.stage(101)
    swapped: list[int] = []
    alarms: list[str] = []
    done = asyncio.Event()

    def swap(snapshot: Snapshot) -> None:
        swapped.append(snapshot.header.serial)
        done.set()

    async def story() -> None:
        adopter = Adopter(lambda: 0.0, swap, lambda slug, why: alarms.append(slug))
        adopter.read(first.path)
        adopter.read(second.path)
        await asyncio.wait_for(done.wait(), 5.0)
        adopter.cancel()

    asyncio.run(story())
    assert (swapped, alarms) == ([101], [])


def test_a_body_that_is_gone_or_damaged_is_an_alarm(tmp_path: Path) -> None:
    alarms: list[str] = []
    told = asyncio.Event()

    def alarm(slug: str, why: str) -> None:
        alarms.append(slug)
        told.set()

    async def story() -> None:
        adopter = Adopter(lambda: 0.0, lambda _: None, alarm)
        assert adopter.at_once(iter([b"{\n"]), 1.0) is None
        told.clear()
        adopter.read(tmp_path / "gone")
        await asyncio.wait_for(told.wait(), 5.0)
        told.clear()
        adopter.go_on(Adoption(iter([b"{\n"]), lambda: 0.0))
        await asyncio.wait_for(told.wait(), 5.0)

    asyncio.run(story())
    assert alarms == ["snapshot-damaged"] * 3
