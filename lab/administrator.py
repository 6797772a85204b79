"""The administrator: everything that people do with the cloud, done through its HTTP API only."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

_JUST_OVER = timedelta(minutes=5)


class ApiRefused(Exception):
    """The cloud said no; the text holds its answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Administrator:
    """Somebody with the role ``admin``; every method blocks and may raise ApiRefused or OSError."""

    url: str
    token: str

    def put(self, kind: str, id_: str, fields: Mapping[str, Any]) -> int:
        """Write a draft; returns its version."""
        path = f"/v1/draft/{kind}/{quote(id_, safe='')}"
        return int(self._ask("PUT", path, fields)["version"])

    def validate(self) -> list[dict[str, str]]:
        """What keeps the drafts from being published."""
        faults: list[dict[str, str]] = self._ask("POST", "/v1/draft/validate", {})["detail"]
        return faults

    def publish(self) -> tuple[str, int]:
        """Start a publish; its job and the generation that it makes."""
        started = self._ask("POST", "/v1/publish", {})
        return str(started["job"]), int(started["generation"])

    def job(self, job: str) -> dict[str, Any]:
        """How far a publish is."""
        return self._ask("GET", f"/v1/jobs/{job}")

    def signing_key(self) -> str:
        """The PEM of the key that edges trust."""
        return str(self._ask("GET", "/v1/signing-key")["pem"])

    def client_token(self, branch: str) -> str:
        """A new token for a branch's phones."""
        return str(self._ask("POST", f"/v1/branches/{branch}/token", {})["token"])

    def webhook_secret(self, target: str) -> str:
        """A new secret for a webhook."""
        return str(self._ask("POST", f"/v1/webhooks/{target}/secret", {})["secret"])

    def edge(self, edge: str) -> dict[str, Any]:
        """How an edge is, as it was last heard."""
        return self._ask("GET", f"/v1/edges/{edge}")

    def ali_file(self, branch: str) -> str:
        """The file for the carrier."""
        query = urlencode({"branch": branch})
        return self._send("GET", f"/v1/ali/export?{query}").decode("ascii")

    def records(self, branch: str) -> list[dict[str, Any]]:
        """The records of a branch's calls of today, and of yesterday while that is just over."""
        utc = datetime.now(UTC)
        records: list[dict[str, Any]] = []
        for day in sorted({(utc - _JUST_OVER).date(), utc.date()}):
            query = urlencode({"branch": branch, "day": day.isoformat()})
            records += self._ask("GET", f"/v1/calls?{query}")["records"]
        return records

    def callbacks(self, elin: str) -> list[dict[str, Any]]:
        """Whom an ELIN rings now."""
        callers: list[dict[str, Any]] = self._ask("GET", f"/v1/callbacks/{elin}")["callers"]
        return callers

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self._send(method, path, body))
        return document

    def _send(self, method: str, path: str, body: object = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                answer: bytes = reply.read()
                return answer
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise ApiRefused(refusal.code, refusal.read().decode()) from refusal
