"""Who talks to us: the best match of address, port and network, and nobody else."""

from __future__ import annotations

from ipaddress import ip_network

from edge_agent.sip.config import EndpointConfig, Remote, RemoteTable, Role
from edge_agent.sip.flash import FLASH_BODIES
from edge_agent.sip.outputs import Destination, Source

LAN = ip_network("10.1.0.0/16")
FLOOR = ip_network("10.1.2.0/24")
TABLE = RemoteTable(
    (
        Remote("a", Role.PLATFORM, "127.0.0.1", 5061),
        Remote("b", Role.TRUNK, "127.0.0.1", 5062),
        Remote("lan", Role.PLATFORM, "sbc.example", networks=(LAN,)),
        Remote("floor", Role.PLATFORM, "192.0.2.3", networks=(FLOOR, ip_network("2001:db8::/32"))),
    )
)


def who(host: str, port: int = 5060, sent_by_port: int | None = None) -> str | None:
    remote = TABLE.of(Source("udp", host, port), sent_by_port)
    return None if remote is None else remote.id


def test_remotes_that_share_an_address_are_told_apart_by_port_then_by_via() -> None:
    assert (who("127.0.0.1", 5061), who("127.0.0.1", 5062)) == ("a", "b")
    assert who("127.0.0.1", 40000, 5062) == "b"
    assert who("127.0.0.1", 40000) == "a"


def test_the_smallest_network_wins_and_families_do_not_mix() -> None:
    assert (who("10.1.2.3"), who("10.1.9.9"), who("2001:db8::1")) == ("floor", "lan", "floor")
    assert (who("10.2.0.1"), who("::1"), who("not-an-address")) == (None, None, None)


def test_where_a_remote_is_and_what_its_addresses_end_in() -> None:
    remote = Remote("x", Role.TRUNK, "2001:db8::9", 5070, "tcp")
    assert remote.destination == Destination("tcp", "2001:db8::9", 5070)
    assert remote.realm == "[2001:db8::9]:5070"
    assert Remote("y", Role.TRUNK, "h", domain="d.example").realm == "d.example"
    assert Remote("z", Role.TRUNK, "h").realm == "h"


def test_a_flash_goes_by_info_in_a_spelling_that_there_is() -> None:
    config = EndpointConfig("192.0.2.1", 5060, 5060, "h")
    assert config.flash == "info"
    assert config.flash_form in FLASH_BODIES


def test_our_own_realm() -> None:
    assert EndpointConfig("192.0.2.1", 5060, 5060, "h").realm == "192.0.2.1"
    assert EndpointConfig("h", 1, 1, "h", domain="edge.example").realm == "edge.example"
