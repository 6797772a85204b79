"""The gateway answers what API Gateway answers, and fails in the ways that the story asks for."""

import http.client
import socket
from urllib.parse import urlsplit

import boto3
import pytest

from lab.cloud import LocalCloud
from lab.cloud.errors import LabCloudError
from tests.lab.asking import ask, bearer


def test_a_request_arrives_as_payload_two(cloud: LocalCloud) -> None:
    url = f"{cloud.addresses.http}/things/sip%3Aa%40b?x=1&x=%20&y="
    headers = bearer(cloud.admin_token(), Cookie="a=1; b=2")
    event = ask("PUT", url, "é".encode(), headers).document
    assert event["routeKey"] == "ANY /things/{thing}"
    assert event["rawPath"] == "/things/sip:a@b"  # HTTP APIs decode it
    assert event["rawQueryString"] == "x=1&x=%20&y="
    assert event["queryStringParameters"] == {"x": "1, ", "y": ""}
    assert event["pathParameters"] == {"thing": "sip:a@b"}
    assert event["cookies"] == ["a=1", "b=2"]
    assert (event["body"], event["isBase64Encoded"]) == ("é", False)


def test_a_body_that_is_no_text_arrives_in_base64(cloud: LocalCloud) -> None:
    url = f"{cloud.addresses.http}/things/x"
    event = ask("POST", url, b"\xff\x00", bearer(cloud.admin_token())).document
    assert (event["body"], event["isBase64Encoded"]) == ("/wA=", True)


def test_an_exact_route_goes_before_a_parameter(cloud: LocalCloud) -> None:
    headers = bearer(cloud.admin_token())
    told = ask("GET", f"{cloud.addresses.http}/things/known", headers=headers)
    assert told.document["routeKey"] == "GET /things/known"
    told = ask("POST", f"{cloud.addresses.http}/things/known", headers=headers)
    assert told.document["routeKey"] == "ANY /things/{thing}"


def test_what_the_gateway_answers_by_itself(cloud: LocalCloud) -> None:
    headers = bearer(cloud.admin_token())
    url = f"{cloud.addresses.http}/things/x"
    assert ask("GET", f"{cloud.addresses.http}/nowhere", headers=headers).status == 404
    assert ask("DELETE", f"{cloud.addresses.http}/location", headers=headers).status == 404
    assert ask("POST", url, b"x" * (6 * 1024 * 1024 + 1), headers).status == 413
    failed = ask("GET", url, headers={**headers, "x-act": "fail"})
    assert (failed.status, failed.document) == (500, {"message": "Internal Server Error"})


def test_a_function_that_is_too_slow_is_ended_and_lives_again(cloud: LocalCloud) -> None:
    headers = bearer(cloud.admin_token())
    url = f"{cloud.addresses.http}/things/x"
    assert ask("GET", url, headers={**headers, "x-act": "linger"}).status == 503
    assert ask("GET", url, headers=headers).status == 201


def test_the_first_reply_is_dropped_though_the_function_ran(cloud: LocalCloud) -> None:
    url = f"{cloud.addresses.http}/things/x"
    headers = bearer(cloud.admin_token(), **{"x-act": "keep", "x-key": "dropped"})
    cloud.control.drop_first_reply("ANY /things/{thing}")
    with pytest.raises(http.client.RemoteDisconnected):
        ask("POST", url, headers=headers)
    table = boto3.client(
        "dynamodb",
        region_name=cloud.addresses.region,
        endpoint_url=cloud.addresses.moto,
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    name = cloud.addresses.resources["Things"]
    assert "Item" in table.get_item(TableName=name, Key={"pk": {"S": "dropped"}})
    assert cloud.control.seen()[-1] == {
        "route": "ANY /things/{thing}",
        "status": 201,
        "dropped": True,
    }
    assert ask("POST", url, headers=headers).status == 201


def test_the_reply_of_one_path_alone_can_be_dropped(cloud: LocalCloud) -> None:
    url, headers = f"{cloud.addresses.http}/things", bearer(cloud.admin_token())
    cloud.control.drop_first_reply("POST /things/mine")
    assert ask("POST", f"{url}/other", headers=headers).status < 300
    with pytest.raises(http.client.RemoteDisconnected):
        ask("POST", f"{url}/mine", headers=headers)
    assert ask("POST", f"{url}/mine", headers=headers).status < 300


def test_a_route_that_is_not_there_cannot_be_dropped(cloud: LocalCloud) -> None:
    with pytest.raises(LabCloudError, match="no route"):
        cloud.control.drop_first_reply("POST /nowhere")


def test_the_gateway_refuses_swallows_and_is_back(cloud: LocalCloud) -> None:
    url, headers = f"{cloud.addresses.http}/things/x", bearer(cloud.admin_token())
    before = len(cloud.control.seen())
    try:
        cloud.control.refuse()
        with pytest.raises(ConnectionRefusedError):
            ask("GET", url, headers=headers)
        cloud.control.swallow()
        with pytest.raises(TimeoutError):
            ask("GET", url, headers=headers, timeout_s=0.3)
    finally:
        cloud.control.normal()
    assert ask("GET", url, headers=headers).status == 201
    assert len(cloud.control.seen()) == before + 1


def test_refusing_cuts_the_connections_that_are_open(cloud: LocalCloud) -> None:
    parts = urlsplit(cloud.addresses.http)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 5) as connection:
        connection.sendall(b"GET /things/x HTTP/1.1\r\nHost: x\r\n")
        try:
            cloud.control.refuse()
            assert _is_cut(connection)
        finally:
            cloud.control.normal()


def _is_cut(connection: socket.socket) -> bool:
    """Ended or reset, whichever the peer was in the middle of."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
