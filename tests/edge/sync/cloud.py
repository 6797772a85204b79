"""The cloud as one edge meets it, on loopback: S3 by moto, a records API, keys by mutual TLS."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from e911.manifest import render
from e911.numbers import Did, Elin
from e911.places import CivicAddress
from e911.rows import BranchRow, ElinRow, ErlRow, Row
from e911.snapshot import Header

BUCKET = "elingate-lab"
EDGE = "edge-springfield"


@dataclass
class Signer:
    """A key on P-256, as KMS would hold it."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: new_key())

    @property
    def pem(self) -> str:
        public = self.key.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message, ec.ECDSA(hashes.SHA256()))


def rows() -> list[Row]:
    """The smallest branch."""
    civic = CivicAddress(A1="IL", A3="Springfield", RD="Main", STS="St", HNO="1", FLR="2")
    return [
        BranchRow("springfield", "Springfield", "America/Chicago", Did("4255550199"), "floor-2"),
        ErlRow("floor-2", "springfield", "Floor 2", civic),
        ElinRow(Elin("4255550102"), "springfield", "floor-2"),
    ]


def published(
    signer: Signer, serial: int, *, more: tuple[Row, ...] = (), schema: int = 1, **changed: Any
) -> tuple[bytes, bytes, bytes]:
    """Manifest, signature and body, as the publisher renders them."""
    header = Header(
        schema, changed.pop("min_reader", 1), changed.pop("branch", "springfield"), serial, 7
    )
    branch_rows: list[Row] = [*rows(), *more]
    if header.branch != "springfield":
        branch_rows.append(
            BranchRow(header.branch, "Other", "America/Chicago", Did("4255550199"), "floor-2")
        )
    options: dict[str, Any] = {
        "deployment": "lab",
        "edge": EDGE,
        "key_id": "k1",
        "poll_s": 1,
        "body_key": f"edges/{EDGE}/body-{serial}.jsonl",
        **changed,
    }
    body, manifest = render(header, branch_rows, **options)
    return manifest, signer.sign(manifest), body


class Bucket:
    """The bucket that the publisher writes and the edge reads."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._s3: Any = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        self._s3.create_bucket(Bucket=BUCKET)

    def publish(self, manifest: bytes, signature: bytes, body: bytes) -> None:
        """Body first, manifest last: what a reader finds is whole."""
        key = json.loads(manifest)["body_key"]
        self.put(key, body)
        self.put(f"edges/{EDGE}/manifest.sig", signature)
        self.put(f"edges/{EDGE}/manifest.json", manifest)

    def clear(self) -> None:
        """Nothing was ever published."""
        for each in self._s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            self._s3.delete_object(Bucket=BUCKET, Key=each["Key"])

    def put(self, key: str, data: bytes) -> None:
        self._s3.put_object(Bucket=BUCKET, Key=key, Body=data)


class Api(ThreadingHTTPServer):
    """``POST /v1/edges/{edge}/records``, with the manners that a test asks for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Records)
        self.taken: list[dict[str, Any]] = []
        self.requests = 0
        self.drop_replies = 0
        self.refuse: dict[str, str] = {}
        self.statuses: list[int] = []
        self.signed: list[str] = []
        self.changed = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def wait_for(self, records: int, seconds: float = 10.0) -> None:
        """Until so many distinct records have arrived."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.ids()) >= records, seconds), self.ids()

    def ids(self) -> set[str]:
        return {record["id"] for record in self.taken}


class _Records(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:  # the name that http.server calls
        api = self.server
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with api.changed:
            api.requests += 1
            api.signed.append(self.headers.get("authorization", ""))
            status = api.statuses.pop(0) if api.statuses else 200
            refused = [r for r in body["records"] if r["id"] in api.refuse]
            if status == 200:
                api.taken += [r for r in body["records"] if r["id"] not in api.refuse]
            drop, api.drop_replies = api.drop_replies > 0, max(0, api.drop_replies - 1)
            api.changed.notify_all()
        if drop:
            self.connection.close()
            return
        answer = {
            "taken": [r["id"] for r in body["records"] if r["id"] not in api.refuse],
            "refused": [{"id": r["id"], "reason": api.refuse[r["id"]]} for r in refused],
        }
        self._answer(status, answer)

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Quiet."""


class Credentials(ThreadingHTTPServer):
    """AWS IoT's credential provider: mutual TLS, and the thing must be the certificate's name."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Credentials)
        self.asked = 0
        authority = Authority(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.issue("server", "127.0.0.1"))
        context.load_verify_locations(authority.path)
        context.verify_mode = ssl.CERT_REQUIRED
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.ca = authority.path
        self.certificate, self.key = authority.issue("edge", EDGE)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client without a certificate ends in its handshake, and that is the test."""


class _Credentials(_Records):
    server: Any

    def do_GET(self) -> None:  # the name that http.server calls
        subject = dict(x[0] for x in self.connection.getpeercert()["subject"])
        self.server.asked += 1
        known = self.headers.get("x-amzn-iot-thingname") == subject["commonName"]
        if not known or not self.path.startswith("/role-aliases/elingate-edge/credentials"):
            self._answer(403, {})
            return
        ends = datetime.now(UTC) + timedelta(hours=1)
        keys = {
            "accessKeyId": "AKIAEXAMPLE",
            "secretAccessKey": "secret",
            "sessionToken": "session",
            "expiration": ends.isoformat(),
        }
        self._answer(200, {"credentials": keys})


class Authority:
    """A certificate authority of one test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = new_key()
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
        certificate = self._certificate(self._name, self._key.public_key(), ca=True)
        self.path = folder / "ca.pem"
        self.path.write_bytes(certificate)

    def issue(self, file: str, name: str) -> tuple[Path, Path]:
        """Certificate and key files for ``name``."""
        key = new_key()
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate, private = self._folder / f"{file}.pem", self._folder / f"{file}.key"
        certificate.write_bytes(self._certificate(subject, key.public_key(), ca=False))
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return certificate, private

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, ca: bool
    ) -> bytes:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
        )
        if not ca:
            names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)


def new_key() -> ec.EllipticCurvePrivateKey:
    """A key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    """The server answers in a thread of its own."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
