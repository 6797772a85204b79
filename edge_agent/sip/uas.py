"""A leg that somebody offers us: provisional responses, one final one, and CANCEL."""

from __future__ import annotations

from enum import Enum, auto

from edge_agent.causes import NORMAL, cause_to_sip
from edge_agent.leg import (
    Answer,
    Clear,
    LegId,
    LegRequest,
    Offered,
    Ring,
    SendFlash,
    ShowProgress,
)
from edge_agent.sip.compose import (
    ALLOW,
    SUPPORTED,
    Extra,
    Path,
    reason_line,
    response_to,
    warning_line,
)
from edge_agent.sip.config import Remote, Role
from edge_agent.sip.dialog import Dialog, sequence_of
from edge_agent.sip.headers import q850_cause, tag_of
from edge_agent.sip.invite import Body, is_marked, read_address, read_caller
from edge_agent.sip.legs import Leg, session_timer
from edge_agent.sip.message import Request, Response
from edge_agent.sip.outputs import Source
from edge_agent.sip.station import Station
from edge_agent.sip.timers import T
from edge_agent.sip.transactions import Transaction


class U(Enum):
    """Where an incoming leg is."""

    OFFERED = auto()
    EARLY = auto()
    ANSWERED = auto()
    REFUSED = auto()


class IncomingLeg(Leg):
    """One INVITE that we were sent, and what became of it."""

    def __init__(
        self,
        invite: Request,
        path: Path,
        source: Source,
        transaction: Transaction,
        remote: Remote,
        station: Station,
        now: float,
    ) -> None:
        super().__init__(station.ids.leg_id(), invite.headers.get("call-id"), remote, station, now)
        self.state = U.OFFERED
        self._invite = invite
        self._path = path
        self._source = source
        self.transaction = transaction
        self._said = 100
        transaction.user = self
        self.dialog = Dialog.as_server(invite, self.local_tag, source, remote.destination)

    @property
    def is_up(self) -> bool:
        """Whether we answered."""
        return self.state is U.ANSWERED

    def began_with(self, request: Request) -> bool:
        """Whether ``request`` is this leg's own INVITE, come by another path."""
        old, new = self._invite.headers, request.headers
        same_number = sequence_of(old) == sequence_of(new)
        return same_number and tag_of(old.get("from")) == tag_of(new.get("from"))

    def offer(self, dialled: str, body: Body, replaces: LegId | None) -> None:
        """Say Offered, and where voice is if the INVITE said so."""
        headers = self._invite.headers
        self.party = read_caller(headers, self.remote.id)
        self.station.say(
            Offered(
                self.id,
                self.remote.id,
                dialled,
                self.party,
                from_trunk=self.remote.role is Role.TRUNK,
                marked_emergency=is_marked(headers),
                location=body.location,
                location_fault=body.fault,
                address=read_address(self._invite, self.remote, self._source),
                platform_call_id=self.call_id,
                replaces=replaces,
            )
        )
        if body.sdp is not None:
            self.voice.take_offer(body.sdp, self._source.host)
            self.tell_media()

    def handle(self, request: LegRequest, now: float) -> None:
        """A request of the gateway; one that comes too late changes nothing."""
        match request, self.state:
            case ShowProgress(), U.OFFERED | U.EARLY:
                self._provisional(183, now)
            case Ring(in_band=in_band), U.OFFERED | U.EARLY:
                self._provisional(183 if in_band else 180, now)
            case Answer(), U.OFFERED | U.EARLY:
                self._answer(now)
            case SendFlash(), _:
                self.pass_flash(now)
            case Clear(), U.OFFERED | U.EARLY:
                self._refuse(request, now)
            case Clear(), U.ANSWERED if not self.over:
                self.hang_up(request, now)
            case _:
                return

    def cancel(self, cancel: Request, now: float) -> None:
        """CANCEL arrived: the INVITE is ended with 487 (RFC 3261 §9.2), unless it has its final
        response.
        """
        if self.state in (U.OFFERED, U.EARLY):
            self._finish(487, now, ())
            self.end(q850_cause(cancel.headers) or NORMAL, now, text="CANCEL")

    def _on_bye(self, request: Request, path: Path, transaction: Transaction, now: float) -> None:
        """BYE, also from a caller who does not know CANCEL: the INVITE gets its 487 (§15.1.2)."""
        if self.state in (U.OFFERED, U.EARLY):
            self._finish(487, now, ())
        super()._on_bye(request, path, transaction, now)

    def expired(self, timer: T, now: float) -> None:
        """A timer of the leg ran out."""
        if timer is T.PROVISIONAL_AGAIN and self.state is U.EARLY:
            self.station.respond(self.transaction, self._provisional_response(self._said), now)
            self._start(T.PROVISIONAL_AGAIN, now)
        else:
            super().expired(timer, now)

    def _provisional(self, status: int, now: float) -> None:
        if self._said == status:
            return
        self._said = status
        self.state = U.EARLY
        self.station.respond(self.transaction, self._provisional_response(status), now)
        self._start(T.PROVISIONAL_AGAIN, now)

    def _provisional_response(self, status: int) -> Response:
        sdp = self.voice.sdp if status == 183 else b""
        return response_to(
            self._invite,
            self._path,
            status,
            tag=self.local_tag,
            extra=self._dialog_headers(),
            sdp=sdp,
        )

    def _answer(self, now: float) -> None:
        self.state = U.ANSWERED
        self.station.deadlines.stop(self, T.PROVISIONAL_AGAIN)
        extra = (
            *self._dialog_headers(),
            ("supported", SUPPORTED),
            *session_timer(self._invite.headers),
        )
        self.succeed(self._invite, self._path, self.transaction, extra, self.voice.sdp, now)

    def _refuse(self, request: Clear, now: float) -> None:
        extra = [("reason", reason_line(request.cause))]
        if request.why:
            extra.append(("warning", warning_line(request.why)))
        status = 503 if request.failover else cause_to_sip(request.cause)
        self._finish(status, now, extra)
        self.end(request.cause, now)

    def _finish(self, status: int, now: float, extra: Extra) -> None:
        self.state = U.REFUSED
        response = response_to(self._invite, self._path, status, tag=self.local_tag, extra=extra)
        self.station.respond(self.transaction, response, now)
        self.station.forget(self)

    def _dialog_headers(self) -> Extra:
        """What a response that makes a dialog carries (RFC 3261 §12.1.1)."""
        routes = [("record-route", line) for line in self._invite.headers.lines("record-route")]
        return (*routes, self.station.contact(self._path.back, self.contact_user), ("allow", ALLOW))
