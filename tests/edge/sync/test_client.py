"""The client against S3 by moto, a records API, and a credential provider behind mutual TLS."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from edge_agent.sync.client import Cloud, CredentialsRefused, DeviceCertificate
from edge_agent.sync.puller import Absent, Failed, Fetched, NotModified
from edge_agent.sync.pusher import Posted, Unposted
from tests.edge.sync.cloud import BUCKET, EDGE, Api, Authority, Bucket, Credentials, serving

RECORDS = ({"id": "r1", "type": "call"}, {"id": "r2", "type": "call"})


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield Bucket(f"http://{host}:{port}")
    server.stop()


@pytest.fixture
def credentials(tmp_path: Path) -> Iterator[Credentials]:
    provider = Credentials(tmp_path)
    with serving(provider):
        yield provider


@pytest.fixture
def api() -> Iterator[Api]:
    server = Api()
    with serving(server):
        yield server


def source(provider: Credentials, thing: str = EDGE) -> DeviceCertificate:
    return DeviceCertificate(
        provider.url, "elingate-edge", thing, provider.ca, provider.certificate, provider.key
    )


def cloud(provider: Credentials, bucket: Bucket, api: str) -> Cloud:
    return Cloud(
        source(provider),
        region="us-east-1",
        bucket=BUCKET,
        api=api,
        edge=EDGE,
        aws_endpoint=bucket.endpoint,
    )


def test_an_object_is_fetched_once_and_then_only_when_it_has_changed(
    bucket: Bucket, credentials: Credentials
) -> None:
    client = cloud(credentials, bucket, "http://127.0.0.1:9")
    bucket.put("edges/x", b"one")
    first = client.get("edges/x")
    assert isinstance(first, Fetched)
    assert first.data == b"one"
    assert client.get("edges/x", first.etag) == NotModified()
    bucket.put("edges/x", b"two")
    second = client.get("edges/x", first.etag)
    assert isinstance(second, Fetched)
    assert second.data == b"two"
    assert client.get("edges/none") == Absent()
    assert credentials.asked == 1  # the keys are kept until they are about to end


def test_records_go_up_signed_and_the_answer_names_them(
    bucket: Bucket, credentials: Credentials, api: Api
) -> None:
    api.refuse = {"r2": "no"}
    client = cloud(credentials, bucket, api.url)
    assert client.post(RECORDS) == Posted(frozenset({"r1"}), {"r2": "no"})
    assert "/us-east-1/execute-api/aws4_request" in api.signed[0]


def test_whatever_goes_wrong_on_the_way_is_said_and_not_raised(
    bucket: Bucket, credentials: Credentials, api: Api
) -> None:
    client = cloud(credentials, bucket, api.url)
    api.statuses = [503, 422]
    assert client.post(RECORDS) == Unposted("HTTP 503", 503)
    assert client.post(RECORDS) == Unposted("HTTP 422", 422)
    api.drop_replies = 1
    dropped = client.post(RECORDS)
    assert isinstance(dropped, Unposted)
    assert dropped.status == 0
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
        assert isinstance(cloud(credentials, bucket, nobody).post(RECORDS), Unposted)


def test_another_things_name_and_a_strangers_certificate_get_no_keys(
    bucket: Bucket, credentials: Credentials, tmp_path: Path
) -> None:
    with pytest.raises(CredentialsRefused, match="403"):
        source(credentials, "edge-shelbyville").fetch()
    elsewhere = tmp_path / "stranger"
    elsewhere.mkdir()
    credentials.certificate, credentials.key = Authority(elsewhere).issue("edge", EDGE)
    answer = cloud(credentials, bucket, "http://127.0.0.1:9").get("edges/x")
    assert isinstance(answer, Failed)
    assert credentials.asked <= 1
