"""A scraper asks by HTTP and gets the text."""

from __future__ import annotations

import asyncio
from urllib.request import urlopen

from edge_agent.ops.scrape import ScrapePort


def test_whoever_asks_gets_the_metrics() -> None:
    async def story() -> None:
        scrape = ScrapePort(lambda: "elingate_state 1\n")
        await scrape.start(0)

        def get() -> bytes:
            with urlopen(f"http://127.0.0.1:{scrape.port}/metrics", timeout=5) as answer:
                assert answer.headers["content-type"].startswith("text/plain")
                return bytes(answer.read())

        assert await asyncio.to_thread(get) == b"elingate_state 1\n"
        scrape.stop()

    asyncio.run(asyncio.wait_for(story(), 10.0))
