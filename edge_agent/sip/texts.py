"""Texts to a desk: SIP MESSAGE (RFC 3428) outside any dialog, settled once."""

from __future__ import annotations

from edge_agent.leg import SendText, TextSettled
from edge_agent.sip.compose import address_line
from edge_agent.sip.config import Remote
from edge_agent.sip.message import Headers, Request, Response
from edge_agent.sip.station import Station
from edge_agent.sip.transactions import Transaction


def send_text(request: SendText, remote: Remote | None, station: Station, now: float) -> None:
    """Send the text; :class:`TextSettled` follows, at once where there is nobody to send it to."""
    if remote is None:
        station.say(TextSettled(request.notice, False, "no such remote"))
        return
    ids = station.ids
    headers = Headers(
        [
            ("max-forwards", "70"),
            ("from", f"{address_line('elingate', station.config.realm)};tag={ids.tag()}"),
            ("to", f"<{request.contact}>"),
            ("call-id", ids.call_id()),
            ("cseq", "1 MESSAGE"),
            ("content-type", "text/plain;charset=utf-8"),
        ]
    )
    body = request.body.encode("utf-8", "replace")
    message = Request("MESSAGE", request.contact, headers, body)
    station.ask(message, remote.destination, WaitingText(request.notice, station), now)


class WaitingText:
    """A MESSAGE on its way."""

    def __init__(self, notice: str, station: Station) -> None:
        self._notice = notice
        self._station = station

    def on_response(self, transaction: Transaction, response: Response, now: float) -> None:
        """Any final response settles it."""
        if response.status >= 200:
            taken = response.status < 300
            self._station.say(TextSettled(self._notice, taken, f"SIP {response.status}"))

    def on_failure(self, transaction: Transaction, now: float) -> None:
        """Nobody answered, or the connection is gone."""
        self._station.say(TextSettled(self._notice, False, "no response"))
