"""What all legs of one endpoint stand on: transactions, timers, ports, ids and one list of
outputs.
"""

from __future__ import annotations

from typing import Protocol

from edge_agent.leg import LegId, LegRequest
from edge_agent.sip.compose import Path, contact_line, via_line
from edge_agent.sip.config import EndpointConfig, Ids
from edge_agent.sip.message import Request, Response
from edge_agent.sip.outputs import Destination, Output, Send, Source
from edge_agent.sip.ports import PortPool
from edge_agent.sip.timers import Deadlines, Expires, Timing
from edge_agent.sip.transactions import (
    Transaction,
    Transactions,
    User,
    client_key,
    server_key,
)


class AnyLeg(User, Expires, Protocol):
    """A leg as the endpoint sees it."""

    id: LegId
    call_id: str
    local_tag: str

    def handle(self, request: LegRequest, now: float) -> None:
        """A request of the gateway."""

    def on_request(
        self, request: Request, source: Source, transaction: Transaction, path: Path, now: float
    ) -> None:
        """A request within the dialog."""

    def on_ack(self, ack: Request, now: float) -> None:
        """The ACK of a 2xx."""

    def lose(self, gone: Source) -> None:
        """A connection is gone."""

    def remote_tags(self) -> set[str]:
        """Tags of the far ends that this leg has a dialog with."""


class Station:
    """Shared by the legs; a leg touches the world through this and nothing else."""

    def __init__(self, config: EndpointConfig, ids: Ids, timing: Timing) -> None:
        self.config = config
        self.ids = ids
        self.timing = timing
        self.deadlines = Deadlines()
        self.out: list[Output] = []
        self.transactions = Transactions(timing, self.deadlines, self.out.append)
        self.ports = PortPool(config.rtp_first, config.rtp_last, config.rtp_rest_s)
        self.legs: dict[LegId, AnyLeg] = {}
        self.by_dialog: dict[tuple[str, str], AnyLeg] = {}
        self.by_call_id: dict[str, AnyLeg] = {}

    def say(self, output: Output) -> None:
        """Append an output; order is part of the contract."""
        self.out.append(output)

    def drain(self) -> list[Output]:
        """The outputs of this step."""
        taken = list(self.out)
        self.out.clear()
        return taken

    def send(self, data: bytes, to: Destination) -> None:
        """Bytes outside any transaction: an ACK or a 2xx again."""
        self.out.append(Send(data, to))

    def enter(self, leg: AnyLeg) -> None:
        """A leg begins."""
        self.legs[leg.id] = leg
        self.by_dialog[leg.call_id, leg.local_tag] = leg
        self.by_call_id[leg.call_id] = leg

    def forget(self, leg: AnyLeg) -> None:
        """A leg is over and needs to hear nothing more."""
        self.deadlines.stop_all(leg)
        if self.legs.get(leg.id) is leg:
            del self.legs[leg.id]
        if self.by_call_id.get(leg.call_id) is leg:
            del self.by_call_id[leg.call_id]
        self.by_dialog.pop((leg.call_id, leg.local_tag), None)

    def ask(self, request: Request, to: Destination, user: User | None, now: float) -> Transaction:
        """Send a request in a transaction of its own: Via is put on here."""
        branch = self.ids.branch()
        complete = self.with_via(request, to, branch)
        return self.transactions.ask(client_key(branch, request.method), complete, to, user, now)

    def with_via(self, request: Request, to: Destination, branch: str) -> Request:
        """The request with our Via on top and our name below."""
        headers = type(request.headers)([("via", via_line(self.config, to, branch))])
        for key, value in request.headers:
            headers.add(key, value)
        headers.add("user-agent", self.config.agent)
        return Request(request.method, request.uri, headers, request.body)

    def serve(self, request: Request, path: Path) -> Transaction:
        """Begin a server transaction for ``request``."""
        key = server_key(request, path.branch, path.sent_by)
        return self.transactions.serve(key, request, path.back)

    def respond(self, transaction: Transaction, response: Response, now: float) -> None:
        """Send a response."""
        self.transactions.respond(transaction, response, now)

    def contact(self, to: Destination, user: str) -> tuple[str, str]:
        """Our Contact header towards ``to``."""
        return ("contact", contact_line(self.config, to, user))
