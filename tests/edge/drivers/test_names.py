"""Names become addresses, addresses stay, and what nobody knows is left out."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from edge_agent.drivers.names import NameBook, addresses_of


def test_only_names_are_looked_up_and_only_those_found_are_answered() -> None:
    found = asyncio.run(addresses_of(["localhost", "192.0.2.1", "[::1]", "", "nobody.invalid"]))
    assert found.keys() == {"localhost"}
    assert found["localhost"] in ("127.0.0.1", "::1")


def test_r1_an_agent_that_starts_without_a_name_server_knows_what_it_found_last(
    tmp_path: Path,
) -> None:
    path = tmp_path / "addresses.json"
    told: list[str] = []

    async def story() -> None:
        found = asyncio.Event()
        book = NameBook(path, found.set)
        book.look_up(["localhost", "192.0.2.1"])
        await asyncio.wait_for(found.wait(), 5)
        told.append(book.known["localhost"])
        await asyncio.wait_for(book.kept.wait(), 5)

    asyncio.run(story())
    assert NameBook(path, lambda: None).known == {"localhost": told[0]}


def test_a_name_that_is_found_as_before_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "addresses.json"
    path.write_text(json.dumps(asyncio.run(addresses_of(["localhost"]))))

    async def story() -> None:
        book = NameBook(path, lambda: told.append("changed"))
        await book._ask(("localhost", "nobody.invalid"))
        book.cancel()

    told: list[str] = []
    asyncio.run(story())
    assert told == []


def test_a_damaged_book_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "addresses.json"
    for text in ("", "{", "[]", "null"):
        path.write_text(text)
        assert NameBook(path, lambda: None).known == {}
