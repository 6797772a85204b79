"""SIP messages as the lab reads them: compact names, folded lines, tags, and no message at all."""

from __future__ import annotations

from lab.phones import sip_message
from lab.phones.sip_message import param, request, response, uri_of, user_of

INVITE = (
    b"INVITE sip:ana@example.com;gruu SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKabc;rport\r\n"
    b'f: "Ana; the \\"first\\"" <sip:911@gateway.example;user=phone>;tag=77aa\r\n'
    b"t: <sip:ana@example.com>\r\n"
    b"i: one@two\r\n"
    b"CSeq: 3 INVITE\r\n"
    b"Priority:\r\n psap-callback\r\n"
    b"l: 3\r\n\r\nv=0"
)


def test_a_request_is_read_in_any_spelling() -> None:
    message = sip_message.read(INVITE)
    assert message is not None
    assert (message.method, message.uri) == ("INVITE", "sip:ana@example.com;gruu")
    assert message.cseq == (3, "INVITE")
    assert message.branch == "z9hG4bKabc"
    assert message.tag("from") == "77aa"
    assert message.tag("to") == ""
    assert message.get("PRIORITY") == "psap-callback"
    assert message.body == b"v=0"


def test_a_response_says_back_what_identifies_the_request() -> None:
    message = sip_message.read(INVITE)
    assert message is not None
    said = response(message, 180, "Ringing", "55bb", [("Contact", "<sip:x@127.0.0.1>")])
    heard = sip_message.read(said.render())
    assert heard is not None
    assert (heard.status, heard.reason, heard.method) == (180, "Ringing", "INVITE")
    assert heard.branch == message.branch
    assert heard.get("call-id") == "one@two"
    assert heard.tag("to") == "55bb"
    assert not heard.is_request


def test_a_tag_that_is_there_is_kept() -> None:
    asked = request("BYE", "sip:x", [("To", "<sip:x>;tag=old"), ("CSeq", "4 BYE")])
    assert response(asked, 200, "OK", "new").tag("to") == "old"


def test_what_is_written_counts_its_body() -> None:
    data = request(
        "MESSAGE", "sip:desk@127.0.0.1", [("CSeq", "1 MESSAGE")], "Größe".encode()
    ).render()
    assert b"Content-Length: 7\r\n\r\n" in data


def test_a_datagram_that_is_no_message_is_none() -> None:
    assert sip_message.read(b"\r\n\r\n") is None
    assert sip_message.read(b"GET / HTTP/1.1\r\n\r\n") is None


def test_the_parts_of_an_address() -> None:
    value = '"A" <sip:ana@example.com;user=phone>;tag=1;epid=2'
    assert uri_of(value) == "sip:ana@example.com;user=phone"
    assert uri_of("sip:ana@example.com;tag=1") == "sip:ana@example.com"
    assert user_of("sip:911;phone-context=x@10.0.0.1") == "911"
    assert user_of("tel:+14255550100") == "+14255550100"
    assert (param(value, "epid"), param(value, "user")) == ("2", "")
