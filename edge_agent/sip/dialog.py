"""A dialog (RFC 3261 §12): what two ends must remember to send each other the next request."""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.sip.grammar import MalformedMessage
from edge_agent.sip.headers import CSeq, NameAddr, tag_of
from edge_agent.sip.message import Headers, Request, Response
from edge_agent.sip.outputs import Destination, Source
from edge_agent.sip.uri import Uri


@dataclass(slots=True)
class Dialog:
    """One dialog. ``local`` and ``remote`` are whole From/To values, tags included."""

    call_id: str
    local: str
    remote: str
    local_tag: str
    remote_tag: str
    target: str
    """Their Contact: the Request-URI of what we send."""
    routes: tuple[str, ...]
    local_seq: int
    remote_seq: int
    fallback: Destination
    """Where to send where neither route nor target is an address: the configured remote."""
    heard_from: Source | None = None

    @classmethod
    def as_server(cls, invite: Request, tag: str, source: Source, fallback: Destination) -> Dialog:
        """Ours, from an INVITE that we were sent (§12.1.1)."""
        headers = invite.headers
        to = headers.get("to") or f"<{invite.uri}>"
        sender = headers.get("from")
        routes = tuple(headers.all("record-route"))
        target = contact_of(headers) or f"sip:{source.host}:{source.port}"
        return cls(
            headers.get("call-id"),
            f"{to};tag={tag}",
            sender,
            tag,
            tag_of(sender),
            target,
            routes,
            0,
            sequence_of(headers),
            fallback,
            source,
        )

    @classmethod
    def as_client(cls, invite: Request, response: Response, fallback: Destination) -> Dialog:
        """Ours, from a response to an INVITE that we sent (§12.1.2)."""
        headers = response.headers
        sender, to = invite.headers.get("from"), headers.get("to")
        routes = tuple(reversed(headers.all("record-route")))
        target = contact_of(headers) or invite.uri
        call_id, number = invite.headers.get("call-id"), sequence_of(invite.headers)
        tags = tag_of(sender), tag_of(to)
        return cls(call_id, sender, to, *tags, target, routes, number, -1, fallback)

    def request(self, method: str, number: int | None = None) -> Request:
        """The next request (§12.2.1.1) without Via and Contact; ACK and CANCEL pass the INVITE's
        ``number``.
        """
        if number is None:
            self.local_seq += 1
            number = self.local_seq
        uri, routes = self.target, list(self.routes)
        first = NameAddr.read(routes[0]) if routes else None
        if first is not None and first.uri.param("lr") is None:  # a strict router of RFC 2543 times
            uri, routes = str(first.uri), [*routes[1:], f"<{self.target}>"]
        headers = Headers([("max-forwards", "70")] + [("route", route) for route in routes])
        headers.add("from", self.local)
        headers.add("to", self.remote)
        headers.add("call-id", self.call_id)
        headers.add("cseq", f"{number} {method}")
        return Request(method, uri, headers)

    def next_hop(self) -> Destination:
        """Where the next request goes: the first route or the target where it is an address, else
        the remote.

        On a stream it is the connection that we last heard them on, for as long as the driver has
        it.
        """
        if self.heard_from is not None and self.heard_from.is_stream:
            return self.heard_from
        first = NameAddr.read(self.routes[0]) if self.routes else None
        uri = first.uri if first is not None else Uri.read(self.target)
        host = uri.literal_host if uri is not None else None
        if uri is None or host is None or uri.scheme == "sips":
            return self.fallback
        transport = (uri.param("transport") or self.fallback.transport).lower()
        if transport not in ("udp", "tcp"):  # TLS is spoken by whoever stands before us
            return self.fallback
        return Destination(transport, host, uri.port or 5060)

    def lose(self, gone: Source) -> None:
        """A connection is gone: the next request finds its way by target or remote."""
        if self.heard_from is not None and self.heard_from.connection == gone.connection:
            self.heard_from = None

    def refresh_target(self, headers: Headers, source: Source) -> None:
        """A target refresh request or its 2xx moves the target (§12.2)."""
        self.target = contact_of(headers) or self.target
        self.heard_from = source


def contact_of(headers: Headers) -> str:
    """The first Contact's URI where a request can be sent to it, else empty."""
    address = NameAddr.read(next(iter(headers.all("contact")), ""))
    return str(address.uri) if address is not None and address.uri.is_sip else ""


def sequence_of(headers: Headers) -> int:
    """The CSeq number; 0 where it cannot be read."""
    try:
        return CSeq.parse(headers.get("cseq")).number
    except MalformedMessage:
        return 0
