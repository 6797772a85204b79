"""How a test asks the local cloud: plain, with a token, signed, and with a certificate."""

import http.client
import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from lab.cloud.identity import CertificateFiles


@dataclass(frozen=True, slots=True)
class Told:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def document(self) -> Any:
        return json.loads(self.body)


def ask(
    method: str,
    url: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
    timeout_s: float = 30.0,
) -> Told:
    """One request on a connection of its own."""
    parts = urlsplit(url)
    connection = (
        http.client.HTTPSConnection(parts.netloc, timeout=timeout_s, context=tls)
        if tls is not None
        else http.client.HTTPConnection(parts.netloc, timeout=timeout_s)
    )
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, dict(headers or {}))
        answer = connection.getresponse()
        return Told(answer.status, answer.read(), dict(answer.getheaders()))
    finally:
        connection.close()


def bearer(token: str, **more: str) -> dict[str, str]:
    """Headers with a token."""
    return {"Authorization": f"Bearer {token}", **more}


def signed(
    method: str,
    url: str,
    body: bytes,
    keys: Credentials,
    service: str = "execute-api",
    region: str = "us-east-1",
) -> dict[str, str]:
    """Headers of a request signed by botocore."""
    request = AWSRequest(method=method, url=url, data=body)
    request.headers["Host"] = urlsplit(url).netloc
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(keys, service, region).add_auth(request)
    return dict(request.headers.items())


def session_of(endpoint: str, alias: str, thing: str, files: CertificateFiles) -> Told:
    """What the credential provider answers to an edge with this certificate."""
    tls = ssl.create_default_context(cafile=str(files.ca))
    tls.load_cert_chain(files.certificate, files.key)
    url = f"{endpoint}/role-aliases/{alias}/credentials"
    return ask("GET", url, headers={"x-amzn-iot-thingname": thing}, tls=tls)


def keys_of(endpoint: str, alias: str, thing: str, files: CertificateFiles) -> Credentials:
    """The keys of an edge."""
    keys = session_of(endpoint, alias, thing, files).document["credentials"]
    return Credentials(keys["accessKeyId"], keys["secretAccessKey"], keys["sessionToken"])


def until(holds: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What ``holds`` returns once it is true; fails after ``seconds``."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not (found := holds()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        pause.wait(0.05)
    return found
