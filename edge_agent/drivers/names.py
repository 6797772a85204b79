"""Names of peers become addresses before a call needs them: a source is known by its address.

What was found last is kept on disk, so that an agent that starts without any name server still
knows its platform (R1).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from pathlib import Path

PATIENCE_S = 1.0


class NameBook:
    """The address last found for each name; ``changed`` is called when a look-up found another."""

    def __init__(self, path: Path, changed: Callable[[], None]) -> None:
        self._path, self._changed = path, changed
        self._task: asyncio.Task[None] | None = None
        self.known: dict[str, str] = _read(path)
        self.kept = asyncio.Event()
        """What was found has been written down."""

    def look_up(self, hosts: Iterable[str]) -> None:
        """Ask for the names among ``hosts`` in the background; one look-up runs at a time."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._ask(tuple(hosts)))

    def cancel(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()

    async def _ask(self, hosts: tuple[str, ...]) -> None:
        found = await addresses_of(hosts)
        if found.items() <= self.known.items():
            return
        self.known |= found
        self._changed()
        await asyncio.to_thread(_write, self._path, dict(self.known))
        self.kept.set()


async def addresses_of(hosts: Iterable[str]) -> dict[str, str]:
    """The address of each host that is a name and that can be resolved within a second."""
    names = sorted({host for host in hosts if host and not _is_address(host)})
    loop = asyncio.get_running_loop()
    lookups = {name: loop.create_task(_resolve(name)) for name in names}
    if lookups:
        await asyncio.wait(lookups.values(), timeout=PATIENCE_S)
    found = {}
    for name, lookup in lookups.items():
        if not lookup.done():
            lookup.cancel()
        elif address := lookup.result():
            found[name] = address
    return found


async def _resolve(name: str) -> str:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, None)
    except OSError:
        return ""
    return str(found[0][4][0])


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _read(path: Path) -> dict[str, str]:
    try:
        kept = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): str(at) for name, at in kept.items()} if isinstance(kept, dict) else {}


def _write(path: Path, known: dict[str, str]) -> None:
    """A disk that does not take it costs the memory of a name, nothing else."""
    staged = path.with_suffix(".staged")
    try:
        staged.write_text(json.dumps(known, sort_keys=True))
        staged.replace(path)
    except OSError:
        return
