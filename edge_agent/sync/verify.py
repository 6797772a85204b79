"""Whose signature is believed: ECDSA on P-256 with SHA-256 (FIPS 186-5), by keys of enrolment.

The only import of ``cryptography`` on the edge.
"""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key


class KeyRefused(Exception):
    """A PEM text that is no public key on P-256."""


class KeyRing:
    """The public keys that may have signed a manifest: a :class:`e911.manifest.Verify`."""

    def __init__(self, pems: Iterable[str] = ()) -> None:
        self._keys: dict[str, ec.EllipticCurvePublicKey] = {}
        for pem in pems:
            self.trust(pem)

    def trust(self, pem: str) -> None:
        """Believe this key too.

        Raises:
            KeyRefused: it is no public key on P-256.
        """
        try:
            key = load_pem_public_key(pem.encode())
        except ValueError as error:
            raise KeyRefused("is not a public key in PEM") from error
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(
            key.curve, ec.SECP256R1
        ):
            raise KeyRefused("is not a key on P-256")
        self._keys[" ".join(pem.split())] = key

    def __len__(self) -> int:
        return len(self._keys)

    def __call__(self, key_id: str, message: bytes, signature: bytes) -> bool:
        """Whether any trusted key signed exactly ``message``.

        ``key_id`` is the signer's name for its key and proves nothing: enrolment gives only keys.
        """
        return any(_signed(key, message, signature) for key in self._keys.values())


def _signed(key: ec.EllipticCurvePublicKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
