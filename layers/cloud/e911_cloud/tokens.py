"""Client tokens: one per branch, shown once, kept as a hash, good only from the networks that it
was made for.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from hashlib import sha256
from ipaddress import ip_address, ip_network

from e911_cloud.errors import Detail, Invalid, NotFound
from e911_cloud.tables import BranchDrafts

EVERYWHERE = ("0.0.0.0/0", "::/0")
_KIND = "token"


class Tokens:
    """The client tokens of all branches."""

    def make(self, branch: str, networks: Sequence[str] = EVERYWHERE) -> str:
        """A new token of ``branch``; the one before it stays good until the next is made."""
        for n, network in enumerate(networks):
            _check_network(n, network)
        if not BranchDrafts.count("branch", BranchDrafts.id == branch):
            raise NotFound(f"branch {branch}")
        token = secrets.token_urlsafe(32)
        hashes = [_hash(token), *self._held(branch).get("hashes", [])][:2]
        body = {"hashes": hashes, "networks": list(networks)}
        BranchDrafts(_KIND, branch, body=body).save()
        return token

    def is_good(self, branch: str, token: str, source: str) -> bool:
        """Whether ``token`` is one of ``branch`` and ``source`` one of its networks."""
        held = self._held(branch)
        offered = _hash(token)
        known = [hmac.compare_digest(offered, each) for each in held.get("hashes", [])]
        return any(known) and _is_within(source, held.get("networks", []))

    def _held(self, branch: str) -> dict[str, list[str]]:
        try:
            return dict(BranchDrafts.get(_KIND, branch, consistent_read=True).body)
        except BranchDrafts.DoesNotExist:
            return {}


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _check_network(n: int, network: str) -> None:
    try:
        ip_network(network)
    except ValueError as error:
        raise Invalid([Detail(f"networks[{n}]", "must be a network like 10.1.0.0/16")]) from error


def _is_within(source: str, networks: Sequence[str]) -> bool:
    try:
        address = ip_address(source)
    except ValueError:
        return False
    return any(address in ip_network(network) for network in networks)
