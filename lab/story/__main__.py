"""``python -m lab.story [--seed N] [--trunk cama]``: exit code 0 only if every step of the story
held.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from lab.administrator import ApiRefused
from lab.cloud.errors import LabCloudError
from lab.configuration import TRUNKS
from lab.phones.bulletin import Unmet
from lab.story.beats import Talk
from lab.story.elsewhere import Elsewhere
from lab.story.hard_times import HardTimes
from lab.story.main_job import MainJob
from lab.story.narrator import Narrator
from lab.story.silence import look_through
from lab.story.silent_tandem import SilentTandem
from lab.story.trunk_telling import telling_of
from lab.world import World

DEFAULT_SEED = 7
LAST_LINES = 8
NAMES = {"isdn": "ISDN", "cama": "CAMA"}


async def told(world: World, tell: Narrator, *, main_job: bool) -> None:
    """The nine steps, and one more where there is a tandem that can be silent; ``main_job``
    leaves 8 and 9 out, which do not depend on the trunk.
    """
    trunk = telling_of(world, tell)
    job = MainJob(world, tell, trunk)
    await job.start()
    await job.configure()
    await job.locate()
    talk = await job.dial()
    await job.told(talk)
    await job.break_and_call_back(talk)
    if not main_job:
        await _hard_times(HardTimes(world, tell, trunk), talk)
        await _elsewhere(Elsewhere(world, tell, trunk))
    if world.kind == "cama":
        await SilentTandem(world, tell).moves_on()


async def _hard_times(hard: HardTimes, talk: Talk) -> None:
    hard.tell.begin("The agent is killed, and the cloud goes away")
    await hard.kill_and_restart(hard.world.springfield.phone(1))
    await hard.cloud_refuses(talk.phone)
    await hard.cloud_swallows(talk.phone)
    await hard.cloud_is_back()
    hard.tell.end_step()


async def _elsewhere(elsewhere: Elsewhere) -> None:
    elsewhere.tell.begin("In another branch, outside, and nobody knows where")
    await elsewhere.other_branch()
    await elsewhere.outside()
    await elsewhere.unknown()
    elsewhere.tell.end_step()


async def run(options: argparse.Namespace, folder: Path) -> int:
    """Tell the story; its exit code."""
    tell, world = Narrator(), World(options.seed, folder, options.trunk)
    try:
        await told(world, tell, main_job=options.main_job)
        await world.close()
        files, size = look_through(world.logs(), world.cast.secrets())
    except (Unmet, ApiRefused, LabCloudError, OSError) as fault:
        tell.failed(f"{type(fault).__name__}: {fault}")
        show_logs(tell, folder)
        return 1
    finally:
        await world.close()
    tell.ok(f"{files} logs of {size} bytes hold no caller's number, name or street")
    tell.table()
    return 0


def show_logs(tell: Narrator, folder: Path) -> None:
    """The end of each edge's logs, where the reason of a failure may stand."""
    for log in sorted(folder.glob("edge-*/*.log")):
        lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        tell.show(f"{log.parent.name}/{log.name}", "\n".join(lines))


def main() -> int:
    """Read the arguments and tell."""
    parser = argparse.ArgumentParser(prog="python -m lab.story", description=__doc__)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="names and numbers")
    parser.add_argument("--trunk", choices=TRUNKS, default="isdn", help="Springfield's")
    parser.add_argument("--main-job", action="store_true", help="without steps 8 and 9")
    parser.add_argument("--folder", type=Path, help="keep everything here; else temporary")
    options = parser.parse_args()
    print(f"Elingate: the story of the main job over {NAMES[options.trunk]}, seed {options.seed}")
    if options.folder is not None:
        options.folder.mkdir(parents=True, exist_ok=True)
        return asyncio.run(run(options, options.folder.resolve()))
    with tempfile.TemporaryDirectory(prefix="elingate-story-") as folder:
        return asyncio.run(run(options, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
