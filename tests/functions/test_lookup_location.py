"""A phone is told where it is, its address and the ELINs of its ERL."""

from __future__ import annotations

import pytest

from e911.pidf import read_pidf
from tests.functions.gateway import CLIENT, EDGE, Answer, ask

pytestmark = pytest.mark.usefixtures("published")


def where(body: object) -> Answer:
    return ask("lookup_location", "POST", "/v1/location", body, who=CLIENT)


def test_a_subnet_is_answered_with_a_pidf_lo_and_the_elins() -> None:
    answer = where({"address": "10.1.2.77"})
    assert (answer.status, answer.body["erl"], answer.body["how"]) == (200, "spf-2", "subnet")
    assert answer.body["elins"] == ["2175550122", "2175550121"]
    location = read_pidf(answer.body["pidf"].encode())
    assert location.civic is not None
    assert location.civic.LOC == "FLR 2"


def test_an_edge_may_ask_for_a_phone() -> None:
    path = "/v1/edges/edge-springfield/location"
    answer = ask("lookup_location", "POST", path, {"bssid": "00:11:22:33:44:55"}, who=EDGE)
    assert (answer.body["erl"], answer.body["how"]) == ("spf-1", "bssid")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"address": "192.0.2.1"}, 404),
        ({}, 404),
        ({"address": "ten"}, 422),
        ({"address": 7}, 422),
        ({"address": "10.1.2.3", "contact": "sip:homer\x00@pbx.example"}, 422),
        ({"colour": "red"}, 422),
        ({"bssid": "0" * 65}, 422),
        ([], 422),
    ],
)
def test_what_cannot_be_answered_says_why(body: object, status: int) -> None:
    answer = where(body)
    assert answer.status == status
    assert set(answer.body) == {"error", "detail"}
