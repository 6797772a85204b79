"""Names become addresses, addresses stay, and what nobody knows is left out."""

from __future__ import annotations

import asyncio

from edge_agent.drivers.names import addresses_of


def test_only_names_are_looked_up_and_only_those_found_are_answered() -> None:
    found = asyncio.run(addresses_of(["localhost", "192.0.2.1", "[::1]", "", "nobody.invalid"]))
    assert found.keys() == {"localhost"}
    assert found["localhost"] in ("127.0.0.1", "::1")
