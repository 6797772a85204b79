"""An edge's certificate gives that edge's keys; any other certificate or name gives none."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.cloud import LocalCloud
from lab.cloud.identity import CertificateAuthority, CertificateFiles
from tests.lab.asking import ask, session_of


def test_keys_are_short_lived_and_new_each_time(cloud: LocalCloud) -> None:
    files, endpoint = cloud.edge_certificate("edge-a"), cloud.addresses.credentials
    first, second = (session_of(endpoint, "elingate-edge", "edge-a", files) for _ in range(2))
    keys = first.document["credentials"]
    expires = datetime.fromisoformat(keys["expiration"])
    left = expires - datetime.now(UTC)
    assert timedelta(seconds=800) < left <= timedelta(seconds=900)
    assert keys["accessKeyId"] != second.document["credentials"]["accessKeyId"]


@pytest.mark.parametrize(
    ("alias", "thing"), [("elingate-edge", "edge-b"), ("other", "edge-a"), ("elingate-edge", "")]
)
def test_another_thing_or_alias_is_403(cloud: LocalCloud, alias: str, thing: str) -> None:
    files = cloud.edge_certificate("edge-a")
    assert session_of(cloud.addresses.credentials, alias, thing, files).status == 403


def test_a_certificate_of_another_authority_fails_in_the_handshake(
    cloud: LocalCloud, tmp_path: Path
) -> None:
    rogue = CertificateAuthority(tmp_path).issue("edge-a")
    files = CertificateFiles(rogue.certificate, rogue.key, Path(cloud.addresses.ca))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        session_of(cloud.addresses.credentials, "elingate-edge", "edge-a", files)


def test_no_certificate_fails_in_the_handshake(cloud: LocalCloud) -> None:
    tls = ssl.create_default_context(cafile=cloud.addresses.ca)
    url = f"{cloud.addresses.credentials}/role-aliases/elingate-edge/credentials"
    with pytest.raises((ssl.SSLError, ConnectionError)):
        ask("GET", url, headers={"x-amzn-iot-thingname": "edge-a"}, tls=tls)


def test_the_keys_of_edges_are_readable_by_their_owner_only(cloud: LocalCloud) -> None:
    files = cloud.edge_certificate("edge-a")
    assert files.key.stat().st_mode & 0o777 == 0o600
