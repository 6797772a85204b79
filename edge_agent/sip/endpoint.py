"""The endpoint: bytes to legs and back, through the four doors that every core has."""

from __future__ import annotations

from edge_agent.leg import Cleared, LegId, LegRequest, RingParty, SeizeTrunk, SendText
from edge_agent.sip.compose import (
    ABLE,
    ALLOW,
    KNOWN_METHODS,
    OPTION_TAGS,
    Extra,
    Path,
    path_of,
    response_to,
)
from edge_agent.sip.config import EndpointConfig, Ids, Remote, RemoteTable
from edge_agent.sip.grammar import MalformedMessage
from edge_agent.sip.headers import CSeq, Via, tag_of
from edge_agent.sip.invite import read_body, read_dialled, reads_as_emergency
from edge_agent.sip.message import Request, Response
from edge_agent.sip.outputs import Output, Refused, Source
from edge_agent.sip.parser import Framer, Ping, read_message
from edge_agent.sip.replaces import replaced_leg
from edge_agent.sip.station import AnyLeg, Station
from edge_agent.sip.texts import send_text
from edge_agent.sip.timers import Timing
from edge_agent.sip.transactions import In, client_key, server_key
from edge_agent.sip.uac import OutgoingLeg
from edge_agent.sip.uas import IncomingLeg
from edge_agent.sip.uri import Uri
from edge_agent.sip.watch import TrunkWatch

_NETWORK_OUT_OF_ORDER = 38
_NEEDED = ("via", "from", "to", "call-id", "cseq")


class Endpoint:
    """A SIP user agent on UDP and TCP for all legs of this edge.

    ``receive`` takes one datagram, or for TCP whatever arrived; ``handle`` takes the requests of
    ``leg.py``. All four doors return outputs in the order in which they are to be performed.
    """

    def __init__(self, config: EndpointConfig, ids: Ids, timing: Timing | None = None) -> None:
        self._station = Station(config, ids, timing or Timing())
        self._remotes = RemoteTable(config.remotes)
        self._framers: dict[tuple[object, ...], Framer] = {}
        self._watch = TrunkWatch(self._station)

    # ---- doors ----------------------------------------------------------------------------------

    def receive(self, data: bytes, source: Source, now: float) -> list[Output]:
        """Bytes from the wire; never raises whatever they are."""
        if source.is_stream:
            self._receive_chunk(data, source, now)
        elif data.strip(b"\r\n\0 "):  # else a keep-alive datagram: nothing to say
            self._take(data, source, now)
        return self._station.drain()

    def handle(self, request: LegRequest, now: float) -> list[Output]:
        """A request of the gateway; one for a leg that is already over is passed over."""
        match request:
            case SeizeTrunk():
                leg = self._place(request.leg, request.trunk, now)
                if leg is not None:
                    leg.seize(request, now)
            case RingParty():
                leg = self._place(request.leg, request.peer, now)
                if leg is not None:
                    leg.ring(request, now)
            case SendText():
                send_text(request, self._remotes.by_id.get(request.peer), self._station, now)
            case _:
                known = self._station.legs.get(request.leg)
                if known is not None:
                    known.handle(request, now)
        return self._station.drain()

    def handle_timeout(self, now: float) -> list[Output]:
        """Everything that is due, earliest first."""
        while (due := self._station.deadlines.pop_due(now)) is not None:
            owner, timer = due
            owner.expired(timer, now)
        return self._station.drain()

    def next_deadline(self) -> float | None:
        """When :meth:`handle_timeout` wants to be called."""
        return self._station.deadlines.next()

    def connection_lost(self, source: Source, now: float) -> list[Output]:
        """A TCP connection is gone or was never made. Requests that wait for their first answer on
        it fail; calls that are up go on.
        """
        self._framers.pop(_connection(source), None)
        for leg in list(self._station.legs.values()):
            leg.lose(source)
        self._station.transactions.lose(source, now)
        return self._station.drain()

    def adopt(self, remotes: tuple[Remote, ...], now: float) -> list[Output]:
        """Swap the remote table; calls in progress keep the remote they began with. Where
        ``Timing.ping`` is set, trunks are watched from the first adoption on.
        """
        self._remotes = RemoteTable(remotes)
        self._watch.adopt(remotes, now)
        return self._station.drain()

    @property
    def legs(self) -> tuple[LegId, ...]:
        """Legs that live, for the operator's view and for tests of leaks."""
        return tuple(self._station.legs)

    # ---- in -------------------------------------------------------------------------------------

    def _receive_chunk(self, data: bytes, source: Source, now: float) -> None:
        framer = self._framers.setdefault(_connection(source), Framer())
        try:
            pieces = framer.feed(data)
        except MalformedMessage:
            del self._framers[_connection(source)]
            self._station.say(Refused(source, "framing-lost"))
            return
        for piece in pieces:
            if isinstance(piece, Ping):
                self._station.send(b"\r\n", source)
            else:
                self._take(piece, source, now)

    def _take(self, data: bytes, source: Source, now: float) -> None:
        try:
            message = read_message(data)
        except MalformedMessage:
            known = self._remotes.of(source) is not None
            self._station.say(Refused(source, "malformed" if known else "garbage"))
            return
        if isinstance(message, Response):
            self._take_response(message, source, now)
        else:
            self._take_request(message, source, now)

    def _take_response(self, response: Response, source: Source, now: float) -> None:
        try:
            via = Via.parse(next(iter(response.headers.all("via")), ""))
            method = CSeq.parse(response.headers.get("cseq")).method
        except MalformedMessage:
            self._station.say(Refused(source, "malformed"))
            return
        transaction = self._station.transactions.find(client_key(via.branch, method))
        if transaction is None:
            self._station.say(Refused(source, "stray-response"))
        else:
            self._station.transactions.hear(transaction, response, now)

    def _take_request(self, request: Request, source: Source, now: float) -> None:
        path = path_of(request, source)
        key = server_key(request, path.branch, path.sent_by)
        transaction = self._station.transactions.find(key)
        leg = self._dialog_of(request)
        if request.method == "ACK":
            wanted = transaction is None or self._station.transactions.feed(
                transaction, In.ACK, now
            )
            if wanted and leg is not None:
                leg.on_ack(request, now)
        elif transaction is not None:
            self._station.transactions.feed(transaction, In.REQUEST, now)
        elif leg is not None:
            begun = self._station.serve(request, path)
            leg.on_request(request, source, begun, path, now)
        else:
            self._take_outside_dialog(request, path, source, now)

    def _take_outside_dialog(
        self, request: Request, path: Path, source: Source, now: float
    ) -> None:
        remote = self._remotes.of(source, path.sent_by_port)
        if remote is None:
            self._station.say(Refused(source, "unknown-address"))
            self._answer(request, path, 403)
            return
        match request.method:
            case "INVITE":
                self._take_invite(request, path, source, remote, now)
            case "CANCEL":
                self._take_cancel(request, path, now)
            case method if (fault := _fault(request)) is not None:
                self._answer(request, path, *fault)
            case method if tag_of(request.headers.get("to")):
                self._answer(request, path, 481)
            case "OPTIONS":
                self._answer(request, path, 200, ABLE)
            case "REFER":
                self._answer(request, path, 403)
            case method:
                self._answer(request, path, 405 if method in KNOWN_METHODS else 501, _ALLOWED)

    def _take_invite(
        self, request: Request, path: Path, source: Source, remote: Remote, now: float
    ) -> None:
        """Offer it. What would refuse an ordinary INVITE does not refuse one that may be an
        emergency (R1).
        """
        dialled = read_dialled(request.uri)
        body = read_body(request)
        if tag_of(request.headers.get("to")):
            self._answer(request, path, 481)
            return
        if self._is_merged(request):  # the same call by another path: the first goes on
            self._answer(request, path, 482)
            return
        tolerant = remote.every_call_is_911 or reads_as_emergency(
            request, dialled, body.has_location
        )
        fault = None if tolerant else _fault(request)
        if fault is not None:
            self._answer(request, path, *fault)
            return
        transaction = self._station.serve(request, path)
        leg = IncomingLeg(request, path, source, transaction, remote, self._station, now)
        self._station.enter(leg)
        self._station.respond(transaction, response_to(request, path, 100), now)
        leg.offer(dialled, body, replaced_leg(request, self._station))

    def _take_cancel(self, request: Request, path: Path, now: float) -> None:
        key = server_key(request, path.branch, path.sent_by, "INVITE")
        invite = self._station.transactions.find(key)
        if invite is None:
            self._answer(request, path, 481)
            return
        cancel = self._station.serve(request, path)
        leg = invite.user if isinstance(invite.user, IncomingLeg) else None
        tag = leg.local_tag if leg is not None else self._station.ids.tag()
        self._station.respond(cancel, response_to(request, path, 200, tag=tag), now)
        if leg is not None:
            leg.cancel(request, now)

    def _answer(self, request: Request, path: Path, status: int, extra: Extra = ()) -> None:
        """A final response without a transaction (RFC 3261 §8.2.7): a repeat simply gets
        another.
        """
        if not path.vias:
            return
        response = response_to(request, path, status, tag=self._station.ids.tag(), extra=extra)
        self._station.send(response.encode(), path.back)

    def _dialog_of(self, request: Request) -> AnyLeg | None:
        tag = tag_of(request.headers.get("to"))
        if not tag:
            return None
        leg = self._station.by_dialog.get((request.headers.get("call-id"), tag))
        if leg is None or tag_of(request.headers.get("from")) not in leg.remote_tags():
            return None
        return leg

    def _is_merged(self, request: Request) -> bool:
        """RFC 3261 §8.2.2.2: same From tag, Call-ID and CSeq in a transaction of another branch."""
        leg = self._station.by_call_id.get(request.headers.get("call-id"))
        return isinstance(leg, IncomingLeg) and leg.began_with(request)

    # ---- out ------------------------------------------------------------------------------------

    def _place(self, leg: LegId, remote_id: str, now: float) -> OutgoingLeg | None:
        remote = self._remotes.by_id.get(remote_id)
        if remote is None:  # configuration moved on: for the gateway it is a route that failed
            text = "no such remote"
            self._station.say(Cleared(leg, _NETWORK_OUT_OF_ORDER, 1, text, sent=False))
            return None
        placed = OutgoingLeg(leg, remote, self._station, now)
        self._station.enter(placed)
        return placed


_ALLOWED = (("allow", ALLOW),)


def _connection(source: Source) -> tuple[object, ...]:
    if source.connection is not None:
        return (source.connection,)
    return (source.transport, source.host, source.port)


def _fault(request: Request) -> tuple[int, Extra] | None:
    """Why RFC 3261 §8.2 refuses a request outside a dialog, if it does."""
    headers = request.headers
    if request.version != "2.0":
        return 505, ()
    if any(not headers.get(key) for key in _NEEDED):
        return 400, ()
    try:
        if CSeq.parse(headers.get("cseq")).method != request.method:
            return 400, ()
    except MalformedMessage:
        return 400, ()
    uri = Uri.read(request.uri)
    if uri is None:
        return 400, ()
    if not uri.is_sip and uri.scheme not in ("tel", "urn"):
        return 416, ()
    if headers.get("max-forwards").strip() == "0" and request.method != "OPTIONS":
        return 483, ()
    unknown = [tag for tag in headers.all("require") if tag.lower() not in OPTION_TAGS]
    return (420, (("unsupported", ", ".join(unknown)),)) if unknown else None
