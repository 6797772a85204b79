"""Who calls, what was dialled, from where: every platform's spelling of it."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from e911.numbers import Caller, Did
from edge_agent.sip.config import Remote, Role
from edge_agent.sip.invite import (
    is_marked,
    read_address,
    read_body,
    read_caller,
    read_dialled,
    reads_as_emergency,
)
from edge_agent.sip.message import Headers, Request
from edge_agent.sip.outputs import Source

SOURCE = Source("udp", "10.1.2.3", 5060)


def caller(**headers: str) -> Caller:
    lines = [(name.replace("_", "-").lower(), value) for name, value in headers.items()]
    return read_caller(Headers(lines), "p")


@pytest.mark.parametrize(
    ("uri", "dialled"),
    [
        ("sip:911;phone-context=Springfield@10.9.8.7;user=phone", "911"),
        ("sip:+911@gw.contoso.example;user=phone", "+911"),
        ("sip:911@sbc.contoso.example:5061;user=phone;transport=tls", "911"),
        ("sip:9911@h", "9911"),
        ("tel:911;phone-context=+1", "911"),
        ("urn:service:sos", "urn:service:sos"),
        ("urn:service:sos.fire", "urn:service:sos.fire"),
        ("sip:911@[broken", "911"),
        ("sip:h", ""),
        ("rubbish", ""),
    ],
)
def test_what_was_dialled(uri: str, dialled: str) -> None:
    assert read_dialled(uri) == dialled


def test_a_tel_identity_gives_the_number_and_a_sip_one_the_contact() -> None:
    found = caller(
        P_Asserted_Identity='"Ana B" <sip:ana@contoso.example>, <tel:+1-425-555-0199;ext=77>',
        From="<sip:+14255550100@contoso.example>;tag=1",
    )
    assert found == Caller("sip:ana@contoso.example", Did("4255550199"), "77", "Ana B", "p")


def test_without_an_asserted_identity_from_has_to_serve() -> None:
    found = caller(From='"Bo" <sip:2001@pbx.example;user=phone>;tag=1')
    assert found == Caller("sip:2001@pbx.example;user=phone", None, "2001", "Bo", "p")


def test_an_anonymous_from_yields_to_the_contact() -> None:
    found = caller(
        From='"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1',
        Contact="<sip:2001@10.1.2.3:5070;transport=tcp>",
    )
    assert found == Caller("sip:2001@10.1.2.3:5070;transport=tcp", peer="p")


def test_a_gruu_is_the_best_way_back() -> None:
    gruu = "sip:ana@contoso.example;opaque=user:epid:X;gruu"
    assert caller(From="<sip:ana@contoso.example>", Contact=f"<{gruu}>").contact == gruu


def test_teams_from_is_a_number_at_microsoft() -> None:
    found = caller(From="<sip:+14255550111@sip.pstnhub.microsoft.com;user=phone>;tag=1")
    assert found.number == Did("4255550111")
    assert found.contact == "sip:+14255550111@sip.pstnhub.microsoft.com;user=phone"


def test_nobody_is_a_caller_too() -> None:
    assert caller() == Caller("", peer="p")
    assert caller(From="<<<", Contact="*", P_Asserted_Identity="rubbish") == Caller("", peer="p")


def test_a_name_that_is_no_utf8_can_still_be_written_anywhere() -> None:
    found = caller(From=b'"A\xff\x07" <sip:a@h>'.decode("utf-8", "surrogateescape"))
    assert found.name == "A\ufffd"


def test_the_phones_address_comes_from_the_header_that_the_platform_is_known_for() -> None:
    remote = Remote("p", Role.PLATFORM, "h", address_header="X-Phone-IP")
    request = Request(
        "INVITE", "x", Headers([("x-phone-ip", "10.7.7.7"), ("via", "SIP/2.0/UDP h")])
    )
    assert read_address(request, remote, SOURCE) == ip_address("10.7.7.7")
    assert read_address(Request("INVITE", "x"), remote, SOURCE) is None


def test_the_source_is_the_phones_address_only_where_phones_talk_to_us() -> None:
    phones = Remote("p", Role.PLATFORM, "h", callers_are_phones=True)
    request = Request("INVITE", "x", Headers([("via", "SIP/2.0/UDP 10.1.2.3")]))
    assert read_address(request, phones, SOURCE) == ip_address("10.1.2.3")
    assert read_address(request, Remote("p", Role.PLATFORM, "h"), SOURCE) is None
    vias = "SIP/2.0/UDP proxy, SIP/2.0/UDP 10.8.8.8;received=10.9.9.9"
    proxied = Request("INVITE", "x", Headers([("via", vias)]))
    assert read_address(proxied, phones, SOURCE) == ip_address("10.9.9.9")


def test_what_reads_as_an_emergency_is_borne_with() -> None:
    plain = Request("INVITE", "x")
    marked = Request("INVITE", "x", Headers([("priority", " Emergency ")]))
    assert is_marked(marked.headers)
    assert not is_marked(plain.headers)
    for dialled in ("911", "+911", "112", "9911", "urn:service:sos.police"):
        assert reads_as_emergency(plain, dialled, has_location=False)
    assert reads_as_emergency(marked, "alice", has_location=False)
    assert reads_as_emergency(plain, "alice", has_location=True)
    assert not reads_as_emergency(plain, "4255550100", has_location=False)


def test_a_geolocation_that_points_at_nothing_is_a_fault() -> None:
    headers = Headers([("geolocation", "<cid:a@h>"), ("content-type", "multipart/mixed")])
    assert read_body(Request("INVITE", "x", headers, b"rubbish")).fault
    assert not read_body(Request("INVITE", "x", Headers(), b"")).fault
