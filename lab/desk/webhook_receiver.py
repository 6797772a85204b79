"""Takes webhooks over https with a certificate of the desk's own, and checks who signed them.

The check is that of the ``standardwebhooks`` library, which shares nothing with our signer.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from lab.cloud.identity import CertificateAuthority
from lab.cloud.web import LoopbackServer, Reply, Request
from lab.phones.bulletin import Bulletin


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook that was signed as agreed."""

    id: str
    at: float
    """When it came, by the lab's clock."""
    body: dict[str, Any]

    @property
    def step(self) -> str:
        """What it is about: ``started``, ``ended`` …"""
        return str(self.body["data"]["step"])

    @property
    def call(self) -> str:
        """The call it is about."""
        return str(self.body["data"]["call"])


@dataclass(slots=True)
class WebhookReceiver:
    """One https endpoint; ``hooks`` in order of arrival, ``forged`` counts what was turned away."""

    news: Bulletin
    secrets: dict[str, str] = field(default_factory=dict)
    """By target, which is the path of its URL."""
    hooks: list[Hook] = field(default_factory=list)
    forged: int = 0
    ca_pem: str = ""
    _server: LoopbackServer | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    def open(self, folder: Path) -> str:
        """Serve from a thread; returns the URL, to which a target's id is added."""
        self._loop = asyncio.get_running_loop()
        authority = CertificateAuthority(folder, "Elingate lab desk")
        own = authority.issue("localhost", server=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
        tls.load_cert_chain(own.certificate, own.key)
        self.ca_pem = authority.ca.read_text()
        self._server = LoopbackServer(self._answer, 0, tls).start()
        return self._server.url

    def close(self) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def about(self, step: str, erl: str = "", name: str = "") -> list[Hook]:
        """Webhooks of a step, of one ERL and one caller where these are given."""
        return [
            hook
            for hook in self.hooks
            if hook.step == step
            and erl in ("", hook.body["data"]["erl"])
            and name in ("", hook.body["data"]["name"])
        ]

    def _answer(self, request: Request) -> Reply:
        assert self._loop is not None
        secret = self.secrets.get(request.path.lstrip("/"))
        if request.method != "POST" or secret is None:
            return Reply(404)
        try:
            Webhook(secret).verify(request.body, dict(request.headers))
        except (WebhookVerificationError, ValueError):
            self.forged += 1
            return Reply(401)
        hook = Hook(request.headers["webhook-id"], self._loop.time(), json.loads(request.body))
        self._loop.call_soon_threadsafe(self._take, hook)
        return Reply(204)

    def _take(self, hook: Hook) -> None:
        self.hooks.append(hook)
        self.news.post()
