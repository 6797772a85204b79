"""The real driver, the guest's own time, and what its operator would do to it."""

from __future__ import annotations

import asyncio
import os
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from edge_agent.drivers.dahdi import CONTROL, DYNAMIC_SPAN, Request
from edge_agent.drivers.dahdi_kernel import LinuxKernel

SYSTEM_CONF = Path(__file__).with_name("system.conf")
DEVICES = Path("/sys/bus/dahdi_devices/devices")


@dataclass
class RealGround:
    """System calls on /dev/dahdi."""

    kernel: LinuxKernel

    def let_pass(self, seconds: float) -> None:
        """The driver works on the guest's clock, so that is what goes on."""
        select.select([], [], [], seconds)


@contextmanager
def real_ground() -> Iterator[RealGround]:
    """The kernel, with a loop that is never run."""
    loop = asyncio.new_event_loop()
    try:
        yield RealGround(LinuxKernel(loop))
    finally:
        loop.close()


def configure(*, only_channels: bool = False) -> None:
    """Make the spans anew (nothing may have a channel open), or only set up channels again."""
    lines = SYSTEM_CONF.read_text().splitlines(keepends=True)
    kept = [line for line in lines if not (only_channels and line.startswith("dynamic="))]
    with NamedTemporaryFile("w", suffix=".conf") as conf:
        conf.writelines(kept)
        conf.flush()
        _run("dahdi_cfg", "-c", conf.name)


def dynamic(request: Request, address: str) -> None:
    """Make or destroy a dynamic span."""
    argument = DYNAMIC_SPAN.buffer(driver=b"loc", addr=address.encode(), numchans=24)
    with real_ground() as ground:
        control = ground.kernel.open(CONTROL)
        ground.kernel.ioctl(control, request, argument)
        ground.kernel.close(control)


def device_of(span: int) -> Path:
    """The driver's own folder of the device that a span belongs to."""
    return next(each for each in DEVICES.iterdir() if (each / f"span-{span}").exists())


def take_away(device: Path) -> None:
    """What a card that is pulled does: its span goes, whoever has it open."""
    (device / "unassign_span").write_text("1")


def bring_back(device: Path) -> None:
    """What udev does for a card that is plugged in."""
    (device / "auto_assign").write_text("1")
    configure(only_channels=True)


def complaints() -> list[str]:
    """What the kernel thinks was a mistake of its own."""
    said = _run("dmesg").splitlines()
    return [line for line in said if any(word in line for word in ("BUG:", "WARNING:", "Oops"))]


def copy(descriptor: int) -> int:
    """What SCM_RIGHTS does."""
    return os.dup(descriptor)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
