"""A webhook is signed as the standard says and goes only where it may."""

from __future__ import annotations

import datetime
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from e911_cloud.webhook import PATIENCE_S, Webhook, WebhookRefused, pick, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LOOPBACK = (ip_network("127.0.0.0/8"),)


def test_the_signature_is_one_that_the_standards_own_library_takes() -> None:
    now = int(datetime.datetime.now(datetime.UTC).timestamp())
    body = b'{"a": 1}'
    headers = sign(SECRET, "msg_1", now, body)
    assert Verifier(SECRET).verify(body, headers) == {"a": 1}
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(b'{"a": 2}', headers)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1"]
    + ["0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1"]
    + ["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "::7f00:1", "fec0::1", "5f00::1"]
    + ["::ffff:127.0.0.1", "::ffff:93.184.216.34", "2002:7f00:1::", "fe80::1%eth0"],
)
def test_no_private_address_is_reached(address: str) -> None:
    with pytest.raises(WebhookRefused):
        pick([address], ())
    with pytest.raises(WebhookRefused):
        pick(["93.184.216.34", address], ())


def test_a_public_address_is_reached_and_an_allowed_private_one() -> None:
    assert pick(["93.184.216.34", "8.8.8.8"], ()) == "93.184.216.34"
    assert pick(["127.0.0.1"], LOOPBACK) == "127.0.0.1"
    with pytest.raises(WebhookRefused):
        pick(["::ffff:127.0.0.1"], LOOPBACK)
    with pytest.raises(WebhookRefused):
        pick([], ())


@pytest.mark.parametrize(
    "url",
    ["http://desk.example/", "https:///x", "https://u:p@desk.example/", "ftp://desk.example/"]
    + ["https://desk.example:99999/", "https://[::1/", "https://desk.example:x/"]
    + ["https://desk.example/a b", "https://desk.example/\r\nx: y"],
)
def test_only_plain_https_urls_are_taken(url: str) -> None:
    with pytest.raises(WebhookRefused):
        Webhook(LOOPBACK, resolve=lambda host, port: ["127.0.0.1"]).post(url, {}, b"")


class Desk:
    """A TLS server with its own authority, which answers what it is told to."""

    def __init__(self, folder: Path, name: str = "desk.example") -> None:
        self.status = 200
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.ca_pem = _certificate(folder / "desk.pem", name)
        self.name = name
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                desk.requests.append((self.path, dict(self.headers), body))
                self.send_response(desk.status)
                self.send_header("location", "https://elsewhere.example/")
                self.end_headers()

            def log_message(self, *args: Any) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "desk.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    @property
    def url(self) -> str:
        """Where it hears, by the name in its certificate."""
        return f"https://{self.name}:{self.server.server_port}/hook?x=1"

    def webhook(self, ca_pem: str | None = None) -> Webhook:
        """A sender for which the name leads here."""
        found = ["127.0.0.1"]
        return Webhook(LOOPBACK, self.ca_pem if ca_pem is None else ca_pem, lambda *_: found)

    def close(self) -> None:
        """Stop."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def test_a_webhook_arrives_whole_at_the_name_that_was_resolved_once(desk: Desk) -> None:
    desk.webhook().post(desk.url, {"webhook-id": "m1"}, b"{}")
    path, headers, body = desk.requests[0]
    assert (path, headers["webhook-id"], body) == ("/hook?x=1", "m1", b"{}")
    assert headers["host"] == f"desk.example:{desk.server.server_port}"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 410, 429, 500, 503])
def test_anything_but_2xx_is_a_refusal_and_no_redirect_is_followed(desk: Desk, status: int) -> None:
    desk.status = status
    with pytest.raises(WebhookRefused, match=f"answered {status}"):
        desk.webhook().post(desk.url, {}, b"{}")
    assert len(desk.requests) == 1


def test_a_certificate_of_an_authority_that_nobody_named_is_not_believed(desk: Desk) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        desk.webhook(ca_pem="").post(desk.url, {}, b"{}")


def test_a_certificate_for_another_name_is_not_believed(desk: Desk) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        desk.webhook().post(desk.url.replace("desk.", "other."), {}, b"{}")


def test_five_seconds_are_for_all_of_it(desk: Desk) -> None:
    """A slow name server's seconds count too: the function must not be cut off half way."""
    times = iter([0.0, PATIENCE_S])
    sender = Webhook(LOOPBACK, desk.ca_pem, lambda *_: ["127.0.0.1"], clock=lambda: next(times))
    with pytest.raises(TimeoutError):
        sender.post(desk.url, {}, b"{}")
    assert desk.requests == []


def test_an_address_that_is_not_allowed_is_not_connected_to(desk: Desk) -> None:
    sender = Webhook((), desk.ca_pem, lambda *_: ["127.0.0.1"])
    with pytest.raises(WebhookRefused):
        sender.post(desk.url, {}, b"{}")
    assert desk.requests == []


def _certificate(path: Path, name: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM)
    path.write_bytes(pem + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return pem.decode()
