"""A provider of SIP trunks: what a router and a PSAP are given of the far end of such a trunk."""

from __future__ import annotations

import random
from collections.abc import Callable

from lab.phones.bulletin import Bulletin
from lab.phones.call import Call, State
from lab.phones.sip_message import uri_of, user_of
from lab.phones.user_agent import UserAgent
from lab.phones.voice import Voice
from lab.pstn.circuit import Circuit


class SipCircuit:
    """A call on a SIP trunk."""

    def __init__(self, call: Call, trunk: str, calling: str, called: str) -> None:
        self.call, self.trunk, self.calling, self.called = call, trunk, calling, called
        self.began = call.times[State.CALLING]
        self.voice: Voice = call.voice

    @property
    def is_ringing(self) -> bool:
        """Whether the far end rings."""
        return self.call.state is State.RINGING

    @property
    def is_up(self) -> bool:
        """Whether both ends are connected."""
        return self.call.state is State.UP

    @property
    def is_over(self) -> bool:
        """Whether the call is gone."""
        return self.call.state is State.OVER

    def ring(self) -> None:
        """180."""
        self.call.ring()

    def answer(self) -> None:
        """200."""
        self.call.answer()

    def hang_up(self, cause: int = 16) -> None:
        """BYE, CANCEL or a refusal; a SIP provider of this kind tells no cause."""
        del cause
        self.call.hang_up()


class SipProvider:
    """The provider's side of one trunk, on one UDP port."""

    def __init__(
        self,
        trunk: str,
        gateway: tuple[str, int],
        agent: UserAgent,
        offered: Callable[[Circuit], None],
    ) -> None:
        self.trunk, self.gateway, self.agent = trunk, gateway, agent
        self.news: Bulletin = agent.news
        self._offered = offered
        agent.on_call = self._called

    @classmethod
    async def open(
        cls,
        trunk: str,
        gateway: tuple[str, int],
        news: Bulletin,
        dice: random.Random,
        offered: Callable[[Circuit], None],
        port: int = 0,
    ) -> SipProvider:
        """A provider on a port of loopback."""
        return cls(trunk, gateway, await UserAgent(news, dice).open(port), offered)

    async def place(self, calling: str, called: str) -> Circuit:
        """Call the enterprise."""
        host, port = self.agent.address
        ours, theirs = self.gateway
        headers = [
            ("From", f"<sip:{calling}@{host}:{port};user=phone>"),
            ("To", f"<sip:{called}@{ours}:{theirs};user=phone>"),
        ]
        uri = f"sip:{called}@{ours}:{theirs};user=phone"
        call = await self.agent.invite(uri, self.gateway, headers)
        return SipCircuit(call, self.trunk, calling, called)

    def _called(self, call: Call) -> None:
        asserted = call.invite.get("p-asserted-identity") or call.invite.get("from")
        number = user_of(uri_of(asserted)).removeprefix("+1")
        self._offered(SipCircuit(call, self.trunk, number, user_of(call.invite.uri)))
