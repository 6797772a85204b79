"""A key for one run, in the place of the publisher's."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Signer:
    """Signs manifests; the edge is told to trust ``pem``."""

    key_id = "bench-key"

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.pem = public.decode()

    def sign(self, message: bytes) -> bytes:
        """ECDSA over SHA-256, DER."""
        return self._key.sign(message, ec.ECDSA(hashes.SHA256()))
