"""S3 as an edge meets it: signature and policy are checked, then moto answers.

Without s3:ListBucket a missing key is 403, not 404, as on AWS.
"""

import http.client
import re
from typing import Final
from urllib.parse import unquote, urlsplit

from lab.cloud.errors import AccessDenied
from lab.cloud.iam import CredentialStore, Identity
from lab.cloud.resources import REGION
from lab.cloud.sigv4 import verify
from lab.cloud.web import LoopbackServer, Reply, Request

_ACTIONS: Final = {
    "GET": "s3:GetObject",
    "HEAD": "s3:GetObject",
    "PUT": "s3:PutObject",
    "DELETE": "s3:DeleteObject",
}
_PATH: Final = re.compile(r"/([^/]+)(?:/(.*))?")
_HOP: Final = frozenset(
    {"connection", "content-length", "transfer-encoding", "date", "server", "keep-alive"}
)


class S3Front:
    """Path-style S3 in front of moto at ``endpoint``."""

    def __init__(self, store: CredentialStore, endpoint: str) -> None:
        self._store = store
        self._backend = urlsplit(endpoint).netloc

    def serve(self, port: int) -> LoopbackServer:
        """Answer on loopback."""
        return LoopbackServer(self.answer, port).start()

    def answer(self, request: Request) -> Reply:
        """What moto answers, or 403."""
        match = _PATH.fullmatch(request.path)
        try:
            identity = verify(request, self._store, "s3", REGION)
        except AccessDenied:
            return _denied()
        if match is None:
            return _denied() if identity.statements is not None else self._pass(request)
        bucket, key = f"arn:aws:s3:::{match[1]}", unquote(match[2] or "")
        if not _allowed(identity, request.method, bucket, key):
            return _denied()
        reply = self._pass(request)
        if reply.status == 404 and not identity.may("s3:ListBucket", bucket):
            return _denied()
        return reply

    def _pass(self, request: Request) -> Reply:
        backend = http.client.HTTPConnection(self._backend, timeout=30)
        try:
            headers = {k: v for k, v in request.headers.items() if k != "connection"}
            backend.request(request.method, request.target, request.body or None, headers)
            answer = backend.getresponse()
            body = answer.read()
            kept = tuple((k, v) for k, v in answer.getheaders() if k.lower() not in _HOP)
            return Reply(answer.status, body, kept)
        finally:
            backend.close()


def _allowed(identity: Identity, method: str, bucket: str, key: str) -> bool:
    if not key:
        return method == "GET" and identity.may("s3:ListBucket", bucket)
    action = _ACTIONS.get(method)
    return action is not None and identity.may(action, f"{bucket}/{key}")


def _denied() -> Reply:
    body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    return Reply(403, body, (("Content-Type", "application/xml"),))
