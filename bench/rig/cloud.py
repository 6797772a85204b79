"""As much of the cloud as the sync process asks for: short-lived keys, objects by ETag, records.

Nothing is verified here; what the edge believes is decided by the signature on the manifest.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from bench.rig.branch import EDGE, Branch

BUCKET = "bench-bucket"


@dataclass(slots=True)
class Objects:
    """The bucket."""

    held: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Key to ETag and content."""
    served: dict[str, float] = field(default_factory=dict)
    """When a key was given out last, in wall time."""


class BenchCloud:
    """Serves on loopback for as long as the context lasts."""

    def __init__(self) -> None:
        objects = self.objects = Objects()

        class Handler(_Handler):
            bucket = objects

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def section(self, branch: Branch) -> str:
        """``[sync]`` of an edge that belongs to this cloud."""
        url = f"http://127.0.0.1:{self._server.server_port}"
        (branch.folder / "signing.pem").write_text(branch.signer.pem)
        return (
            f'[sync]\napi = "{url}"\nbucket = "{BUCKET}"\nregion = "us-east-1"\n'
            f'aws_endpoint = "{url}"\ncredential_endpoint = "{url}"\nrole_alias = "bench"\n'
            f'thing = "{EDGE}"\nca = "signing.pem"\ncertificate = "signing.pem"\n'
            'key = "signing.pem"\ntrust = ["signing.pem"]\npoll_s = 1\n'
        )

    def publish(self, serial: int, body: bytes, manifest: bytes, signature: bytes) -> None:
        """Put a snapshot where the edge looks, manifest last."""
        for name, content in (
            (f"body-{serial}.jsonl", body),
            ("manifest.sig", signature),
            ("manifest.json", manifest),
        ):
            self.objects.held[f"edges/{EDGE}/{name}"] = (f'"{serial}"', content)

    def served_at(self, serial: int) -> float | None:
        """When the body of this serial was given out."""
        return self.objects.served.get(f"edges/{EDGE}/body-{serial}.jsonl")


class _Handler(BaseHTTPRequestHandler):
    bucket: Objects
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/role-aliases/"):
            until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
            keys = {"accessKeyId": "A", "secretAccessKey": "S", "sessionToken": "T"}
            self._say(200, json.dumps({"credentials": {**keys, "expiration": until}}).encode())
            return
        key = self.path.partition("?")[0].removeprefix(f"/{BUCKET}/")
        etag, content = self.bucket.held.get(key, ("", b""))
        if not etag:
            self._say(404, b"<Error><Code>NoSuchKey</Code></Error>")
        elif self.headers.get("If-None-Match") == etag:
            self._say(304, b"", etag)
        else:
            self.bucket.served[key] = time.time()
            self._say(200, content, etag)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        records = json.loads(self.rfile.read(length))["records"]
        taken = {"taken": [record["id"] for record in records], "refused": []}
        self._say(200, json.dumps(taken).encode())

    def _say(self, status: int, content: bytes, etag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""
