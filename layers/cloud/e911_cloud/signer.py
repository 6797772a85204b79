"""The signature under every manifest: made by KMS, over the exact bytes, by the publisher's role
alone.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from e911_cloud.aws import client


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The key that edges trust, in the form in which they are given it at enrolment."""

    key_id: str
    """SHA-256 of the key's SubjectPublicKeyInfo, in hex: the same for whoever holds the PEM."""
    pem: str


class Signer:
    """ECDSA P-256 with SHA-256; signatures are DER."""

    def __init__(self, key: str, kms: Any = None) -> None:
        self._key = key
        self._kms = kms or client("kms")
        self._public: PublicKey | None = None

    def public_key(self) -> PublicKey:
        """The public half."""
        if self._public is None:
            der = self._kms.get_public_key(KeyId=self._key)["PublicKey"]
            self._public = PublicKey(sha256(der).hexdigest(), _pem(der))
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Sign up to 4096 bytes: a manifest is a few hundred."""
        answer = self._kms.sign(
            KeyId=self._key,
            Message=message,
            MessageType="RAW",
            SigningAlgorithm="ECDSA_SHA_256",
        )
        signature: bytes = answer["Signature"]
        return signature


def _pem(der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])
