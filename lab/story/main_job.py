"""Steps 1 to 7: from an empty cloud to a caller who is called back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.configuration import WINDOW_MINUTES
from lab.desk.desk_phone import Text
from lab.desk.webhook_receiver import Hook
from lab.phones.platform import Phone
from lab.story import beats
from lab.story.beats import Talk
from lab.story.narrator import Narrator
from lab.story.trunk_telling import TrunkTelling
from lab.world import World

FLOOR_2 = 1
STARTED = "Emergency call"
CALLED_BACK = "The PSAP is calling back"


@dataclass(slots=True)
class MainJob:
    """The first seven steps, and what the later ones need of them."""

    world: World
    tell: Narrator
    trunk: TrunkTelling
    caller: Phone | None = None

    async def start(self) -> None:
        """1. The lab starts."""
        world, tell = self.world, self.tell
        tell.begin("The lab starts")
        began = world.news.now
        await world.open()
        cloud = world.cloud.addresses
        took = tell.measure(
            "start of the local AWS, agents, PSTN, phones, desk", world.news.now - began
        )
        tell.ok(f"local AWS with {len(cloud.functions)} functions of template.yaml at {cloud.http}")
        await self.trunk.ready()
        tell.ok("Shelbyville: an agent with a sip trunk")
        tell.ok("a PSTN (selective router, ALI, PSAP), phones and a desk", took)
        running = [branch.edge.is_running for branch in world.branches]
        tell.expect(all(running), "both agents to run", running)
        tell.end_step()

    async def configure(self) -> None:
        """2. Configuration goes in, is published, adopted, exported."""
        world, tell = self.world, self.tell
        tell.begin("Configuration goes in through the HTTP API, and comes down signed")
        count = await world.write_drafts()
        tell.ok(f"{count} drafts written, client tokens and webhook secrets made")
        faults = await world.eventually(lambda: [world.admin.validate()], "an answer")
        tell.expect(not faults[0], "drafts that are valid as a whole", faults[0])
        tell.ok("the drafts are valid as a whole")
        began = world.news.now
        generation = await world.published()
        done = world.news.now
        tell.ok(f"generation {generation} published and signed", done - began)
        serials = await world.adopted(generation)
        took = tell.measure(
            "publish asked to serials reported by both agents", world.news.now - began
        )
        for edge, serial in serials.items():
            tell.ok(f"{edge} has adopted serial {serial}", took)
        wanted = sum(len(floor.elins) for office in world.cast.offices for floor in office.floors)
        held = await world.load_ali()
        tell.expect(held == wanted, f"{wanted} records in the carrier's files", held)
        tell.ok(f"ALI has loaded {held} numbers from the files exported for the carrier")
        tell.end_step()

    async def locate(self) -> None:
        """3. A phone asks where it is."""
        world, tell = self.world, self.tell
        tell.begin("A phone on floor 2 of Springfield asks where it is")
        self.caller = world.springfield.phone(0)
        floor = world.springfield.office.floors[FLOOR_2]
        service = world.springfield.service
        assert service is not None, "the tokens were made in step 2"
        began = world.news.now
        found = await self.caller.locate(service)
        took = tell.measure("location asked to PIDF-LO", world.news.now - began)
        tell.expect(found and found.erl == floor.erl and found.how == "subnet", floor.erl, found)
        assert found is not None
        tell.expect(found.elins == floor.elins, f"the ELINs {floor.elins}", found.elins)
        named = [elin in found.pidf for elin in floor.elins]
        tell.expect(all(named), "a PIDF-LO with the ELINs of floor 2", found.pidf)
        tell.ok(f"by its subnet it is on {found.erl}; ELINs {', '.join(found.elins)}", took)
        tell.end_step()

    async def dial(self) -> Talk:
        """4 and 5. It dials 911; the PSAP sees floor 2 and both hear each other."""
        world, tell = self.world, self.tell
        assert self.caller is not None
        tell.begin("It dials 911")
        talk = await beats.emergency(world, tell, self.caller)
        content = talk.phone_call.invite.get("content-type")
        tell.expect(content.startswith("multipart/mixed"), "a multipart INVITE", content)
        self.trunk.placed(talk)
        tell.end_step()
        tell.begin("The PSAP sees floor 2, and both hear each other")
        beats.shows(tell, talk, world.springfield, FLOOR_2)
        rings = tell.measure(
            "911 dialled to the PSAP's console", talk.psap_call.shown_at - talk.dialled_at
        )
        tell.ok("calling number and address are those of floor 2", rings)
        ours, theirs = talk.phone_call.tone, talk.psap_call.tone
        tell.ok(f"voice: the PSAP hears {ours} Hz, the caller {theirs} Hz, nobody themselves")
        await self.trunk.talked(talk)
        tell.end_step()
        return talk

    async def told(self, talk: Talk) -> None:
        """6. The desk has been told; the cloud has the call."""
        world, tell = self.world, self.tell
        tell.begin("The desk has been told, and the cloud has the call")
        name = talk.phone.name
        text = await world.news.until(
            lambda: next(iter(world.desk.about(STARTED, name)), None), "a SIP MESSAGE to the desk"
        )
        tell.show("desk", text.body)
        _check_text(tell, talk, text)
        took = tell.measure("911 dialled to SIP MESSAGE at the desk", text.at - talk.dialled_at)
        tell.ok("SIP MESSAGE with name, number, time and location, from the agent", took)
        hook = await world.news.until(
            lambda: next(iter(world.hooks.about("started", name=name)), None), "a webhook", 15.0
        )
        _check_hook(tell, talk, hook)
        took = tell.measure("911 dialled to webhook received", hook.at - talk.dialled_at)
        tell.ok("webhook, signature checked by the standardwebhooks library", took)
        tell.expect(
            world.hooks.forged == 0, "no webhook with a wrong signature", world.hooks.forged
        )
        await self._in_the_cloud(talk, hook.call)
        tell.end_step()

    async def _in_the_cloud(self, talk: Talk, call: str) -> None:
        world, tell = self.world, self.tell

        def records() -> set[str]:
            found = world.admin.records("springfield")
            steps = {str(record["step"]) for record in found if record["call"] == call}
            return steps if {"started", "answered"} <= steps else set()

        steps = await world.eventually(records, "the records of the call")
        tell.ok(f"the cloud has the call: {', '.join(sorted(steps))}")
        rows = await world.eventually(lambda: world.admin.callbacks(talk.elin), "a callback row")
        contact = rows[0]["caller"]["contact"]
        tell.expect(talk.phone.contact in contact, talk.phone.contact, contact)
        tell.expect(rows[0]["expires_at"] is None, "no expiry while the call is up", rows[0])
        tell.ok("the cloud has the callback row; it has no expiry while the call is up")

    async def break_and_call_back(self, talk: Talk) -> None:
        """7. The call breaks; the PSAP calls back."""
        world, tell = self.world, self.tell
        tell.begin("The call breaks; the PSAP dials the ELIN")
        world.psap.break_off(talk.psap_call)
        await beats.gone(world, talk)
        tell.ok("the call is lost at both ends")
        row = await world.eventually(
            lambda: next((r for r in world.admin.callbacks(talk.elin) if r["expires_at"]), None),
            "the callback row's expiry",
        )
        _check_expiry(tell, row)
        tell.ok(f"the callback row has its expiry now: {WINDOW_MINUTES} min after the call's end")
        again = await beats.callback(world, tell, world.springfield, talk.phone, talk.elin)
        rang = again.phone_call.times
        took = min(rang.values()) - again.dialled_at
        tell.measure("callback dialled to the caller's phone ringing", took)
        tell.ok(f"the callback comes {self.trunk.called_back}")
        tell.ok("the caller's phone rings, marked Priority: psap-callback", took)
        ours, theirs = again.phone_call.tone, again.psap_call.tone
        tell.ok(f"voice again: the PSAP hears {ours} Hz, the caller {theirs} Hz")
        await world.news.until(
            lambda: world.desk.about(CALLED_BACK, talk.phone.name), "the desk to be told"
        )
        await world.news.until(
            lambda: world.hooks.about("callback", name=talk.phone.name),
            "a webhook about the callback",
            15.0,
        )
        tell.ok("the desk has been told of the callback, by SIP MESSAGE and by webhook")
        await beats.psap_hangs_up(world, again)
        tell.end_step()


def _check_text(tell: Narrator, talk: Talk, text: Text) -> None:
    wanted = {"Name": talk.phone.name, "Number": talk.phone.number, "ELIN": talk.elin}
    seen = {label: text.field(label) for label in wanted}
    tell.expect(seen == wanted, str(wanted), seen)
    tell.expect("Flr 2" in text.field("Place"), "the place with floor 2", text.field("Place"))
    tell.expect("UTC)" in text.field("Time"), "branch time and UTC", text.field("Time"))


def _check_hook(tell: Narrator, talk: Talk, hook: Hook) -> None:
    fields = hook.body["data"]
    wanted = {"name": talk.phone.name, "number": talk.phone.number, "elin": talk.elin}
    seen = {key: fields[key] for key in wanted}
    tell.expect(seen == wanted, str(wanted), seen)
    tell.expect("Flr 2" in fields["place"], "the place with floor 2", fields["place"])
    age = datetime.now(UTC) - datetime.fromisoformat(fields["at"])
    tell.expect(abs(age) < timedelta(minutes=1), "the time of the call", fields["at"])


def _check_expiry(tell: Narrator, row: dict[str, Any]) -> None:
    ended = datetime.fromisoformat(row["ended_at"])
    expires = datetime.fromisoformat(row["expires_at"])
    window = timedelta(minutes=WINDOW_MINUTES)
    tell.expect(abs(expires - ended - window) < timedelta(seconds=2), f"{ended + window}", expires)
