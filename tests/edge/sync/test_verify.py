"""Signatures are checked against OpenSSL, and only keys of enrolment are believed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge_agent.sync.verify import KeyRefused, KeyRing
from tests.edge.sync.cloud import Signer


def test_what_openssl_signed_is_believed_and_one_changed_byte_is_not(tmp_path: Path) -> None:
    key, public, signed = tmp_path / "k", tmp_path / "p", tmp_path / "s"
    message = tmp_path / "m"
    message.write_bytes(b"the manifest\n")
    for arguments in (
        ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key],
        ["ec", "-in", key, "-pubout", "-out", public],
        ["dgst", "-sha256", "-sign", key, "-out", signed, message],
    ):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
    ring = KeyRing([public.read_text()])
    assert ring("any name", b"the manifest\n", signed.read_bytes())
    assert not ring("any name", b"the manifest!", signed.read_bytes())


def test_a_stranger_an_empty_ring_and_rubbish_are_not_believed() -> None:
    ours, stranger = Signer(), Signer()
    ring = KeyRing([ours.pem])
    assert not ring("k", b"m", stranger.sign(b"m"))
    assert not ring("k", b"m", b"")
    assert not KeyRing()("k", b"m", ours.sign(b"m"))


def test_a_key_that_is_trusted_twice_is_one_key() -> None:
    signer = Signer()
    ring = KeyRing([signer.pem])
    ring.trust(signer.pem.replace("\n", "\r\n"))
    assert len(ring) == 1


def test_only_public_keys_on_p256_are_trusted() -> None:
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for text in (pem, "", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"):
        with pytest.raises(KeyRefused):
            KeyRing([text])
