"""What a leg does once it has a dialog, whoever began it: media moves, BYE, digits, and the 2xx
until its ACK.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from e911.numbers import Caller
from edge_agent.causes import NORMAL
from edge_agent.leg import Clear, Cleared, Digits, LegId, LegRequest, MediaChanged, RtpMedia
from edge_agent.sip.compose import (
    ABLE,
    ALLOW,
    KNOWN_METHODS,
    SUPPORTED,
    Extra,
    Path,
    reason_line,
    response_to,
    warning_line,
)
from edge_agent.sip.config import Remote
from edge_agent.sip.dialog import Dialog, sequence_of
from edge_agent.sip.flash import FLASH_EVENT, flash_info
from edge_agent.sip.headers import q850_cause, tag_of
from edge_agent.sip.invite import read_body, read_caller
from edge_agent.sip.message import Headers, Request, Response
from edge_agent.sip.outputs import MediaEvent, PortsExhausted, Refused, Source
from edge_agent.sip.sdp import DIGIT_EVENTS, FLASH_EVENTS
from edge_agent.sip.session import VoiceSession
from edge_agent.sip.station import Station
from edge_agent.sip.timers import T, seconds
from edge_agent.sip.transactions import Transaction

_SIGNAL = re.compile(
    rb"^[ \t]*Signal[ \t]*=[ \t]*([0-9A-D*#])(?![0-9A-Z])", re.IGNORECASE | re.MULTILINE
)


@dataclass(slots=True)
class Unacknowledged:
    """A 2xx of ours that waits for its ACK."""

    number: int
    data: bytes
    transaction: Transaction
    """Knows where to, even after a connection was lost."""
    repeats: int = 0


class Leg:
    """The half that incoming and outgoing legs share."""

    contact_user = "elingate"

    def __init__(
        self, leg: LegId, call_id: str, remote: Remote, station: Station, now: float
    ) -> None:
        self.id = leg
        self.call_id = call_id
        self.local_tag = station.ids.tag()
        self.remote = remote
        self.station = station
        self.over = False
        self.party: Caller | None = None
        self.dialog: Dialog | None = None
        self._told: RtpMedia | None = None
        self._unacknowledged: Unacknowledged | None = None
        self._clear_after_ack: Clear | None = None
        port = station.ports.take(now)
        events = FLASH_EVENTS if station.config.flash == "event" else DIGIT_EVENTS
        host = station.config.media_host
        self.voice = VoiceSession(host, port, station.ids.session_id(), events)
        if port is None:
            station.say(PortsExhausted(leg))

    def handle(self, request: LegRequest, now: float) -> None:
        """A request of the gateway."""
        raise NotImplementedError

    # ---- events ---------------------------------------------------------------------------------

    def tell_media(self, party: Caller | None = None) -> None:
        """Say where voice is, if that is news or if another party is on the leg."""
        media = self.voice.media
        if media is not None and not self.over and (media != self._told or party is not None):
            self._told = media
            self.station.say(MediaChanged(self.id, media, party))

    def end(
        self, cause: int, now: float, *, location: int = 0, text: str = "", sent: bool = True
    ) -> None:
        """Say Cleared, once, and give the port back."""
        if self.over:
            return
        self.over = True
        if self.voice.port is not None:
            self.station.ports.give_back(self.voice.port, now)
        self.station.say(Cleared(self.id, cause, location, text, sent))

    # ---- requests within the dialog -------------------------------------------------------------

    def on_request(
        self, request: Request, source: Source, transaction: Transaction, path: Path, now: float
    ) -> None:
        """A request within the dialog; its transaction has begun and is answered here and now."""
        dialog = self.dialog_with(tag_of(request.headers.get("from")))
        number = sequence_of(request.headers)
        if self.over and request.method != "BYE":
            self._respond(request, path, transaction, 481, now)
            return
        old = dialog is not None and number < dialog.remote_seq
        if old and request.method != "BYE":  # RFC 3261 §12.2.2
            self._respond(request, path, transaction, 500, now)
            return
        if dialog is not None:
            dialog.remote_seq = max(dialog.remote_seq, number)
            dialog.heard_from = source
        match request.method:
            case "BYE":
                self._on_bye(request, path, transaction, now)
            case "INVITE" | "UPDATE":
                self._on_offer(request, source, path, transaction, now)
            case "INFO":
                self._on_info(request, path, transaction, now)
            case "OPTIONS":
                self._respond(request, path, transaction, 200, now, ABLE)
            case "REFER":  # when calls meet: an emergency call is not transferred
                self.station.say(Refused(source, "refer"))
                self._respond(request, path, transaction, 403, now)
            case method:
                status = 405 if method in KNOWN_METHODS else 501
                self._respond(request, path, transaction, status, now, (("allow", ALLOW),))

    def dialog_with(self, remote_tag: str) -> Dialog | None:
        """The dialog whose far end has this tag."""
        return self.dialog

    def remote_tags(self) -> set[str]:
        """Tags of the far ends that this leg has a dialog with."""
        return {self.dialog.remote_tag} if self.dialog is not None else set()

    def lose(self, gone: Source) -> None:
        """A connection is gone: no dialog may count on it."""
        if self.dialog is not None:
            self.dialog.lose(gone)

    def _on_bye(self, request: Request, path: Path, transaction: Transaction, now: float) -> None:
        self._respond(request, path, transaction, 200, now)
        self.end(q850_cause(request.headers) or NORMAL, now, text="BYE")
        self.station.forget(self)

    def _on_offer(
        self, request: Request, source: Source, path: Path, transaction: Transaction, now: float
    ) -> None:
        """re-INVITE or UPDATE: voice moves, and perhaps another person is there now."""
        dialog = self.dialog_with(tag_of(request.headers.get("from")))
        if dialog is None or (request.method == "INVITE" and not self.is_up):
            again = (("retry-after", "1"),)  # RFC 3261 §14.2: one INVITE at a time
            self._respond(request, path, transaction, 500, now, again)
            return
        dialog.refresh_target(request.headers, source)
        body = read_body(request, want_location=False)
        sdp = b""
        if body.sdp is not None:
            sdp = self.voice.take_offer(body.sdp, source.host)
        elif request.method == "INVITE":
            sdp = self.voice.make_offer()
        extra = (
            self.station.contact(path.back, self.contact_user),
            ("allow", ALLOW),
            ("supported", SUPPORTED),
            *session_timer(request.headers),
        )
        if request.method == "INVITE":
            self.succeed(request, path, transaction, extra, sdp, now)
        else:
            self._respond(request, path, transaction, 200, now, extra, sdp)
        self.tell_media(self._new_party(request.headers))

    def _on_info(self, request: Request, path: Path, transaction: Transaction, now: float) -> None:
        self._respond(request, path, transaction, 200, now)
        kind = request.headers.get("content-type").partition(";")[0].strip().lower()
        match = _SIGNAL.search(request.body) if kind == "application/dtmf-relay" else None
        if match is not None:
            self.station.say(Digits(self.id, match[1].decode().upper()))

    def _new_party(self, headers: Headers) -> Caller | None:
        """Another person than the one we know of, where an identity header or a changed From (RFC
        4916) says so.
        """
        now_there = read_caller(headers, self.remote.id)
        known = self.party
        if not now_there.contact or known is None:
            return None
        same_number = known.number is not None and known.number == now_there.number
        if known.is_same(now_there) or same_number:
            return None
        self.party = now_there
        return now_there

    # ---- our 2xx, until its ACK (RFC 3261 §13.3.1.4) --------------------------------------------

    @property
    def is_up(self) -> bool:
        """Whether the call is answered."""
        raise NotImplementedError

    def succeed(
        self,
        request: Request,
        path: Path,
        transaction: Transaction,
        extra: Extra,
        sdp: bytes,
        now: float,
    ) -> None:
        """Answer an INVITE with 200 and repeat it until the ACK."""
        response = response_to(request, path, 200, tag=self.local_tag, extra=extra, sdp=sdp)
        self.station.respond(transaction, response, now)
        number = sequence_of(request.headers)
        self._unacknowledged = Unacknowledged(number, transaction.message, transaction)
        self._start(T.SUCCESS_AGAIN, now)
        self._start(T.SUCCESS_LAST, now)

    def on_ack(self, ack: Request, now: float) -> None:
        """The ACK of a 2xx, maybe with the answer to our offer."""
        waiting = self._unacknowledged
        if waiting is None or sequence_of(ack.headers) not in (waiting.number, 0):
            return
        self._acknowledged(now)
        body = read_body(ack, want_location=False)
        if body.sdp is not None and self.voice.awaits_answer:
            self.voice.take_answer(body.sdp)
            self.tell_media()

    def _acknowledged(self, now: float) -> None:
        self._unacknowledged = None
        self.station.deadlines.stop(self, T.SUCCESS_AGAIN, T.SUCCESS_LAST)
        if self._clear_after_ack is not None:
            self.hang_up(self._clear_after_ack, now)

    def expired(self, timer: T, now: float) -> None:
        """A timer of the leg ran out.

        A 2xx that is never acknowledged is only repeated no longer. RFC 3261 §13.3.1.4 would send
        BYE; an emergency call with voice goes on until somebody hangs up: signalling may be
        lost while voice flows.
        """
        if timer is T.SUCCESS_AGAIN and self._unacknowledged is not None:
            self._unacknowledged.repeats += 1
            self.station.send(
                self._unacknowledged.data, self._unacknowledged.transaction.destination
            )
            self._start(T.SUCCESS_AGAIN, now, self._unacknowledged.repeats)
        elif timer is T.SUCCESS_LAST:
            self._acknowledged(now)

    # ---- hook flash -----------------------------------------------------------------------------

    def pass_flash(self, now: float) -> None:
        """Tell the far end of a call that is up that the PSAP has flashed its hook.

        Whatever becomes of it, the call goes on: nobody hears the response. RFC 3261 §12.2.1.2
        would end the dialog on 481, 408 and silence, and a PSAP would lose its caller by a flash.
        """
        dialog, config = self.dialog, self.station.config
        if self.over or not self.is_up or dialog is None:
            return
        if config.flash == "event" and self.voice.takes(FLASH_EVENT):
            self.station.say(MediaEvent(self.id, FLASH_EVENT))
        else:
            info = flash_info(dialog, config.flash_form)
            self.station.ask(info, dialog.next_hop(), None, now)

    # ---- clearing -------------------------------------------------------------------------------

    def hang_up(self, request: Clear, now: float, dialog: Dialog | None = None) -> None:
        """BYE, or as soon as our 2xx is acknowledged (§15); for us the leg is over at once."""
        dialog = dialog or self.dialog
        self.end(request.cause, now)
        if self._unacknowledged is not None:
            self._clear_after_ack = request
            return
        if dialog is None:
            self.station.forget(self)
            return
        bye = dialog.request("BYE")
        bye.headers.add("reason", reason_line(request.cause))
        if request.why:
            bye.headers.add("warning", warning_line(request.why))
        self.station.ask(bye, dialog.next_hop(), self, now)

    def on_response(self, transaction: Transaction, response: Response, now: float) -> None:
        """A response to a request within the dialog: only that of BYE matters."""
        if transaction.request.method == "BYE" and response.status >= 200:
            self.station.forget(self)

    def on_failure(self, transaction: Transaction, now: float) -> None:
        """Nobody answered our BYE: the far end is gone, and so is the leg."""
        if transaction.request.method == "BYE":
            self.station.forget(self)

    def _respond(
        self,
        request: Request,
        path: Path,
        transaction: Transaction,
        status: int,
        now: float,
        extra: Extra = (),
        sdp: bytes = b"",
    ) -> None:
        response = response_to(request, path, status, tag=self.local_tag, extra=extra, sdp=sdp)
        self.station.respond(transaction, response, now)

    def _start(self, timer: T, now: float, starts: int = 0) -> None:
        length = seconds(timer, self.station.timing, starts)
        self.station.deadlines.start(self, timer, now + length)


def session_timer(headers: Headers) -> Extra:
    """Our side of RFC 4028: the far end refreshes, or there is no session timer.

    Leaving Session-Expires out of the 2xx switches the timer off (§7.2); we never end a call for
    want of a refresh.
    """
    value = headers.get("session-expires").replace(" ", "").lower()
    interval = value.partition(";")[0]
    if not interval.isdigit() or "refresher=uas" in value:
        return ()
    if "timer" not in [tag.lower() for tag in headers.all("supported") + headers.all("require")]:
        return ()
    return (("session-expires", f"{interval};refresher=uac"), ("require", "timer"))
