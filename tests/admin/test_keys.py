"""Secrets are printed once, alone on stdout; the signing key is what OpenSSL can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from lab.cloud import LocalCloud
from tests.admin.terminal import Terminal
from tests.cloud.places import BRANCH, DRAFTS
from tests.lab.asking import ask, bearer


@pytest.fixture(scope="module", autouse=True)
def _branch(anywhere: Terminal) -> None:
    put = ("draft", "put", "branch", "springfield", "-f", "-")
    anywhere.did(*put, stdin=json.dumps(BRANCH).encode())


def test_a_new_token_opens_the_branchs_doors(anywhere: Terminal, running: LocalCloud) -> None:
    ran = anywhere.did("token", "new", "springfield", "--network", "127.0.0.0/8")
    token = ran.out.strip()
    assert "not shown again" in ran.err
    assert token not in ran.err
    url = f"{running.addresses.http}/v1/policy"
    headers = bearer(token, **{"x-elingate-branch": "springfield"})
    assert ask("POST", url, b"{}", headers).status not in (401, 403)
    elsewhere = bearer(token, **{"x-elingate-branch": "shelbyville"})
    assert ask("POST", url, b"{}", elsewhere).status == 403


def test_a_network_that_is_none_makes_no_token(anywhere: Terminal) -> None:
    ran = anywhere.run("token", "new", "springfield", "--network", "10.1.2.3/8")
    assert (ran.code, ran.out) == (1, "")


def test_a_webhook_gets_a_secret_only_where_there_is_a_target(anywhere: Terminal) -> None:
    assert anywhere.run("webhook", "secret", "keys-desk").code == 1
    body = json.dumps(DRAFTS["target", "spf-desk"]).encode()
    anywhere.did("draft", "put", "target", "keys-desk", "-f", "-", stdin=body)
    first = anywhere.did("webhook", "secret", "keys-desk", "--json").document["secret"]
    second = anywhere.did("webhook", "secret", "keys-desk").out.strip()
    assert first.startswith("whsec_")
    assert second.startswith("whsec_")
    assert first != second


def test_the_signing_key_is_a_pem_file(anywhere: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "signing-key.pem"
    shown = anywhere.did("signing-key", "-o", file, "--json").document
    assert shown["file"] == str(file)
    assert shown["key_id"]
    load_pem_public_key(file.read_bytes())
    assert anywhere.run("signing-key", "-o", file).code == 2
