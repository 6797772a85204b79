"""``python -m lab``: the world of the story, kept running until Ctrl-C, to be played with."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path

from lab.administrator import ApiRefused
from lab.cloud.errors import LabCloudError
from lab.configuration import TRUNKS
from lab.phones.bulletin import Unmet
from lab.playground import Playground
from lab.story.__main__ import DEFAULT_SEED
from lab.world import World


async def keep(world: World, cloud_port: int, control_port: int) -> None:
    """Start everything, configure it, say how to play, wait to be told to end."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    print("lab: starting the cloud, two branches, a PSTN, phones and a desk", flush=True)
    await world.open(cloud_port)
    print("lab: writing and publishing the configuration", flush=True)
    await world.write_drafts()
    await world.adopted(await world.published())
    await world.load_ali()
    server = Playground(world).serve(control_port)
    print(how_to_play(world, server.url), flush=True)
    await told.wait()
    print("lab: ending", flush=True)
    server.stop()


def how_to_play(world: World, control: str) -> str:
    """Addresses and commands."""
    phones = [phone for b in world.branches for phone in b.platform.phones.values()]
    first = phones[0].user
    elin = world.cast.springfield.floors[-1].elins[0]
    api = world.cloud.addresses.http
    edges = "\n".join(
        f"  edge     {b.edge.settings.edge}: SIP on 127.0.0.1:{b.edge.settings.sip_port},"
        f" admin socket {b.edge.folder / 'admin.sock'}"
        for b in world.branches
    )
    return f"""
The lab is running. All of it is on 127.0.0.1.
  API      {api}
{edges}
  control  {control}
  logs     {world.folder}
  phones   {", ".join(phone.user for phone in phones)}

Play with it:
  curl -XPOST '{control}/dial?phone={first}'
  curl -XPOST '{control}/dial?phone={first}&location=none'
  curl '{control}/psap'; curl '{control}/desk'; curl '{control}/phones'
  curl -XPOST '{control}/hangup?phone={first}'
  curl -XPOST '{control}/callback?elin={elin}'
  curl -XPOST '{control}/cloud?reach=swallow'      (then refuse, normal)
  TOKEN={world.admin.token}
  curl -H "Authorization: Bearer $TOKEN" {api}/v1/edges/edge-springfield
  curl -H "Authorization: Bearer $TOKEN" {api}/v1/callbacks/{elin}
  curl -H "Authorization: Bearer $TOKEN" {api}/v1/draft/erl

Ctrl-C ends everything.
"""


async def run(options: argparse.Namespace, folder: Path) -> int:
    """The lab from start to end; its exit code."""
    world = World(options.seed, folder, options.trunk)
    try:
        await keep(world, options.port, options.control_port)
    except (Unmet, ApiRefused, LabCloudError, OSError) as fault:
        print(f"lab: {type(fault).__name__}: {fault}", file=sys.stderr)
        return 1
    finally:
        await world.close()
    return 0


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="names and numbers")
    parser.add_argument("--trunk", choices=TRUNKS, default="isdn", help="Springfield's")
    parser.add_argument("--port", type=int, default=8911, help="of the cloud's HTTP API")
    parser.add_argument("--control-port", type=int, default=8912)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="elingate-lab-") as folder:
        return asyncio.run(run(options, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
