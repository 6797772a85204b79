"""Clues are matched in one spelling, and the longest prefix wins, in both families."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.errors import InvalidDocument
from e911.hints import (
    ElementKind,
    IpAddress,
    IpNetwork,
    PrefixTable,
    element_key,
    fold_mac,
    read_address,
    read_network,
)


@pytest.mark.parametrize(
    "text",
    ["0A1B2C3D4E5F", "0a:1b:2c:3d:4e:5f", "0A-1B-2C-3D-4E-5F", "0a1b.2c3d.4e5f", " 0a1b2c 3d4e5f"],
)
def test_a_mac_address_has_one_spelling(text: str) -> None:
    assert fold_mac(text) == "0a-1b-2c-3d-4e-5f"


def test_what_is_no_mac_is_only_lowered() -> None:
    assert fold_mac(" Switch-7.Example ") == "switch-7.example"


def test_an_address_mapped_into_v6_is_the_v4_address() -> None:
    assert read_address("::ffff:10.1.2.3") == IPv4Address("10.1.2.3")
    assert read_address(" 2001:db8::1 ") == IPv6Address("2001:db8::1")


def test_a_bad_address_names_its_field() -> None:
    with pytest.raises(InvalidDocument) as refused:
        read_address("10.1.2", "hint.address")
    assert refused.value.field == "hint.address"


def test_a_host_entered_as_a_network_is_told_the_network_it_is_in() -> None:
    """The commonest mistake with subnets: a client's address instead of the network's."""
    with pytest.raises(InvalidDocument) as refused:
        read_network("10.10.10.150/25", "value")
    assert refused.value.reason == "is a host in the network 10.10.10.128/25"


@pytest.mark.parametrize("text", ["", "floor 2", "10.1.0.0/33", "10.1/16", "10.1.0.0/16/8"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(InvalidDocument, match="CIDR"):
        read_network(text)


def test_elements_are_keyed_by_one_spelling() -> None:
    port = element_key(ElementKind.PORT, "00:11:22:33:44:55|Gi1/0/7 ")
    assert port == "00-11-22-33-44-55|gi1/0/7"
    assert element_key(ElementKind.BSSID, "0A1B2C3D4E5F") == "0a-1b-2c-3d-4e-5f"
    assert element_key(ElementKind.SWITCH, "SW-7") == "sw-7"
    assert element_key(ElementKind.SUBNET, " 10.1.2.0/24 ") == "10.1.2.0/24"


def _networks(bits: int, kind: type[IPv4Address | IPv6Address]) -> st.SearchStrategy[IpNetwork]:
    # Few distinct high bits, so that networks really contain each other and the addresses.
    numbers = st.integers(0, 15).map(lambda n: n << (bits - 4)) | st.integers(0, 2**bits - 1)
    lengths = st.sampled_from([0, 1, 2, 3, 4, 8, bits // 2, bits - 1, bits])
    return st.builds(
        lambda n, length: ip_network((kind(n), length), strict=False), numbers, lengths
    )


V4 = _networks(32, IPv4Address)
V6 = _networks(128, IPv6Address)


def longest(networks: dict[IpNetwork, int], address: IpAddress) -> int | None:
    """The same by brute force: look at all, keep the longest."""
    holding = [network for network in networks if address in network]
    best = max(holding, key=lambda network: network.prefixlen, default=None)
    return None if best is None else networks[best]


@given(st.lists(V4 | V6, max_size=30), st.lists(V4 | V6, min_size=1, max_size=10))
def test_longest_prefix_agrees_with_looking_at_all(
    networks: list[IpNetwork], probes: list[IpNetwork]
) -> None:
    listed = {network: n for n, network in enumerate(networks)}
    table: PrefixTable[int] = PrefixTable()
    for n, network in enumerate(networks):
        table.add(network, n)
    for probe in [*probes, *networks]:
        for address in (probe.network_address, probe.broadcast_address):
            assert table.find(address) == longest(listed, address)


def test_a_value_that_is_false_is_still_found() -> None:
    table: PrefixTable[str] = PrefixTable()
    table.add(read_network("10.0.0.0/8"), "")
    assert table.find(IPv4Address("10.1.1.1")) == ""


def test_families_do_not_meet() -> None:
    table: PrefixTable[str] = PrefixTable()
    table.add(read_network("::/0"), "six")
    assert table.find(IPv4Address("10.1.1.1")) is None


def test_a_network_is_found_by_itself_and_not_by_its_neighbours() -> None:
    table: PrefixTable[str] = PrefixTable()
    table.add(read_network("10.1.0.0/16"), "campus")
    assert table.get(read_network("10.1.0.0/16")) == "campus"
    assert table.get(read_network("10.1.0.0/24")) is None
    assert table.get(read_network("10.0.0.0/15")) is None
    table.add(read_network("10.1.0.0/16"), "sold")
    assert table.get(read_network("10.1.0.0/16")) == "sold"
