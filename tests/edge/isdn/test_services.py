"""Services of the network, carriers, and digits of codeset 6."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn import elements
from edge_agent.isdn.elements import (
    Facility,
    GenericDigits,
    MalformedElement,
    NetworkFacility,
    TransitNetwork,
)

CODE = st.text("0123456789", min_size=1, max_size=6)


@given(code=CODE, plan=st.integers(0, 127), asked=st.binary(min_size=1, max_size=8))
def test_a_service_of_a_named_network_is_read_as_written(
    code: str, plan: int, asked: bytes
) -> None:
    said = NetworkFacility(asked, code, plan)
    assert elements.read_network_facility(elements.network_facility(said).content) == said


def test_a_service_of_the_network_on_the_line_names_none() -> None:
    said = NetworkFacility(b"\xe6")
    assert elements.network_facility(said).content == b"\x00\xe6"
    assert elements.read_network_facility(b"\x00\xe6") == said


@pytest.mark.parametrize("content", ["", "00", "04a132", "03a13238"])
def test_a_service_that_is_cut_off_is_malformed(content: str) -> None:
    with pytest.raises(MalformedElement):
        elements.read_network_facility(bytes.fromhex(content))


@given(code=CODE, plan=st.integers(0, 127))
def test_a_carrier_is_read_as_written(code: str, plan: int) -> None:
    said = TransitNetwork(code, plan)
    assert elements.read_transit_network(elements.transit_network(said).content) == said


@given(profile=st.integers(0, 127), components=st.binary(max_size=200))
def test_a_facility_is_passed_on_unread(profile: int, components: bytes) -> None:
    said = Facility(profile, components)
    assert elements.read_facility(elements.facility(said).content) == said


def test_the_line_that_calls_is_of_a_kind() -> None:
    assert elements.read_originating_line(b"\x3d") == 61


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("44 34 32 35", GenericDigits(4, "425")),
        ("04 24 05", GenericDigits(4, "4250")),
        ("20 24 05", GenericDigits(0, "425")),
    ],
    ids=["ia5", "bcd-even", "bcd-odd"],
)
def test_digits_come_in_three_codes(content: str, read: GenericDigits) -> None:
    assert elements.read_generic_digits(bytes.fromhex(content)) == read


def test_binary_digits_are_not_read() -> None:
    with pytest.raises(MalformedElement):
        elements.read_generic_digits(b"\x64\x01")
