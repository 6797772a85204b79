"""The running world in the hands of whoever plays with it: a small HTTP port on loopback.

Commands come in on the server's threads and are carried out on the loop that the world lives on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from urllib.parse import parse_qsl

from lab.cloud.web import LoopbackServer, Reply, Request
from lab.phones.bulletin import Unmet
from lab.phones.call import Call
from lab.phones.platform import Phone
from lab.pstn.psap import PsapCall
from lab.world import Branch, World

PATIENCE_S = 15.0


class Unknown(Exception):
    """What was asked for is not there; the text says what is."""


class Playground:
    """Dial, hang up, call back, take the cloud away; and look at every screen."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._loop = asyncio.get_running_loop()
        self._dialled: list[tuple[Phone, Call]] = []

    def serve(self, port: int) -> LoopbackServer:
        """Answer on this port of loopback. Raises OSError where it is taken."""
        return LoopbackServer(self.answer, port).start()

    def answer(self, request: Request) -> Reply:
        """One command, from a thread of the server."""
        asked = dict(parse_qsl(request.query))
        try:
            work = self._work(f"{request.method} {request.path}", asked)
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
            return Reply.of(200, future.result(PATIENCE_S))
        except (Unknown, Unmet, ConnectionError) as error:
            return Reply.of(400, {"error": str(error)})

    def _work(
        self, command: str, asked: dict[str, str]
    ) -> Coroutine[Any, Any, dict[str, Any] | list[Any]]:
        match command:
            case "GET /" | "GET /phones":
                return self._phones()
            case "GET /psap":
                return self._console()
            case "GET /desk":
                return self._desk()
            case "POST /dial":
                return self._dial(asked.get("phone", ""), asked.get("location", "found"))
            case "POST /hangup":
                return self._hang_up(asked.get("phone", ""))
            case "POST /callback":
                return self._call_back(asked.get("elin", ""))
            case "POST /cloud":
                return self._reach(asked.get("reach", ""))
        raise Unknown(
            "GET /phones /psap /desk; POST /dial?phone= /hangup?phone= /callback?elin= "
            "/cloud?reach=refuse|swallow|normal"
        )

    async def _phones(self) -> list[Any]:
        return [
            {
                "phone": phone.user,
                "branch": branch.office.id,
                "name": phone.name,
                "number": phone.number,
                "address": phone.address,
                "dialled": [c.state for p, c in self._dialled if p is phone],
                "rung": [c.state for c in phone.calls_in],
            }
            for branch in self._world.branches
            for phone in branch.platform.phones.values()
        ]

    async def _console(self) -> list[Any]:
        return [_shown(call) for call in self._world.psap.calls]

    async def _desk(self) -> dict[str, Any]:
        return {
            "texts": [text.body.splitlines() for text in self._world.desk.texts],
            "webhooks": [hook.body["data"]["headline"] for hook in self._world.hooks.hooks],
        }

    async def _dial(self, user: str, location: str) -> dict[str, Any]:
        branch, phone = self._find(user)
        if location == "found" and branch.service is not None:
            await phone.locate(branch.service)
        call = await phone.dial(pidf="" if location == "none" else None)
        self._dialled.append((phone, call))
        await self._world.news.until(lambda: len(call.statuses) > 0, "an answer to the INVITE")
        return {"phone": phone.user, "state": call.state, "statuses": call.statuses}

    async def _hang_up(self, user: str) -> dict[str, Any]:
        _, phone = self._find(user)
        calls = [c for p, c in self._dialled if p is phone] + phone.calls_in
        for call in calls:
            call.hang_up()
        return {"phone": phone.user, "states": [call.state for call in calls]}

    async def _call_back(self, elin: str) -> dict[str, Any]:
        for branch in self._world.branches:
            if any(elin in floor.elins for floor in branch.office.floors):
                return _shown(await self._world.psap.call_back(elin, branch.line))
        raise Unknown(f"no ELIN {elin!r}; see GET /psap")

    async def _reach(self, reach: str) -> dict[str, Any]:
        control = self._world.cloud.control
        known = {"refuse": control.refuse, "swallow": control.swallow, "normal": control.normal}
        if reach not in known:
            raise Unknown(f"reach must be one of {', '.join(known)}")
        await asyncio.to_thread(known[reach])
        return {"reach": reach}

    def _find(self, user: str) -> tuple[Branch, Phone]:
        for branch in self._world.branches:
            if user in branch.platform.phones:
                return branch, branch.platform.phones[user]
        raise Unknown(f"no phone {user!r}; see GET /phones")


def _shown(call: PsapCall) -> dict[str, Any]:
    circuit = call.circuit
    state = "over" if circuit.is_over else "up" if circuit.is_up else "ringing"
    return {"screen": call.screen.line(), "calling": call.screen.calling, "state": state}
