"""The hand on the local cloud: its faults, its tokens and certificates, over loopback.

`ControlPanel` is the server's side, `CloudControl` the client's.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lab.cloud.errors import LabCloudError
from lab.cloud.gateway import Door, Gateway, Reach
from lab.cloud.identity import CertificateAuthority, CertificateFiles
from lab.cloud.web import Reply, Request
from lab.cloud.worker import Worker

MakeToken = Callable[[str, str, Sequence[str], float], str]


class ControlPanel:
    """Answers the control port."""

    def __init__(
        self,
        gateway: Gateway,
        door: Door,
        workers: Mapping[str, Worker],
        authority: CertificateAuthority,
        make_token: MakeToken,
    ) -> None:
        self._gateway = gateway
        self._door = door
        self._workers = workers
        self._authority = authority
        self._make_token = make_token

    def answer(self, request: Request) -> Reply:
        """One command; 400 with the reason when it cannot be done."""
        try:
            return Reply.of(200, self._do(f"{request.method} {request.path}", request.document()))
        except (LabCloudError, ValueError, KeyError) as error:
            return Reply.of(400, {"message": f"{type(error).__name__}: {error}"})

    def _do(self, command: str, body: Mapping[str, Any]) -> dict[str, Any]:
        match command:
            case "POST /reach":
                self._door.set(Reach(body["reach"]))
                return {"reach": self._door.reach}
            case "POST /drop-first-reply":
                self._gateway.drop_first_reply(str(body["route"]))
                return {}
            case "POST /token":
                lifetime_s = float(body["lifetime_s"])
                token = self._make_token(
                    str(body["audience"]), str(body["subject"]), body["roles"], lifetime_s
                )
                return {"token": token}
            case "POST /certificate":
                files = self._authority.issue(str(body["thing"]))
                return {name: str(path) for name, path in asdict(files).items()}
            case "POST /invoke":
                outcome = self._workers[str(body["function"])].invoke(body["event"])
                return {"ok": outcome.ok, "document": outcome.document}
            case "GET /seen":
                return {"seen": [asdict(seen) for seen in self._gateway.seen()]}
            case "GET /routes":
                return {"routes": [asdict(route) for route in self._gateway.routes()]}
        raise LabCloudError(f"no command {command}")


class CloudControl:
    """Commands to a running local cloud at ``url``; a command it refuses raises LabCloudError."""

    def __init__(self, url: str) -> None:
        self._url = url

    def refuse(self) -> None:
        """Close the gateway's port."""
        self._ask("POST", "/reach", {"reach": Reach.REFUSE})

    def swallow(self) -> None:
        """Take connections at the gateway's port and never answer."""
        self._ask("POST", "/reach", {"reach": Reach.SWALLOW})

    def normal(self) -> None:
        """The gateway answers again."""
        self._ask("POST", "/reach", {"reach": Reach.NORMAL})

    def drop_first_reply(self, route: str) -> None:
        """Run the next request of ``route``, e.g. "POST /v1/publish", but close without a reply."""
        self._ask("POST", "/drop-first-reply", {"route": route})

    def token(
        self, audience: str, subject: str, roles: Sequence[str], lifetime_s: float = 3600.0
    ) -> str:
        """A token of the lab's issuer; a negative lifetime gives an expired one."""
        wanted = {
            "audience": audience,
            "subject": subject,
            "roles": list(roles),
            "lifetime_s": lifetime_s,
        }
        return str(self._ask("POST", "/token", wanted)["token"])

    def edge_certificate(self, thing: str) -> CertificateFiles:
        """A new certificate for an edge; its files live as long as the cloud."""
        paths = self._ask("POST", "/certificate", {"thing": thing})
        return CertificateFiles(**{name: Path(path) for name, path in paths.items()})

    def invoke(self, function: str, event: object) -> dict[str, Any]:
        """Run a function by its name in the template: {"ok", "document"}."""
        return self._ask("POST", "/invoke", {"function": function, "event": event})

    def seen(self) -> list[dict[str, Any]]:
        """Every request at the gateway so far: {"route", "status", "dropped"}."""
        seen: list[dict[str, Any]] = self._ask("GET", "/seen")["seen"]
        return seen

    def routes(self) -> list[dict[str, Any]]:
        """The template's routes: {"api", "method", "path", "function", "authorizer"}."""
        routes: list[dict[str, Any]] = self._ask("GET", "/routes")["routes"]
        return routes

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                answer: dict[str, Any] = json.load(reply)
                return answer
        except urllib.error.HTTPError as error:
            with error:
                raise LabCloudError(error.read().decode()) from error
