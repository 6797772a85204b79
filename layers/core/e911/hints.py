"""What the network says about where a phone is: each clue has a kind, a spelling and a way to
match.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Generic, TypeVar

from e911.errors import InvalidDocument

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network
V = TypeVar("V")


class ElementKind(StrEnum):
    """Kinds of network element, in the order in which they are believed (Lync and Teams alike)."""

    BSSID = "bssid"
    PORT = "port"
    SWITCH = "switch"
    SUBNET = "subnet"


@dataclass(frozen=True, slots=True)
class LocationHint:
    """The clues that one request carries; each is optional, none is trusted beyond its rank."""

    bssid: str = ""
    """Access point, folded by :func:`fold_mac`."""
    chassis: str = ""
    """LLDP chassis id of the switch, folded by :func:`fold_mac` where it is a MAC address."""
    port: str = ""
    """LLDP port id on that switch."""
    address: IpAddress | None = None
    """The phone's own IP address; matched by longest prefix."""


def fold_mac(text: str) -> str:
    """A MAC address in one spelling (``0a-1b-2c-3d-4e-5f``); other text comes back stripped and
    lower-cased.
    """
    bare = re.sub(r"[\s:.\-]", "", text).lower()
    if re.fullmatch(r"[0-9a-f]{12}", bare):
        return "-".join(bare[i : i + 2] for i in range(0, 12, 2))
    return text.strip().lower()


def read_address(text: str, field: str = "address") -> IpAddress:
    """An IP address from text; a v4 address mapped into v6 comes back as v4.

    Raises:
        InvalidDocument: the text is no IP address; ``field`` is named.
    """
    try:
        address = ip_address(text.strip())
    except ValueError as error:
        raise InvalidDocument(field, "not an IP address") from error
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def read_network(text: str, field: str = "network") -> IpNetwork:
    """A network from its CIDR text, which must be the network's own address and not a host's in it.

    Raises:
        InvalidDocument: no CIDR, or host bits are set; ``field`` is named.
    """
    try:
        return ip_network(text.strip())
    except ValueError as error:
        if "host bits" in str(error):
            fitting = ip_network(text.strip(), strict=False)
            raise InvalidDocument(field, f"is a host in the network {fitting}") from error
        raise InvalidDocument(field, "is not a network in CIDR form") from error


def port_value(chassis: str, port: str) -> str:
    """The value of a switch-port element: ``chassis|port``, folded."""
    return f"{fold_mac(chassis)}|{port.strip().lower()}"


def element_key(kind: ElementKind, value: str) -> str:
    """One spelling for an element's value, whichever way it was written: what look-ups are keyed
    by.

    Raises:
        InvalidDocument: a subnet that is no network.
    """
    if kind is ElementKind.SUBNET:
        return str(read_network(value, "value"))
    if kind is ElementKind.PORT:
        chassis, _, port = value.partition("|")
        return port_value(chassis, port)
    return fold_mac(value)


class PrefixTable(Generic[V]):
    """Longest-prefix match over IPv4 and IPv6: one dict per prefix length that occurs.

    A look-up costs one shift and one dict access per occurring length, however many networks there
    are.
    """

    def __init__(self) -> None:
        self._v4: dict[int, dict[int, V]] = {}
        self._v6: dict[int, dict[int, V]] = {}

    def add(self, network: IpNetwork, value: V) -> None:
        """Give ``network`` a value; the last one given to the same network holds."""
        tables = self._v4 if network.version == 4 else self._v6
        shift = network.max_prefixlen - network.prefixlen
        table = tables.get(shift)
        if table is None:
            # Dicts keep their order: the smallest shift, which is the longest prefix, stays first.
            table = {}
            longest_first = sorted([*tables.items(), (shift, table)], key=lambda item: item[0])
            tables.clear()
            tables.update(longest_first)
        table[int(network.network_address) >> shift] = value

    def get(self, network: IpNetwork) -> V | None:
        """The value of exactly this network."""
        tables = self._v4 if network.version == 4 else self._v6
        shift = network.max_prefixlen - network.prefixlen
        return tables.get(shift, {}).get(int(network.network_address) >> shift)

    def find(self, address: IpAddress) -> V | None:
        """The value of the longest network that holds ``address``."""
        number = int(address)
        for shift, table in (self._v4 if address.version == 4 else self._v6).items():
            value = table.get(number >> shift)
            if value is not None:
                return value
        return None
