"""Elingate in the local cloud, by HTTP alone: from a draft to what an edge may read and tell."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import pytest

from e911.wire import to_document
from lab.cloud import LocalCloud
from tests.cloud.calls_of import record
from tests.cloud.places import DRAFTS
from tests.lab.asking import Told, ask, bearer, keys_of, signed, until

TEMPLATE = Path(__file__).parents[3] / "template.yaml"
EDGE = "edge-springfield"


@pytest.fixture(scope="module")
def elingate() -> Iterator[LocalCloud]:
    with LocalCloud.start(TEMPLATE) as cloud:
        headers = bearer(cloud.admin_token())
        for (kind, row), body in DRAFTS.items():
            told = ask("PUT", f"{cloud.addresses.http}/v1/draft/{kind}/{row}", _json(body), headers)
            assert told.status == 200, told.body
        yield cloud


@pytest.fixture(scope="module")
def published(elingate: LocalCloud) -> LocalCloud:
    headers = bearer(elingate.admin_token())
    told = ask("POST", f"{elingate.addresses.http}/v1/publish", b"{}", headers)
    assert told.status == 202, told.body
    job = f"{elingate.addresses.http}/v1/jobs/{told.document['job']}"
    until(lambda: _ended(ask("GET", job, headers=headers)), 30)
    return elingate


def test_an_edge_reads_the_manifest_that_was_published_for_it(published: LocalCloud) -> None:
    bucket = published.addresses.outputs["BucketName"]
    files = published.edge_certificate(EDGE)
    alias = published.addresses.outputs["EdgeRoleAliasName"]
    keys = keys_of(published.addresses.credentials, alias, EDGE, files)
    s3 = boto3.client(
        "s3",
        region_name=published.addresses.region,
        endpoint_url=published.addresses.s3,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        aws_session_token=keys.token,
    )
    key = f"edges/{EDGE}/manifest.json"
    manifest = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    body = s3.get_object(Bucket=bucket, Key=manifest["body_key"])["Body"].read()
    assert (manifest["edge"], manifest["deployment"]) == (EDGE, "lab")
    assert sha256(body).hexdigest() == manifest["sha256"]


def test_a_phone_is_told_its_floor(published: LocalCloud) -> None:
    api, admin = f"{published.addresses.http}/v1", bearer(published.admin_token())
    token = ask("POST", f"{api}/branches/springfield/token", b"{}", admin).document["token"]
    client = bearer(token, **{"x-elingate-branch": "springfield"})
    told = ask("POST", f"{api}/location", _json({"address": "10.1.2.9"}), client)
    assert (told.status, told.document["erl"]) == (200, "spf-2")
    assert told.document["elins"] == ["2175550122", "2175550121"]


def test_a_record_whose_reply_was_lost_is_kept_once(published: LocalCloud) -> None:
    files = published.edge_certificate(EDGE)
    alias = published.addresses.role_aliases[0]
    keys = keys_of(published.addresses.credentials, alias, EDGE, files)
    url = f"{published.addresses.http}/v1/edges/{EDGE}/records"
    started = record(at=datetime.now(UTC), bound_at=datetime.now(UTC))
    body = _json({"records": [{"type": "call", **to_document(started)}]})
    published.control.drop_first_reply("POST /v1/edges/{edge}/records")
    with pytest.raises(http.client.RemoteDisconnected):
        ask("POST", url, body, signed("POST", url, body, keys))
    again = ask("POST", url, body, signed("POST", url, body, keys))
    assert again.document == {"taken": [started.id], "refused": []}
    call = f"{published.addresses.http}/v1/calls/{started.call}"
    told = ask("GET", call, headers=bearer(published.admin_token()))
    assert told.body.count(started.id.encode()) == 1


def test_no_log_of_a_function_names_the_caller(published: LocalCloud) -> None:
    logs = [path.read_text() for path in Path(published.addresses.logs).iterdir()]
    assert any(logs)
    for text in logs:
        assert not any(word in text for word in ("Homer", "2175550177", "homer@", "EVERGREEN"))


def _ended(told: Told) -> bool:
    state = told.document["state"]
    assert state != "failed", told.body
    return bool(state == "done")


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()
