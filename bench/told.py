"""911 dialled until security is told, in the lab: the whole cloud, the real agents, a real webhook.

Also what else only the lab can show: how long a publish takes to be in use.
"""

from __future__ import annotations

import io

from bench.rig.measures import Limit, Row, Run, spread
from lab.desk.desk_phone import Text
from lab.desk.webhook_receiver import Hook
from lab.story import beats
from lab.story.main_job import STARTED, MainJob
from lab.story.narrator import Narrator
from lab.story.trunk_telling import telling_of
from lab.world import World

SEED = 7
PEOPLE = 3
POLL_S = 30
"""``poll_s`` of the lab's edges."""
PATIENCE_S = 15.0


async def measure(run: Run) -> list[Row]:
    """The story's first steps, then one call each from a few people of Springfield."""
    run.folder.mkdir(parents=True)
    tell, world = Narrator(io.StringIO()), World(SEED, run.folder)
    try:
        job = MainJob(world, tell, telling_of(world, tell))
        await job.start()
        await job.configure()
        hooks, texts = await _told(world, tell)
    finally:
        await world.close()
    published = [row.seconds for row in tell.measured if row.what.startswith("publish asked")]
    return [
        Row(
            "911 dialled to told",
            "INVITE sent by the phone -> webhook received by the desk (by way of the cloud)",
            "ms",
            spread(hooks),
            (Limit("max", 1000.0),),
            "max < 1000",
            "the first call finds every Lambda cold",
        ),
        Row(
            "911 dialled to told by the edge itself",
            "INVITE sent by the phone -> SIP MESSAGE at the desk (works with the WAN cut)",
            "ms",
            spread(texts),
            (Limit("max", 1000.0),),
            "max < 1000",
        ),
        Row(
            "publish to adopted",
            "POST /v1/publish -> both edges have reported the serial, by poll",
            "ms",
            spread(published),
            (Limit("max", (POLL_S + 5) * 1000.0),),
            f"max < {POLL_S + 5} s (poll_s {POLL_S})",
        ),
    ]


async def _told(world: World, tell: Narrator) -> tuple[list[float], list[float]]:
    hooks, texts = [], []
    branch = world.springfield
    people = branch.office.people[:PEOPLE]
    for person in people:
        phone = branch.platform.phones[person.user]
        assert branch.service is not None, "its token was made when the drafts were written"
        await phone.locate(branch.service)
        talk = await beats.emergency(world, tell, phone)
        hook, text = await _heard(world, person.name)
        hooks.append(hook.at - talk.dialled_at)
        texts.append(text.at - talk.dialled_at)
        world.psap.break_off(talk.psap_call)
        await beats.gone(world, talk)
    return hooks, texts


async def _heard(world: World, name: str) -> tuple[Hook, Text]:
    """What the desk was told about one caller."""

    def hooked() -> Hook | None:
        return next(iter(world.hooks.about("started", name=name)), None)

    def texted() -> Text | None:
        return next(iter(world.desk.about(STARTED, name)), None)

    hook = await world.news.until(hooked, "a webhook", PATIENCE_S)
    return hook, await world.news.until(texted, "a SIP MESSAGE", PATIENCE_S)
