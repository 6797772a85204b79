"""The signature is the key's own, over the exact bytes, and the key's name follows from its PEM."""

from __future__ import annotations

import os
from hashlib import sha256

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from e911_cloud.signer import Signer


@pytest.mark.usefixtures("stack")
def test_an_independent_verifier_takes_the_signature_and_no_other_bytes() -> None:
    signer = Signer(os.environ["SIGNING_KEY_ID"])
    public = load_pem_public_key(signer.public_key().pem.encode())
    assert isinstance(public, EllipticCurvePublicKey)
    signature = signer.sign(b'{"serial":1}\n')
    public.verify(signature, b'{"serial":1}\n', ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        public.verify(signature, b'{"serial":2}\n', ECDSA(SHA256()))


@pytest.mark.usefixtures("stack")
def test_whoever_holds_the_pem_can_name_the_key() -> None:
    key = Signer(os.environ["SIGNING_KEY_ID"]).public_key()
    der = load_pem_public_key(key.pem.encode()).public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    assert key.key_id == sha256(der).hexdigest()
