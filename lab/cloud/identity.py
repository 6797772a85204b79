"""Who is who in the lab: a certificate authority with one certificate per edge, and an issuer of
tokens for people.
"""

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from jwt.algorithms import RSAAlgorithm

from lab.cloud.web import LOOPBACK, Reply, Request

_BACKDATED: Final = timedelta(minutes=5)
_LIFETIME: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Paths of PEM files: a certificate, its key (mode 0600) and the authority that made it."""

    certificate: Path
    key: Path
    ca: Path


class CertificateAuthority:
    """Makes certificates; its own is ``ca`` in ``folder``."""

    def __init__(self, folder: Path, name: str = "Elingate lab edges") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _common_name(name)
        authority = (
            _builder(self._name, self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_CA_USAGE, critical=True)
            .add_extension(self._key_id(), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.ca = _write(folder / "ca.pem", authority.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, *, server: bool = False) -> CertificateFiles:
        """A certificate with common name ``name``: for an edge, or for a server on loopback."""
        key = ec.generate_private_key(ec.SECP256R1())
        usage = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        names: list[x509.GeneralName] = [x509.DNSName(name)]
        if server:
            names.append(x509.IPAddress(IPv4Address(LOOPBACK)))
        certificate = (
            _builder(_common_name(name), self._name, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )
        stem = f"{name}-{secrets.token_hex(4)}"
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return CertificateFiles(
            certificate=_write(self._folder / f"{stem}.pem", pem),
            key=_write(self._folder / f"{stem}.key", private),
            ca=self.ca,
        )

    def _key_id(self) -> x509.SubjectKeyIdentifier:
        return x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())


class TokenIssuer:
    """An OpenID issuer: signs tokens with RS256 and publishes its key, as a user pool does."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._key_id = secrets.token_hex(8)

    def token(
        self,
        issuer: str,
        audience: str,
        subject: str,
        roles: Sequence[str],
        lifetime_s: float = 3600.0,
    ) -> str:
        """A token for ``subject``; a negative lifetime makes one that has expired."""
        utc = datetime.now(UTC)
        claims = {
            "iss": issuer,
            "aud": audience,
            "sub": subject,
            "roles": list(roles),
            "iat": utc - timedelta(seconds=max(0.0, -lifetime_s)),
            "exp": utc + timedelta(seconds=lifetime_s),
        }
        return jwt.encode(claims, self._key, "RS256", headers={"kid": self._key_id})

    def answer(self, request: Request) -> Reply:
        """The discovery document and the key set."""
        issuer = f"http://{request.headers.get('host', LOOPBACK)}"
        match request.path:
            case "/.well-known/openid-configuration":
                return Reply.of(200, {"issuer": issuer, "jwks_uri": f"{issuer}/keys"})
            case "/keys":
                return Reply.of(200, {"keys": [self._public()]})
        return Reply.of(404, {"message": "Not Found"})

    def _public(self) -> dict[str, Any]:
        public: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {**public, "kid": self._key_id, "use": "sig", "alg": "RS256"}


_CA_USAGE: Final = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _common_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    utc = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(utc - _BACKDATED)
        .not_valid_after(utc + _LIFETIME)
    )


def _write(path: Path, data: bytes) -> Path:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return path
