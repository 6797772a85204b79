"""Name-addr, Via, CSeq and Reason in the spellings that peers really send."""

from __future__ import annotations

import pytest

from edge_agent.sip.grammar import MalformedMessage
from edge_agent.sip.headers import CSeq, NameAddr, Via, identities, q850_cause, tag_of
from edge_agent.sip.message import Headers


def test_lyncs_from_has_no_blank_before_the_bracket_and_an_epid() -> None:
    address = NameAddr.parse('"Ana B"<sip:ana@contoso.example>;epid=1A2B;tag=77aa')
    assert (address.name, address.uri.user) == ("Ana B", "ana")
    assert address.params == (("epid", "1A2B"), ("tag", "77aa"))


def test_without_brackets_the_parameters_belong_to_the_header() -> None:
    address = NameAddr.parse("sip:ana@contoso.example;tag=1")
    assert address.uri.params == ()
    assert address.params == (("tag", "1"),)


def test_a_name_without_quotes_and_an_escaped_one() -> None:
    assert NameAddr.parse("Ana B <sip:a@h>").name == "Ana B"
    assert NameAddr.parse('"A \\"x\\" B" <sip:a@h>').name == 'A "x" B'


@pytest.mark.parametrize("text", ["", "<>", '"x" <911>', "Ana"])
def test_an_address_without_a_uri_is_refused(text: str) -> None:
    assert NameAddr.read(text) is None


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("<sip:a@h>;tag=x", "x"),
        ("<sip:a@h;tag=uri> ; TAG = y;epid=1", "y"),
        ("sip:a@h;tag=z", "z"),
        ("<broken;tag=q", "q"),
        ("<sip:a@h>", ""),
    ],
)
def test_a_tag_is_found_even_in_a_broken_address(text: str, tag: str) -> None:
    assert tag_of(text) == tag


def test_via_with_blanks_ipv6_and_rport() -> None:
    via = Via.parse("SIP / 2.0 / UDP  [2001:db8::9] : 5070 ;branch=z9hG4bK1;rport")
    assert (via.transport, via.host, via.port) == ("udp", "[2001:db8::9]", 5070)
    assert (via.branch, via.param("rport"), via.sent_by) == ("z9hG4bK1", "", "[2001:db8::9]:5070")
    assert Via.parse("SIP/2.0/TCP h").sent_by == "h:5060"


@pytest.mark.parametrize("text", ["", "SIP/2.0/UDP", "HTTP/1.1 h", "SIP/2.0/UDP h:0"])
def test_a_via_without_a_sender_is_refused(text: str) -> None:
    with pytest.raises(MalformedMessage):
        Via.parse(text)


def test_cseq_is_a_number_below_two_to_the_31_and_a_method() -> None:
    assert CSeq.parse(" 0009  INVITE ") == CSeq(9, "INVITE")
    for text in ("INVITE", "1", "2147483648 BYE", "-1 BYE", ""):
        with pytest.raises(MalformedMessage):
            CSeq.parse(text)


def test_the_q850_cause_is_found_among_other_reasons() -> None:
    headers = Headers([("reason", 'SIP;cause=200, Q.850 ;text="x";cause=34')])
    assert q850_cause(headers) == 34
    assert q850_cause(Headers([("reason", "Q.850;cause=200")])) is None
    assert q850_cause(Headers()) is None


def test_unreadable_identities_are_passed_over() -> None:
    headers = Headers([("p-asserted-identity", "<broken>, <tel:+14255550101>")])
    assert [identity.uri.user for identity in identities(headers)] == ["+14255550101"]
