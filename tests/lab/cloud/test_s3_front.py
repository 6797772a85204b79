"""An edge reads its own folder of the bucket, and learns nothing of any other."""

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lab.cloud import LocalCloud
from tests.lab.asking import ask, keys_of


def s3(cloud: LocalCloud, endpoint: str, thing: str = "") -> Any:
    """A client: of an edge, or of the root user."""
    key, secret, token = cloud.addresses.root_key, cloud.addresses.root_secret, None
    if thing:
        files = cloud.edge_certificate(thing)
        keys = keys_of(cloud.addresses.credentials, "elingate-edge", thing, files)
        key, secret, token = keys.access_key, keys.secret_key, keys.token
    return boto3.client(
        "s3",
        region_name=cloud.addresses.region,
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture(scope="module")
def bucket(cloud: LocalCloud) -> str:
    name = cloud.addresses.outputs["Bucket"]
    direct = s3(cloud, cloud.addresses.moto)
    for thing in ("edge-a", "edge-b"):
        key = f"edges/{thing}/manifest.json"
        direct.put_object(Bucket=name, Key=key, Body=thing.encode())
    return name


@pytest.fixture(scope="module")
def edge(cloud: LocalCloud) -> Any:
    return s3(cloud, cloud.addresses.s3, "edge-a")


def refused(call: Any, **arguments: str) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["ResponseMetadata"]["HTTPStatusCode"])


def test_an_edge_reads_its_own_objects_and_asks_for_changes_only(edge: Any, bucket: str) -> None:
    got = edge.get_object(Bucket=bucket, Key="edges/edge-a/manifest.json")
    assert got["Body"].read() == b"edge-a"
    again = {"Bucket": bucket, "Key": "edges/edge-a/manifest.json", "IfNoneMatch": got["ETag"]}
    assert refused(edge.get_object, **again) == "304"


@pytest.mark.parametrize("key", ["edges/edge-b/manifest.json", "edges/edge-a", "x", ""])
def test_a_foreign_key_is_403(edge: Any, bucket: str, key: str) -> None:
    if key:
        assert refused(edge.get_object, Bucket=bucket, Key=key) == "403"
    else:
        assert refused(edge.list_objects_v2, Bucket=bucket) == "403"


def test_a_missing_key_is_403_for_who_may_not_list(
    cloud: LocalCloud, edge: Any, bucket: str
) -> None:
    root = s3(cloud, cloud.addresses.s3)
    missing = {"Bucket": bucket, "Key": "edges/edge-a/body-1.jsonl"}
    assert refused(edge.get_object, **missing) == "403"
    assert refused(root.get_object, **missing) == "404"


def test_an_edge_writes_nothing(edge: Any, bucket: str) -> None:
    own = {"Bucket": bucket, "Key": "edges/edge-a/manifest.json"}
    assert refused(edge.put_object, **own, Body="x") == "403"
    assert refused(edge.delete_object, **own) == "403"


def test_an_unsigned_request_is_403(cloud: LocalCloud, bucket: str) -> None:
    url = f"{cloud.addresses.s3}/{bucket}/edges/edge-a/manifest.json"
    assert ask("GET", url).status == 403
