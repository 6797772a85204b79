"""A leg that we place: to a trunk with the ELIN and nothing else of ours, or to a person for a
callback.
"""

from __future__ import annotations

from enum import Enum, auto

from e911.numbers import Elin
from e911.pidf import write_pidf
from edge_agent.causes import NO_RESPONSE, NORMAL, sip_to_cause
from edge_agent.leg import (
    Alerting,
    Answered,
    Clear,
    LegId,
    LegRequest,
    Progress,
    RingParty,
    SeizeTrunk,
    SendFlash,
)
from edge_agent.sip.compose import ALLOW, address_line, reason_line
from edge_agent.sip.config import Remote
from edge_agent.sip.dialog import Dialog
from edge_agent.sip.headers import q850_cause, tag_of
from edge_agent.sip.invite import read_body, read_caller
from edge_agent.sip.legs import Leg
from edge_agent.sip.message import Headers, Request, Response
from edge_agent.sip.multipart import PIDF, SDP, Part, write_parts
from edge_agent.sip.outputs import Send, Source
from edge_agent.sip.station import Station
from edge_agent.sip.timers import T
from edge_agent.sip.transactions import Transaction, client_key

_NETWORK_OUT_OF_ORDER = 38


class C(Enum):
    """Where an outgoing leg is."""

    CALLING = auto()
    """Nothing heard: may not be cancelled yet (RFC 3261 §9.1)."""
    PROCEEDING = auto()
    ANSWERED = auto()
    CANCELLING = auto()
    ABANDONED = auto()
    """Cleared for us before anything was heard; what still comes is cancelled or hung up."""
    ENDED = auto()


class OutgoingLeg(Leg):
    """One INVITE that we send, its forks, and the dialog that the first 2xx makes."""

    def __init__(self, leg: LegId, remote: Remote, station: Station, now: float) -> None:
        super().__init__(leg, station.ids.call_id(), remote, station, now)
        self.state = C.CALLING
        self._transaction: Transaction | None = None
        self._early: dict[str, Dialog] = {}
        self._acks: dict[str, Send] = {}
        self._asked: Clear | None = None

    @property
    def is_up(self) -> bool:
        """Whether the far end answered."""
        return self.state is C.ANSWERED

    def dialog_with(self, remote_tag: str) -> Dialog | None:
        """The dialog, or an early one of a fork."""
        if self.dialog is not None and self.dialog.remote_tag == remote_tag:
            return self.dialog
        return self._early.get(remote_tag)

    def remote_tags(self) -> set[str]:
        """Tags of every fork that has answered in any way."""
        return set(self._early) | super().remote_tags()

    def lose(self, gone: Source) -> None:
        """A connection is gone: no dialog may count on it."""
        for dialog in [*self._early.values(), *([self.dialog] if self.dialog else [])]:
            dialog.lose(gone)

    def seize(self, request: SeizeTrunk, now: float) -> None:
        """Place the call on a trunk. Every field that can name somebody names the ELIN (R2)."""
        number = _written(request)
        ours = address_line(number, self.station.config.realm, phone=True)
        self.contact_user = number
        headers = Headers(
            [
                ("from", f"{ours};tag={self.local_tag}"),
                ("to", address_line(request.called, self.remote.realm, phone=True)),
                ("p-asserted-identity", ours),
            ]
        )
        if request.emergency:
            headers.add("priority", "emergency")
        uri = f"sip:{request.called}@{self.remote.realm};user=phone"
        parts = [Part(SDP, self.voice.make_offer())]
        if request.location is not None:
            name = f"{self.station.ids.tag()}@{self.station.config.realm}"
            headers.add("geolocation", f"<cid:{name}>")
            headers.add("geolocation-routing", "yes")
            document = write_pidf(request.location, elins_as="", microsoft=False)
            parts.append(Part(PIDF, document, name))
        self._invite(uri, headers, request.call, parts, now)
        self._start(T.FIRST_RESPONSE, now)

    def ring(self, request: RingParty, now: float) -> None:
        """Ring a person at the platform, showing ``calling``."""
        ours = address_line(request.calling, self.station.config.realm, request.name)
        headers = Headers(
            [
                ("from", f"{ours};tag={self.local_tag}"),
                ("to", f"<{request.contact}>"),
                ("p-asserted-identity", ours),
            ]
        )
        if request.psap_callback:
            headers.add("priority", "psap-callback")
        parts = [Part(SDP, self.voice.make_offer())]
        self._invite(request.contact, headers, request.call, parts, now)

    def handle(self, request: LegRequest, now: float) -> None:
        """A request of the gateway: a leg that we place is cleared, or told of a hook flash."""
        if isinstance(request, SendFlash):
            self.pass_flash(now)
        if not isinstance(request, Clear) or self.over or self._asked is not None:
            return
        self._asked = request
        if self.state is C.ANSWERED:
            self.state = C.ENDED
            self.hang_up(request, now)
        elif self.state is C.PROCEEDING:
            self._cancel(now)
        else:
            self._abandon(request.cause, now)

    def on_response(self, transaction: Transaction, response: Response, now: float) -> None:
        """A response to our INVITE, or to something within the dialog."""
        if transaction.request.method != "INVITE":
            super().on_response(transaction, response, now)
            return
        self.station.deadlines.stop(self, T.FIRST_RESPONSE)
        if response.status < 200:
            self._on_provisional(response, now)
        elif response.status < 300:
            self._on_success(transaction, response, now)
        else:
            self._on_refusal(response, now)

    def on_failure(self, transaction: Transaction, now: float) -> None:
        """Timer B, or the transport gave the INVITE back: it never left."""
        if transaction.request.method != "INVITE":
            super().on_failure(transaction, now)
        elif self.state in (C.CALLING, C.ABANDONED):
            lost = transaction.lost
            cause = _NETWORK_OUT_OF_ORDER if lost else NO_RESPONSE
            sent = not transaction.unsent
            self._finish(cause, now, text="transport lost" if lost else "no response", sent=sent)

    def expired(self, timer: T, now: float) -> None:
        """A timer of the leg ran out."""
        if timer is T.FIRST_RESPONSE and self.state is C.CALLING:
            self._abandon(NO_RESPONSE, now, "no response")
        elif timer is T.CANCELLED and self._asked is not None:
            self._finish(self._asked.cause, now, text="CANCEL without final response")
        else:
            super().expired(timer, now)

    # ---- the INVITE -----------------------------------------------------------------------------

    def _invite(self, uri: str, named: Headers, call: str, parts: list[Part], now: float) -> None:
        to = self.remote.destination
        headers = Headers([("max-forwards", "70"), *named])
        headers.add("call-id", self.call_id)
        headers.add("cseq", "1 INVITE")
        headers.add(*self.station.contact(to, self.contact_user))
        headers.add("allow", ALLOW)
        if call:
            headers.add("x-elingate-call", call)
        content_type, body = parts[0].kind, parts[0].content
        if len(parts) > 1:
            content_type, body = write_parts(parts, self.station.ids.tag())
            headers.add("mime-version", "1.0")
        headers.add("content-type", content_type)
        request = Request("INVITE", uri, headers, body)
        self._transaction = self.station.ask(request, to, self, now)

    def _on_provisional(self, response: Response, now: float) -> None:
        if self.state is C.ABANDONED:
            self._cancel(now)
            return
        if self.over:
            return
        if self.state is C.CALLING:
            self.state = C.PROCEEDING
        tag = tag_of(response.headers.get("to"))
        if response.status == 100 or self.state is not C.PROCEEDING:
            return
        if tag and self._transaction is not None and tag not in self._early:
            self._early[tag] = Dialog.as_client(
                self._transaction.request, response, self.remote.destination
            )
        sdp = _sdp(response)
        if sdp is not None:
            self.voice.take_answer(sdp)
            self.tell_media()
        in_band = sdp is not None
        heard = Alerting(self.id, in_band) if response.status == 180 else Progress(self.id, in_band)
        self.station.say(heard)

    def _on_success(self, transaction: Transaction, response: Response, now: float) -> None:
        tag = tag_of(response.headers.get("to"))
        if tag in self._acks:  # our ACK was lost: the far end repeats its 2xx
            self.station.say(self._acks[tag])
            return
        dialog = Dialog.as_client(transaction.request, response, self.remote.destination)
        self._acknowledge(tag, dialog)
        if self.over or self.state not in (
            C.CALLING,
            C.PROCEEDING,
        ):  # another fork won, or we gave up
            self._drop(dialog, now)
            return
        self.state = C.ANSWERED
        self.dialog = dialog
        self.party = read_caller(response.headers, self.remote.id, "to")
        sdp = _sdp(response)
        if sdp is not None:
            self.voice.take_answer(sdp)
        self.tell_media()
        self.station.say(Answered(self.id))

    def _on_refusal(self, response: Response, now: float) -> None:
        if self.state in (C.ANSWERED, C.ENDED):
            return
        warnings = response.headers.all("warning")
        cause = q850_cause(response.headers) or sip_to_cause(response.status, warnings)
        if self._asked is not None:
            cause = self._asked.cause
        location = 0 if response.status >= 600 else 1
        self._finish(cause, now, location=location, text=f"SIP {response.status}")

    def _acknowledge(self, tag: str, dialog: Dialog) -> None:
        """ACK of a 2xx: a request of its own within the dialog (RFC 3261 §13.2.2.4)."""
        ack = dialog.request("ACK", dialog.local_seq)
        to = dialog.next_hop()
        data = self.station.with_via(ack, to, self.station.ids.branch()).encode()
        self._acks[tag] = Send(data, to)
        self.station.say(self._acks[tag])

    def _drop(self, dialog: Dialog, now: float) -> None:
        """BYE to a dialog that came too late; if it was ours to end, the leg ends with it."""
        asked = self._asked or Clear(self.id, NORMAL)
        if self.state is C.ANSWERED:
            bye = dialog.request("BYE")
            self.station.ask(bye, dialog.next_hop(), None, now)
            return
        self.state = C.ENDED
        self.station.deadlines.stop(self, T.CANCELLED)
        self.hang_up(asked, now, dialog)

    def _cancel(self, now: float) -> None:
        """CANCEL: the INVITE's branch, Request-URI and CSeq number (RFC 3261 §9.1)."""
        self.state = C.CANCELLING
        invite = self._transaction
        if invite is None:
            return
        cancel = Request("CANCEL", invite.request.uri)
        for name in ("via", "max-forwards", "from", "to", "call-id"):
            cancel.headers.add(name, invite.request.headers.get(name))
        number = invite.request.headers.get("cseq").partition(" ")[0]
        cancel.headers.add("cseq", f"{number} CANCEL")
        cancel.headers.add("reason", reason_line(self._asked.cause if self._asked else NORMAL))
        key = client_key(invite.key[1], "CANCEL")
        self.station.transactions.ask(key, cancel, invite.destination, None, now)
        self._start(T.CANCELLED, now)

    def _abandon(self, cause: int, now: float, text: str = "") -> None:
        self.state = C.ABANDONED
        self.end(cause, now, text=text)
        self.station.forget(self)

    def _finish(
        self, cause: int, now: float, *, location: int = 1, text: str = "", sent: bool = True
    ) -> None:
        self.state = C.ENDED
        self.end(cause, now, location=location, text=text, sent=sent)
        self.station.forget(self)


def _written(request: SeizeTrunk) -> str:
    """The calling number as the route step wants it: the ELIN, or the named exception to R2."""
    if not isinstance(request.calling, Elin):
        return request.calling.number
    match request.calling_form:
        case "e164":
            return request.calling.e164
        case "subscriber":
            return request.calling.digits[3:]
        case _:
            return request.calling.digits


def _sdp(response: Response) -> bytes | None:
    body = Request("", "", response.headers, response.body)
    return read_body(body, want_location=False).sdp
