"""The HTTP API in front of the functions: route, authorizer, payload 2.0, answer; and its faults.

What API Gateway answers by itself: 404 for no route, 401 and 403 by the authorizer, 413 for a
payload over 6 MB, 500 for a function that fails or returns nonsense, 503 for one that is too slow.
"""

import base64
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qsl

from lab.cloud.authorizers import Authorizer, Invoke, Refused
from lab.cloud.errors import LabCloudError, UnsupportedTemplate
from lab.cloud.resources import ACCOUNT, api_id
from lab.cloud.routes import Route, RouteTable
from lab.cloud.web import Dropped, LoopbackServer, Reply, Request
from lab.cloud.worker import Outcome

MAX_PAYLOAD: Final = 6 * 1024 * 1024  # what Lambda takes as one event
_TEXTS: Final = {401: "Unauthorized", 403: "Forbidden", 500: "Internal Server Error"}


class Reach(StrEnum):
    """What a client meets at the gateway's port."""

    NORMAL = "normal"
    REFUSE = "refuse"  # the port is closed
    SWALLOW = "swallow"  # connections are taken and never answered


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as the gateway saw it: never its path, which may hold a number."""

    route: str
    status: int
    dropped: bool


class Gateway:
    """Answers the template's routes on one port."""

    def __init__(
        self,
        table: RouteTable,
        authorizers: Mapping[tuple[str, str], Authorizer],
        invoke: Invoke,
    ) -> None:
        for route in table.routes:
            if (route.api, route.authorizer) not in authorizers:
                raise UnsupportedTemplate(f"{route.key}: unknown authorizer {route.authorizer}")
        self._table = table
        self._authorizers = authorizers
        self._invoke = invoke
        self._drop_next: set[str] = set()
        self._seen: list[Seen] = []
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Reply | Dropped:
        """One request through route, authorizer and function."""
        if len(request.body) > MAX_PAYLOAD:
            return self._note("-", Reply.of(413, {"message": "Request Entity Too Large"}))
        found = self._table.find(request.method, request.decoded_path)
        if found is None:
            return self._note("-", Reply.of(404, {"message": "Not Found"}))
        route, parameters = found
        event = _event(request, route, parameters)
        admitted = self._authorizers[route.api, route.authorizer].admit(request, route, event)
        if isinstance(admitted, Refused):
            status = admitted.status
            return self._note(route.key, Reply.of(status, {"message": _TEXTS[status]}))
        if admitted.context:
            event["requestContext"]["authorizer"] = dict(admitted.context)
        reply = _reply(self._invoke(route.function, event))
        asked = f"{request.method} {request.decoded_path}"
        with self._lock:
            drop = not self._drop_next.isdisjoint((route.key, asked))
            self._drop_next -= {route.key, asked}
        self._note(route.key, reply, dropped=drop)
        return Dropped() if drop else reply

    def drop_first_reply(self, route: str) -> None:
        """Run the next request of ``route`` and say nothing.

        As "POST /v1/edges/{edge}/records" for whoever comes first, or with a path of its own.
        """
        is_known = route in {known.key for known in self._table.routes}
        if not is_known and self._table.find(*route.split(" ", 1)) is None:
            raise LabCloudError(f"no route {route}")
        with self._lock:
            self._drop_next.add(route)

    def seen(self) -> list[Seen]:
        """Every request so far, oldest first."""
        with self._lock:
            return list(self._seen)

    def routes(self) -> tuple[Route, ...]:
        """The template's routes."""
        return self._table.routes

    def _note(self, route: str, reply: Reply, *, dropped: bool = False) -> Reply:
        with self._lock:
            self._seen.append(Seen(route, reply.status, dropped))
        return reply


class Door:
    """The gateway's port, which can be open, closed or silent."""

    def __init__(self, gateway: Gateway, port: int) -> None:
        self._gateway = gateway
        self._changed = threading.Condition()
        self._reach = Reach.NORMAL
        self._server: LoopbackServer | None = LoopbackServer(self._answer, port).start()
        self.port = self._server.server_port

    @property
    def reach(self) -> Reach:
        """What a client meets now."""
        return self._reach

    def set(self, reach: Reach) -> None:
        """Change it; connections that were swallowed are cut when it ends."""
        with self._changed:
            self._reach = reach
            self._changed.notify_all()
        server = self._server
        if reach is Reach.REFUSE and server is not None:
            server.stop()
            self._server = None
        elif reach is not Reach.REFUSE and server is None:
            self._server = LoopbackServer(self._answer, self.port).start()

    def stop(self) -> None:
        """Close it for good."""
        self.set(Reach.REFUSE)

    def _answer(self, request: Request) -> Reply | Dropped:
        with self._changed:
            if self._reach is Reach.SWALLOW:
                self._changed.wait_for(lambda: self._reach is not Reach.SWALLOW)
                return Dropped()
            if self._reach is Reach.REFUSE:
                return Dropped()
        return self._gateway.answer(request)


def _event(request: Request, route: Route, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Payload format 2.0 of an HTTP API."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": request.decoded_path,
        "rawQueryString": request.query,
        "headers": {k: v for k, v in request.headers.items() if k != "cookie"},
        "requestContext": _context(request, route),
        "isBase64Encoded": False,
    }
    query: dict[str, str] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    if query:
        event["queryStringParameters"] = query
    if parameters:
        event["pathParameters"] = dict(parameters)
    if "cookie" in request.headers:
        event["cookies"] = [c.strip() for c in request.headers["cookie"].split(";")]
    if request.body:
        try:
            event["body"] = request.body.decode()
        except UnicodeDecodeError:
            event["body"] = base64.b64encode(request.body).decode()
            event["isBase64Encoded"] = True
    return event


def _context(request: Request, route: Route) -> dict[str, Any]:
    utc = datetime.now(UTC)
    return {
        "accountId": ACCOUNT,
        "apiId": api_id(route.api),
        "domainName": request.headers.get("host", ""),
        "domainPrefix": api_id(route.api),
        "http": {
            "method": request.method,
            "path": request.decoded_path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.peer,
            "userAgent": request.headers.get("user-agent", ""),
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": route.key,
        "stage": "$default",
        "time": utc.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(time.time() * 1000),
    }


def _reply(outcome: Outcome) -> Reply:
    document = outcome.document
    if not outcome.ok:
        slow = isinstance(document, dict) and document.get("errorType") == "Sandbox.Timedout"
        return _message(503, "Service Unavailable") if slow else _message(500, _TEXTS[500])
    if not isinstance(document, dict) or "statusCode" not in document:
        return Reply.of(200, document)  # payload 2.0: anything without a status is the body
    body = document.get("body") or ""
    if not isinstance(body, str):
        return _message(500, _TEXTS[500])
    data = base64.b64decode(body) if document.get("isBase64Encoded") else body.encode()
    headers = [(str(k), str(v)) for k, v in (document.get("headers") or {}).items()]
    for name, values in (document.get("multiValueHeaders") or {}).items():
        headers.extend((str(name), str(value)) for value in values)
    headers.extend(("Set-Cookie", str(cookie)) for cookie in document.get("cookies") or ())
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "text/plain;charset=utf-8"))
    return Reply(int(document["statusCode"]), data, tuple(headers))


def _message(status: int, text: str) -> Reply:
    return Reply.of(status, {"message": text})
