"""The voice of one leg: offer and answer, in whichever direction they travel."""

from __future__ import annotations

from edge_agent.leg import RtpMedia
from edge_agent.sip.grammar import MalformedMessage
from edge_agent.sip.sdp import (
    DIGIT_EVENTS,
    Agreed,
    Description,
    agree,
    read_sdp,
    write_answer,
    write_offer,
)

_DISCARD = 9
"""Port written where we have none left (RFC 863): the call is signalled, its voice is not ours to
carry.
"""


class VoiceSession:
    """Remembers what was said, so that the same SDP goes into 183 and 200, with ``o=`` counted up
    on a change.
    """

    def __init__(
        self, host: str, port: int | None, session_id: int, events: str = DIGIT_EVENTS
    ) -> None:
        self.port = port
        self.held = False
        self._host = host
        self._id = session_id
        self._events = events
        self._version = 0
        self._said = b""
        self._offered = False
        self._agreed: Agreed | None = None
        self._heard = b""

    @property
    def media(self) -> RtpMedia | None:
        """Where voice is now; ``None`` before the far end has spoken, or where we have no port."""
        if self.port is None or not self._heard:
            return None
        if self._agreed is None:
            return RtpMedia(self.port, None)
        agreed = self._agreed
        return RtpMedia(self.port, agreed.remote, agreed.law, agreed.event_payload)

    def takes(self, event: int) -> bool:
        """Whether the far end can be sent this telephone-event in its voice."""
        return self.port is not None and self._agreed is not None and self._agreed.takes(event)

    @property
    def sdp(self) -> bytes:
        """What belongs into a 18x or 200 to the far end: our answer, or our offer where it made
        none.
        """
        return self._said or self.make_offer()

    @property
    def awaits_answer(self) -> bool:
        """Whether our offer stands unanswered."""
        return self._offered

    def make_offer(self) -> bytes:
        """Our offer; the same text as long as nothing changed."""
        self._offered = True
        host, port = self._host, self.port or _DISCARD
        return self._say(write_offer(host, port, self._id, self._version, self._events))

    def take_offer(self, body: bytes, source_host: str = "") -> bytes:
        """Answer an offer. One that cannot be read is answered with our own list: the call goes on
        (R1).
        """
        self._offered = False
        if self._heard == body and self._said:
            return self._said
        self._heard = body
        offer = _readable(body)
        if offer is None:
            self._agreed = None
            return self.make_offer()
        self._agreed = agree(offer, source_host)
        self.held = self._agreed is not None and self._agreed.direction in ("sendonly", "inactive")
        answer = self._answer(offer)
        if self._said and answer != self._said:
            self._version += 1
            answer = self._answer(offer)
        return self._say(answer)

    def take_answer(self, body: bytes, source_host: str = "") -> None:
        """The far end answered our offer."""
        self._offered = False
        self._heard = body
        answer = _readable(body)
        self._agreed = None if answer is None else agree(answer, source_host)

    def _answer(self, offer: Description) -> bytes:
        host, port = self._host, self.port or _DISCARD
        return write_answer(offer, self._agreed, host, port, self._id, self._version, self._events)

    def _say(self, text: bytes) -> bytes:
        self._said = text
        return text


def _readable(body: bytes) -> Description | None:
    try:
        return read_sdp(body)
    except MalformedMessage:
        return None
