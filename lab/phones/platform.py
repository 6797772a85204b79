"""A branch's UC platform: one peer of the gateway, with the branch's phones behind it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from lab.phones.bulletin import Bulletin, Unmet
from lab.phones.call import Call, State
from lab.phones.emergency_body import multipart
from lab.phones.location import Location, LocationService
from lab.phones.sip_message import SipMessage, request, user_of
from lab.phones.user_agent import UserAgent

ANSWER_S = 0.3
"""How long a phone rings before its owner picks up."""

ASK_EVERY_S = 0.1


@dataclass(slots=True)
class Phone:
    """One phone and its owner, who says another of ``tones`` on each call.

    ``calls_in`` are those that rang it, newest last.
    """

    platform: Platform
    user: str
    name: str
    number: str
    address: str
    tones: Iterator[int]
    location: Location | None = None
    answers: bool = True
    calls_in: list[Call] = field(default_factory=list)

    @property
    def contact(self) -> str:
        """The address of record at the platform."""
        return f"sip:{self.user}@{self.platform.domain}"

    async def locate(self, service: LocationService) -> Location | None:
        """Ask where we are, and remember the answer as a client does."""
        self.location = await asyncio.to_thread(service.ask, self.contact, self.address)
        return self.location

    async def dial(self, digits: str = "911", pidf: str | None = None) -> Call:
        """Dial an emergency number; ``pidf`` instead of what we remember, empty for none at all.

        As Lync's client and its Mediation Server write it: multipart with PIDF-LO, Priority,
        Geolocation, and who is calling as the platform asserts it.
        """
        document = pidf if pidf is not None else self.location.pidf if self.location else ""
        host, port = self.platform.gateway
        headers = [
            ("From", f'"{self.name}"<{self.contact}>;epid=1A2B3C4D5E'),
            ("To", f"<sip:{digits};phone-context={self.platform.branch}@{host};user=phone>"),
            ("Contact", f"<{self.contact};opaque=user:epid:{self.user};gruu>"),
            ("PRIORITY", "emergency"),
            ("Supported", "geolocation"),
            ("P-Asserted-Identity", f'"{self.name}" <tel:+1{self.number}>'),
            ("User-Agent", "lab-phone/1"),
        ]
        name = f"{self.user}@{self.platform.domain}"
        if document:
            located = f'<cid:{name}>;inserted-by="{self.contact}"'
            headers.append(("geolocation", located))
        uri = f"sip:+{digits};phone-context={self.platform.branch}@{host}:{port};user=phone"
        agent = self.platform.agent
        to = self.platform.gateway
        if document:
            call = await agent.invite(uri, to, headers, lambda sdp: multipart(sdp, document, name))
        else:
            call = await agent.invite(uri, to, headers)
        call.speak(next(self.tones))
        return call

    def rung(self, call: Call) -> None:
        """Somebody calls us: it rings, and after a moment the owner picks up."""
        self.calls_in.append(call)
        call.ring()
        if self.answers:
            asyncio.get_running_loop().call_later(ANSWER_S, self._pick_up, call)

    def _pick_up(self, call: Call) -> None:
        if call.state is State.RINGING:
            call.answer()
            call.speak(next(self.tones))


class Platform:
    """One SIP peer; calls in find their phone by the user part of the Request-URI."""

    def __init__(
        self, branch: str, domain: str, gateway: tuple[str, int], agent: UserAgent
    ) -> None:
        self.branch, self.domain, self.gateway, self.agent = branch, domain, gateway, agent
        self.phones: dict[str, Phone] = {}
        agent.on_call = self._called

    @classmethod
    async def open(
        cls,
        branch: str,
        domain: str,
        gateway: tuple[str, int],
        news: Bulletin,
        dice: random.Random,
        port: int = 0,
    ) -> Platform:
        """A platform on a port of loopback."""
        return cls(branch, domain, gateway, await UserAgent(news, dice).open(port))

    def add(self, user: str, name: str, number: str, address: str, tones: Iterator[int]) -> Phone:
        """Give somebody a phone."""
        self.phones[user] = Phone(self, user, name, number, address, tones)
        return self.phones[user]

    async def deliver(self, calling: str, called: str) -> Call:
        """A call from the PSTN to a number that the platform routes to the gateway: DID."""
        host, port = self.gateway
        uri = f"sip:+1{called}@{host}:{port};user=phone"
        headers = [
            ("From", f"<sip:{calling}@{self.domain};user=phone>"),
            ("To", f"<{uri}>"),
            ("P-Asserted-Identity", f"<tel:{calling}>"),
            ("User-Agent", "lab-platform/1"),
        ]
        return await self.agent.invite(uri, self.gateway, headers)

    async def until_answered(self, timeout: float) -> None:
        """Ask by OPTIONS until the gateway answers anything at all.

        Raises:
            Unmet: it did not in time.
        """
        news, heard = self.agent.news, list[SipMessage]()
        deadline = news.now + timeout
        while not heard:
            asked = self.agent.ask(self._options(), self.gateway, heard.append)
            try:
                await news.until(lambda: heard, "the gateway to answer OPTIONS", ASK_EVERY_S)
            except Unmet as silence:
                asked.stop()
                if news.now > deadline:
                    raise Unmet(f"an answer to OPTIONS within {timeout:g} s") from silence

    def _options(self) -> SipMessage:
        host, port = self.gateway
        token = self.agent.token
        headers = [
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.domain}>;tag={token()}"),
            ("To", f"<sip:{host}:{port}>"),
            ("Call-ID", f"{token()}@lab"),
            ("CSeq", "1 OPTIONS"),
        ]
        return request("OPTIONS", f"sip:{host}:{port}", headers)

    def _called(self, call: Call) -> None:
        phone = self.phones.get(user_of(call.invite.uri))
        if phone is None:
            call.refuse(404, "Not Found")
        else:
            phone.rung(call)
