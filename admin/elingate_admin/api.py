"""The cloud as the command sees it: one HTTPS request at a time, every refusal with its reason.

The token goes only where it was meant to go: over verified TLS (or loopback), and never along with
a redirect.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from functools import cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlencode, urlsplit

from elingate_admin.errors import BadInput, CloudRefused, NotAuthorised, Unreachable

Document = dict[str, Any]
TIMEOUT_S = 30.0
PAUSES_S = (0.5, 2.0)
"""Pauses before a throttled request is asked again."""
_THROTTLED = 429
_BUSY = 503
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_ADVICE = {
    404: "look at what there is with: elingate draft list KIND",
    409: "read what is there now, then try again",
    412: "somebody changed it: read it again with: elingate draft show KIND ID",
    422: "mend the fields that are named, then try again",
}


def path_of(*parts: str) -> str:
    """A path below ``/v1``, each part quoted: ids may hold ``:`` and ``@``."""
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


@dataclass(frozen=True, slots=True)
class Cloud:
    """One deployment, asked by somebody with a token."""

    url: str
    token: str = field(repr=False)
    ca: Path | None = None
    """PEM of an authority to trust in place of the system's."""
    pause: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise BadInput(
                f"{self.url!r} is no address of an API",
                "give it as https://… with --api or in ELINGATE_API",
            )
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise BadInput(
                "the token would go over the network unencrypted", "use https:// with --api"
            )

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        if_match: int | None = None,
    ) -> Document:
        """The JSON object that the cloud answers.

        Raises:
            CloudRefused: it said no; the details say where and why.
            NotAuthorised: the token is not good enough.
            Unreachable: there was no answer, or none of the cloud's.
        """
        answer = self._send(method, path, body, query, if_match)
        try:
            document = json.loads(answer)
        except ValueError as error:
            raise _strange(self.url) from error
        if not isinstance(document, dict):
            raise _strange(self.url)
        return document

    def text(self, path: str, query: Mapping[str, str]) -> bytes:
        """What the cloud answers that is no JSON; raises like :meth:`ask`."""
        return self._send("GET", path, None, query, None)

    def _send(
        self,
        method: str,
        path: str,
        body: object,
        query: Mapping[str, str] | None,
        if_match: int | None,
    ) -> bytes:
        url = self.url.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "*/*"}
        if if_match is not None:
            headers["If-Match"] = str(if_match)
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(url, data, headers, method=method)
        for pause_s in PAUSES_S:
            status, answer = self._once(request)
            # A busy PUT may have been done; doing it again gives the same draft. A POST may not.
            again = status == _THROTTLED or (status == _BUSY and method in ("GET", "PUT"))
            if not again:
                break
            self.pause(pause_s)
        else:
            status, answer = self._once(request)
        if status >= 300:
            raise _refusal(status, answer)
        return answer

    def _once(self, request: urllib.request.Request) -> tuple[int, bytes]:
        try:
            with _opener(self.ca).open(request, timeout=TIMEOUT_S) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read()
        except urllib.error.URLError as error:
            raise _unreachable(self.url, error.reason) from error
        except (OSError, http.client.HTTPException) as error:
            raise _unreachable(self.url, error) from error


class _Stay(urllib.request.HTTPRedirectHandler):
    """Never follows: a redirect would carry the token to wherever it points."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> None:
        """Refuse; the answer becomes an error with its own status."""


@cache
def _opener(ca: Path | None) -> urllib.request.OpenerDirector:
    """Built once: reading the system's authorities costs more than a request."""
    try:
        tls = ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError) as error:
        raise BadInput(f"{ca} is no PEM file of an authority: {error}") from error
    return urllib.request.build_opener(urllib.request.HTTPSHandler(context=tls), _Stay())


def _refusal(status: int, answer: bytes) -> CloudRefused | NotAuthorised | Unreachable:
    slug, details = _read(answer)
    if status == 401:
        return NotAuthorised(
            "the cloud does not accept the token",
            "it may have expired: get a new one into --token-file or ELINGATE_TOKEN",
        )
    if status == 403:
        return NotAuthorised(
            "the token may not do this",
            "its claim 'roles' must hold 'admin'; ask whoever issues the tokens",
        )
    if status < 400:
        return Unreachable(
            f"the address answers with a redirect ({status})", "give the API's own address"
        )
    if status >= 500:
        return Unreachable(f"the cloud failed ({status})", "try again; then look at its logs")
    if not slug:
        return Unreachable(
            f"what answered ({status}) is not Elingate's API", "check --api or ELINGATE_API"
        )
    message = f"the cloud refused: {slug} ({status})"
    return CloudRefused(message, _ADVICE.get(status, ""), details, status)


def _read(answer: bytes) -> tuple[str, list[tuple[str, str]]]:
    try:
        document = json.loads(answer)
        found = [(str(each["loc"]), str(each["msg"])) for each in document["detail"]]
        return str(document["error"]), found
    except (ValueError, KeyError, TypeError):
        return "", []


def _unreachable(url: str, reason: object) -> Unreachable:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Unreachable(
            f"the certificate of {url} is not trusted: {reason.verify_message}",
            "give the PEM of its authority with --ca",
        )
    return Unreachable(f"{url} does not answer: {reason}", "check --api, the network and the proxy")


def _strange(url: str) -> Unreachable:
    return Unreachable(f"what answers at {url} is not Elingate's API", "check --api")
