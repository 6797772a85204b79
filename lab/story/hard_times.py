"""Step 8: the agent is killed, the cloud goes away in two ways; calls pass and nothing is lost."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.phones.platform import Phone
from lab.story import beats
from lab.story.main_job import CALLED_BACK, FLOOR_2, STARTED
from lab.story.narrator import Narrator
from lab.story.trunk_telling import TrunkTelling
from lab.world import World

RECORDS = "POST /v1/edges/{edge}/records"
EDGE = "edge-springfield"


@dataclass(slots=True)
class HardTimes:
    """The eighth step."""

    world: World
    tell: Narrator
    trunk: TrunkTelling
    calls: list[str] = field(default_factory=list)
    """Call ids of the outage, as the desk was told them."""

    async def kill_and_restart(self, phone: Phone) -> None:
        """SIGKILL in the middle of a call; the PSAP reaches the caller all the same."""
        world, tell = self.world, self.tell
        service = world.springfield.service
        assert service is not None
        await phone.locate(service)
        talk = await beats.emergency(world, tell, phone)
        beats.shows(tell, talk, world.springfield, FLOOR_2)
        self.trunk.carried(talk)
        await self.trunk.kill_agent(talk)
        again = await beats.callback(world, tell, world.springfield, phone, talk.elin)
        took = min(again.phone_call.times.values()) - again.dialled_at
        tell.measure("callback after the restart to the caller's phone ringing", took)
        tell.ok("the PSAP calls back and reaches the caller: the binding was on disk", took)
        await beats.psap_hangs_up(world, again)

    async def cloud_refuses(self, phone: Phone) -> None:
        """The gateway's port is closed."""
        await asyncio.to_thread(self.world.cloud.control.refuse)
        await self._call_and_callback(phone, "refuses connections")

    async def cloud_swallows(self, phone: Phone) -> None:
        """The gateway takes packets and never answers."""
        await asyncio.to_thread(self.world.cloud.control.swallow)
        await self._call_and_callback(phone, "swallows packets")

    async def _call_and_callback(self, phone: Phone, what: str) -> None:
        world, tell = self.world, self.tell
        before = len(world.desk.texts)
        talk = await beats.emergency(world, tell, phone)
        beats.shows(tell, talk, world.springfield, FLOOR_2)
        self.trunk.carried(talk)
        taken = talk.psap_call.circuit.began - talk.dialled_at
        sign = self.trunk.taken
        tell.measure(f"911 dialled to {sign} while the cloud {what}", taken)
        await beats.psap_hangs_up(world, talk)
        again = await beats.callback(world, tell, world.springfield, phone, talk.elin)
        await beats.psap_hangs_up(world, again)

        def told(headline: str) -> str | None:
            texts = (text for text in world.desk.texts[before:] if text.headline == headline)
            return next((text.field("Call") for text in texts), None)

        started = await world.news.until(lambda: told(STARTED), "the desk to be told of the call")
        back = await world.news.until(
            lambda: told(CALLED_BACK), "the desk to be told of the callback"
        )
        self.calls += [started, back]
        tell.ok(f"the cloud {what}: 911 and callback pass, the desk is told by the agent", taken)

    async def cloud_is_back(self) -> None:
        """Records arrive exactly once, although the first reply to them is lost."""
        world, tell = self.world, self.tell
        control = world.cloud.control
        log = Path(world.cloud.addresses.logs) / "RecordCall.log"
        sent_before = len(_sent(log))
        await asyncio.to_thread(control.drop_first_reply, RECORDS.replace("{edge}", EDGE))
        began = world.news.now
        await asyncio.to_thread(control.normal)

        def arrived() -> list[dict[str, Any]] | None:
            records = world.admin.records("springfield")
            ended = {record["call"] for record in records if record["step"] == "ended"}
            return records if set(self.calls) <= ended else None

        records = await world.eventually(arrived, "the records of the outage", 30)
        took = tell.measure(
            "cloud back to every record of the outage there", world.news.now - began
        )
        dropped = [seen for seen in control.seen() if seen["route"] == RECORDS and seen["dropped"]]
        tell.expect(len(dropped) == 1, "one reply of record_call to be dropped", dropped)

        def repeated() -> bool:
            return sum(_sent(log)[sent_before:]) > len(
                [r for r in records if r["call"] in self.calls]
            )

        await world.eventually(repeated, "the batch whose reply was lost to be sent again")
        tell.ok("the first reply of record_call was lost; the batch was sent again")
        self._once_each(records)
        tell.ok(f"all {len(records)} records of the day are there exactly once (R12)", took)
        await world.news.until(
            lambda: set(self.calls) <= {hook.call for hook in world.hooks.hooks},
            "webhooks for the calls of the outage",
            20.0,
            lambda: {hook.call for hook in world.hooks.hooks},
        )
        tell.ok("the webhooks of the outage have come too, for 911 calls and callbacks")

    def _once_each(self, records: list[dict[str, Any]]) -> None:
        ids = Counter(str(record["id"]) for record in records)
        steps = Counter((str(r["call"]), str(r["step"])) for r in records)
        twice = [key for key, count in [*ids.items(), *steps.items()] if count > 1]
        self.tell.expect(not twice, "each record once", twice)
        for call in self.calls:
            here = sorted(str(r["step"]) for r in records if r["call"] == call)
            self.tell.expect({"started", "ended"} <= set(here), "the whole call", (call, here))


def _sent(log: Path) -> list[int]:
    """How many records each request of Springfield's agent brought, by record_call's own log."""
    lines = log.read_text().splitlines()
    return [int(json.loads(x)["taken"]) for x in lines if '"taken"' in x and EDGE in x]
