"""The phone on the security desk: shows the messages that the edge sends, and can be rung."""

from __future__ import annotations

import random
from dataclasses import dataclass

from lab.phones.bulletin import Bulletin
from lab.phones.call import Call
from lab.phones.sip_message import SipMessage
from lab.phones.user_agent import UserAgent


@dataclass(frozen=True, slots=True)
class Text:
    """One message on the display."""

    at: float
    body: str

    def field(self, label: str) -> str:
        """The value of a line ``Label: value``, or empty; the headline has no label."""
        lines = (line.partition(": ") for line in self.body.splitlines())
        return next((value for name, _, value in lines if name == label), "")

    @property
    def headline(self) -> str:
        """The first line."""
        return self.body.partition("\n")[0].strip()


class DeskPhone:
    """A SIP phone of its own, which is a peer of the gateway."""

    def __init__(self, agent: UserAgent, tone: int) -> None:
        self.agent, self.tone = agent, tone
        self.texts: list[Text] = []
        self.calls_in: list[Call] = []
        agent.on_message = self._message
        agent.on_call = self._called

    @classmethod
    async def open(cls, news: Bulletin, dice: random.Random, tone: int) -> DeskPhone:
        """A phone on a free port of loopback."""
        return cls(await UserAgent(news, dice).open(), tone)

    @property
    def contact(self) -> str:
        """Where it is."""
        host, port = self.agent.address
        return f"sip:desk@{host}:{port}"

    def about(self, headline: str, name: str = "") -> list[Text]:
        """Texts whose headline is this one, about one caller where a name is given."""
        return [
            text
            for text in self.texts
            if text.headline == headline and name in ("", text.field("Name"))
        ]

    def _message(self, message: SipMessage) -> int:
        body = message.body.decode(errors="replace").replace("\r\n", "\n")
        self.texts.append(Text(self.agent.news.now, body))
        return 200

    def _called(self, call: Call) -> None:
        self.calls_in.append(call)
        call.ring()
        call.answer()
        call.voice.say(self.tone)
