"""Whoever waits is woken by what happens, and told in words when it does not."""

from __future__ import annotations

import asyncio

import pytest

from lab.phones.bulletin import Bulletin, Unmet


def test_a_waiter_looks_again_whenever_something_is_posted() -> None:
    async def story() -> tuple[str, int]:
        news, seen, looks = Bulletin(), list[str](), 0

        def look() -> str | None:
            nonlocal looks
            looks += 1
            return seen[0] if seen else None

        waiting = asyncio.create_task(news.until(look, "a word"))
        loop = asyncio.get_running_loop()
        loop.call_soon(news.post)
        loop.call_later(0.01, seen.append, "word")
        loop.call_later(0.02, news.post)
        return await waiting, looks

    found, looks = asyncio.run(story())
    assert found == "word"
    assert looks == 3, "at once, after a post that was about something else, and after the word"


def test_what_does_not_come_about_is_told_with_what_was_seen_instead() -> None:
    async def story() -> None:
        await Bulletin().until(lambda: None, "a word", 0.01, lambda: "silence")

    with pytest.raises(Unmet, match="expected a word within 0.01 s; seen: silence"):
        asyncio.run(story())


def test_what_came_about_unposted_is_found_at_the_deadline() -> None:
    async def story() -> bool | None:
        news, seen = Bulletin(), list[bool]()
        asyncio.get_running_loop().call_later(0.01, seen.append, True)
        return await news.until(lambda: bool(seen) or None, "a word", 0.05)

    assert asyncio.run(story())
