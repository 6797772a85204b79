"""Names of peers become addresses before a call needs them: a source is known by its address."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from ipaddress import ip_address

PATIENCE_S = 1.0


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
