"""What the network says about where a phone is: each clue has a kind, a spelling and a way to match."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address

from e911.errors import InvalidDocument

IpAddress = IPv4Address | IPv6Address


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
    """A MAC address in one spelling (``0a-1b-2c-3d-4e-5f``); other text comes back stripped and lower-cased."""
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
