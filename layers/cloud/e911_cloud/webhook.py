"""A signed webhook (Standard Webhooks 1.0.0) to an address that was looked at first, and to no
other.

https only; the name is resolved once and that address is connected to, with the name kept for SNI
and the certificate;
private addresses are refused; nothing is followed; five seconds in all; of the reply only the
status is read.
"""

from __future__ import annotations

import base64
import hmac
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from e911.hints import IpAddress
from e911_cloud.settings import Network

PATIENCE_S = 5.0
_HTTPS = 443
_REPLY_BYTES = 1024
_SECRET = "whsec_"
_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IANA has ever given out of IPv6 (RFC 4291, 2.4)."""


class WebhookRefused(Exception):
    """The receiver did not take it, or it may not be sent there. The message holds no body and no
    address.
    """


Resolve = Callable[[str, int], list[str]]


@dataclass(frozen=True, slots=True)
class Webhook:
    """Sends signed bodies; ``allowed`` are private networks that may be reached all the same (the
    lab's).
    """

    allowed: Sequence[Network] = ()
    ca_pem: str = ""
    resolve: Resolve | None = None
    clock: Callable[[], float] = time.monotonic

    def post(self, url: str, headers: dict[str, str], body: bytes) -> None:
        """Post ``body``; returns when a 2xx has come.

        Raises:
            WebhookRefused: the URL or its address is not allowed, or the answer is anything but
            2xx.
            OSError: the connection or TLS failed, or five seconds were over.
        """
        host, port, path = split_url(url)
        deadline = self.clock() + PATIENCE_S
        address = pick(self._addresses(host, port), self.allowed)
        with socket.create_connection((address, port), timeout=self._left(deadline)) as raw:
            raw.settimeout(self._left(deadline))
            with self._context().wrap_socket(raw, server_hostname=host) as wire:
                wire.settimeout(self._left(deadline))
                wire.sendall(_request(host, port, path, headers, body))
                status = self._read_status(wire, deadline)
        if not 200 <= status < 300:
            raise WebhookRefused(f"answered {status}")

    def _addresses(self, host: str, port: int) -> list[str]:
        return (self.resolve or _resolve)(host, port)

    def _left(self, deadline: float) -> float:
        left = deadline - self.clock()
        if left <= 0:
            raise TimeoutError("not done in time")
        return left

    def _read_status(self, wire: ssl.SSLSocket, deadline: float) -> int:
        """The status of the reply's first line; the rest is never read."""
        received = b""
        while b"\r\n" not in received and len(received) < _REPLY_BYTES:
            wire.settimeout(self._left(deadline))
            part = wire.recv(_REPLY_BYTES)
            if not part:
                break
            received += part
        words = received.split(b"\r\n")[0].split(b" ")
        if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
            raise WebhookRefused("the answer is not HTTP")
        return int(words[1])

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.ca_pem:
            context.load_verify_locations(cadata=self.ca_pem)
        return context


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks: HMAC-SHA256 over ``{id}.{timestamp}.{body}``."""
    key = base64.b64decode(secret.removeprefix(_SECRET))
    signed = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def pick(addresses: Sequence[str], allowed: Sequence[Network]) -> str:
    """The first address, if every one of them may be connected to.

    One private address among public ones is how a name is made to point inside: then none is taken.
    """
    if not addresses:
        raise WebhookRefused("the name has no address")
    for text in addresses:
        if not _may_reach(ip_address(text.partition("%")[0]), allowed):
            raise WebhookRefused("the address is not a public one")
    return addresses[0]


def _may_reach(address: IpAddress, allowed: Sequence[Network]) -> bool:
    is_public = address.is_global and not address.is_multicast
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped or address.sixtofour:
            return False
        # What is not global unicast may still lead inside: NAT64 and ::/96 hold an IPv4 address.
        is_public = is_public and address in _GLOBAL_UNICAST
    return is_public or any(address in network for network in allowed)


def split_url(url: str) -> tuple[str, int, str]:
    """Host, port and path of a webhook's URL.

    Raises:
        WebhookRefused: it is no plain https URL.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _HTTPS
    except ValueError as error:
        raise WebhookRefused("the URL cannot be read") from error
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise WebhookRefused("only https URLs without a user are taken")
    path = parts.path or "/"
    if any(c <= " " or c > "~" for c in url):
        raise WebhookRefused("the URL holds blanks or other strange characters")
    return parts.hostname, port, f"{path}?{parts.query}" if parts.query else path


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _request(host: str, port: int, path: str, headers: dict[str, str], body: bytes) -> bytes:
    name = f"[{host}]" if ":" in host else host
    lines = [
        f"POST {path} HTTP/1.1",
        f"host: {name}" if port == _HTTPS else f"host: {name}:{port}",
        "user-agent: elingate",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "connection: close",
        *(f"{key}: {value}" for key, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body
