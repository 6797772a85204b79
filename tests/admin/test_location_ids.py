"""Ids that the cloud takes, the same each time, and never one for two things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.hints import ElementKind
from e911.places import CivicAddress
from e911_cloud.drafts import read_draft
from elingate_admin.location_ids import building_of, element_id, erl_id

HOME = CivicAddress(HNO="742", RD="Évergreen", STS="Ter", LOC="Flr 2", A3="Springfield")


def test_an_erl_is_named_after_its_address() -> None:
    assert erl_id("spf", HOME, ()) == "spf-742-evergreen-ter-flr-2"
    assert erl_id("spf", HOME, {"spf-742-evergreen-ter-flr-2"}) == "spf-742-evergreen-ter-flr-2-2"
    assert building_of(HOME) == "742 Évergreen Ter Springfield"


@given(st.text(max_size=60), st.text(max_size=20))
def test_the_cloud_takes_any_address_as_id(street: str, floor: str) -> None:
    id_ = erl_id("spf", CivicAddress(RD=street, LOC=floor), ())
    read_draft("erl", id_, _erl())


@pytest.mark.parametrize(
    ("kind", "value", "id_"),
    [
        (ElementKind.SUBNET, "10.1.2.0/24", "spf-subnet-10.1.2.0-24"),
        (ElementKind.BSSID, "0a-1b-2c-3d-4e-5f", "spf-bssid-0a-1b-2c-3d-4e-5f"),
        (ElementKind.PORT, "10.9.8.7|7", "spf-port-10.9.8.7|7"),
    ],
)
def test_an_element_is_named_after_its_value(kind: ElementKind, value: str, id_: str) -> None:
    assert element_id("spf", kind, value) == id_


@given(st.sets(st.text(min_size=1, max_size=80), min_size=2, max_size=2))
def test_two_ports_never_share_an_id(names: set[str]) -> None:
    one, other = (element_id("spf", ElementKind.PORT, f"10.9.8.7|{name}") for name in names)
    assert one != other
    body = {"branch": "spf", "element": "port", "value": "10.9.8.7|x", "erl": "f"}
    read_draft("element", one, body)


def _erl() -> dict[str, object]:
    civic = {"A1": "WA", "A3": "Springfield", "RD": "Main", "HNO": "1"}
    return {"branch": "spf", "name": "x", "civic": civic}
