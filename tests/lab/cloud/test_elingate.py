"""Elingate in the local cloud, by HTTP alone: from a draft to what an edge may read and tell."""

from __future__ import annotations

import http.client
import json
import queue
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import pytest
from standardwebhooks import Webhook

from e911.wire import to_document
from lab.cloud import LocalCloud
from lab.cloud.identity import CertificateAuthority
from lab.cloud.web import LoopbackServer, Reply, Request
from tests.cloud.calls_of import record
from tests.cloud.places import DRAFTS
from tests.lab.asking import Told, ask, bearer, keys_of, signed, until

TEMPLATE = Path(__file__).parents[3] / "template.yaml"
EDGE = "edge-springfield"


class Desk:
    """A security desk that takes webhooks over https."""

    def __init__(self, folder: Path) -> None:
        own = CertificateAuthority(folder, "Desk").issue("localhost", server=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(own.certificate, own.key)
        self.ca = own.ca.read_text()
        self.taken: queue.Queue[Request] = queue.Queue()
        self.server = LoopbackServer(self._take, tls=tls).start()
        self.url = f"https://localhost:{self.server.server_port}/hook"

    def _take(self, request: Request) -> Reply:
        self.taken.put(request)
        return Reply(204)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    running = Desk(tmp_path_factory.mktemp("desk"))
    yield running
    running.server.stop()


@pytest.fixture(scope="module")
def elingate(desk: Desk) -> Iterator[LocalCloud]:
    with LocalCloud.start(TEMPLATE, parameters={"WebhookCaBundle": desk.ca}) as cloud:
        headers = bearer(cloud.admin_token())
        target = {**DRAFTS["target", "spf-desk"], "address": desk.url}
        for (kind, row), body in {**DRAFTS, ("target", "spf-desk"): target}.items():
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


def test_the_desk_is_told_by_a_signed_webhook(published: LocalCloud, desk: Desk) -> None:
    admin = bearer(published.admin_token())
    secret = ask(
        "POST", f"{published.addresses.http}/v1/webhooks/spf-desk/secret", b"{}", admin
    ).document["secret"]
    utc = datetime.now(UTC)
    call = record(call=f"{EDGE}-b1-2", incident=f"{EDGE}-b1-i2", at=utc, bound_at=utc)
    files = published.edge_certificate(EDGE)
    alias = published.addresses.role_aliases[0]
    keys = keys_of(published.addresses.credentials, alias, EDGE, files)
    url = f"{published.addresses.http}/v1/edges/{EDGE}/records"
    body = _json({"records": [{"type": "call", **to_document(call)}]})
    assert ask("POST", url, body, signed("POST", url, body, keys)).status == 200
    while call.incident.encode() not in (taken := desk.taken.get(timeout=10)).body:
        pass
    Webhook(secret).verify(taken.body, dict(taken.headers))


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
