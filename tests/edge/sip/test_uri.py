"""URIs as platforms write them: parameters on both sides of the host, E.164 with dots, URNs."""

from __future__ import annotations

import pytest

from edge_agent.sip.grammar import MalformedMessage
from edge_agent.sip.uri import Uri, bracketed


def test_lyncs_request_uri_gives_the_digits_and_its_phone_context() -> None:
    uri = Uri.parse("sip:911;phone-context=Springfield@10.9.8.7;user=phone")
    assert (uri.user, uri.host, uri.port) == ("911", "10.9.8.7", None)
    assert uri.user_params == (("phone-context", "Springfield"),)
    assert uri.param("user") == "phone"
    assert uri.literal_host == "10.9.8.7"


def test_a_user_is_unescaped_and_loses_its_password() -> None:
    assert Uri.parse("SIP:%39%31%31:secret@Host.Example:5061").user == "911"
    assert Uri.parse("sip:+14255550101@h?Priority=x").user == "+14255550101"


def test_a_tel_uri_has_its_number_as_user_and_its_own_parameters() -> None:
    uri = Uri.parse("tel:+1-425-555-0101;ext=77")
    assert (uri.scheme, uri.user, uri.param("ext")) == ("tel", "+1-425-555-0101", "77")
    assert not uri.is_sip


def test_a_service_urn_keeps_all_of_its_text() -> None:
    assert Uri.parse("urn:service:sos.police").user == "service:sos.police"


def test_ipv6_stands_in_brackets_and_is_an_address() -> None:
    uri = Uri.parse("sip:[2001:db8::1]:5060;transport=tcp")
    assert (uri.literal_host, uri.port, uri.param("transport")) == ("2001:db8::1", 5060, "tcp")
    assert (bracketed("2001:db8::1"), bracketed("h")) == ("[2001:db8::1]", "h")


def test_a_name_is_no_address_and_nothing_here_resolves_it() -> None:
    assert Uri.parse("sip:gw.contoso.example").literal_host is None


@pytest.mark.parametrize(
    "text", ["", "sip:", "sip:a@h:99999", "sip:a@h:0", "911", "sip:a b@", ":x"]
)
def test_what_is_no_uri_is_refused(text: str) -> None:
    with pytest.raises(MalformedMessage):
        Uri.parse(text)
    assert Uri.read(text) is None


def test_a_uri_is_sent_as_it_came_and_can_be_stripped_to_whom_it_names() -> None:
    text = "sip:ana%20b@contoso.example:5061;opaque=user:epid:X;gruu"
    assert str(Uri.parse(text)) == text
    assert Uri.parse(text).bare() == "sip:ana%20b@contoso.example:5061"
    assert Uri.parse("tel:+1425;ext=1").bare() == "tel:+1425"
    assert str(Uri("sip", "911", "h", 5070, (("lr", ""),))) == "sip:911@h:5070;lr"
    assert str(Uri("tel", "911")) == "tel:911"
