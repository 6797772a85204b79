"""What we write: responses that find their way back, and headers that name nobody by accident."""

from __future__ import annotations

from edge_agent.sip.compose import (
    address_line,
    contact_line,
    path_of,
    reason_line,
    response_to,
    via_line,
    warning_line,
)
from edge_agent.sip.message import Request
from edge_agent.sip.outputs import Destination, Source
from edge_agent.sip.parser import read_message
from tests.edge.sip.scene import CONFIG, LYNC, request

UDP = Destination("udp", "192.0.2.9", 5060)
TCP = Destination("tcp", "192.0.2.9", 5060, 3)


def read(data: bytes) -> Request:
    message = read_message(data)
    assert isinstance(message, Request)
    return message


def test_a_response_goes_to_the_source_at_the_port_of_the_via() -> None:
    path = path_of(read(request(Via="SIP/2.0/UDP pc.example:5099;branch=z9hG4bK1, x")), LYNC)
    assert path.back == Destination("udp", LYNC.host, 5099)
    assert path.vias == ("SIP/2.0/UDP pc.example:5099;branch=z9hG4bK1;received=192.0.2.10", "x")


def test_rport_is_filled_in_and_followed() -> None:
    source = Source("udp", "192.0.2.10", 40000)
    path = path_of(read(request(Via="SIP/2.0/UDP 192.0.2.10;rport;branch=z9hG4bK1")), source)
    assert path.back == source
    assert path.vias == ("SIP/2.0/UDP 192.0.2.10;rport=40000;branch=z9hG4bK1;received=192.0.2.10",)


def test_on_a_stream_a_response_goes_back_on_its_connection() -> None:
    assert path_of(read(request()), TCP).back == TCP


def test_a_broken_via_is_echoed_and_the_source_serves() -> None:
    path = path_of(read(request(Via="rubbish")), LYNC)
    assert (path.vias, path.back, path.branch) == (("rubbish",), LYNC, "")


def test_a_response_copies_what_it_must_and_tags_to_once() -> None:
    invite = read(request())
    response = response_to(invite, path_of(invite, LYNC), 180, tag="t", extra=(("allow", "X"),))
    assert response.headers.get("to") == "<sip:911@192.0.2.1>;tag=t"
    assert response.headers.get("cseq") == "1 INVITE"
    assert response.headers.get("allow") == "X"
    tagged = read(request(to_tag="old"))
    response = response_to(tagged, path_of(tagged, LYNC), 200, tag="t", sdp=b"v=0")
    assert response.headers.get("to") == "<sip:911@192.0.2.1>;tag=old"
    assert response.headers.get("content-type") == "application/sdp"


def test_our_own_lines() -> None:
    assert via_line(CONFIG, UDP, "b") == "SIP/2.0/UDP 192.0.2.1:5060;branch=b;rport"
    assert contact_line(CONFIG, TCP, "e") == "<sip:e@192.0.2.1:5060;transport=tcp>"
    assert address_line("911", "h", 'A "b"') == '"A \\"b\\"" <sip:911@h>'
    assert address_line("9>\r\n#", "h") == "<sip:9%3E%0D%0A%23@h>"
    assert address_line("911", "h", phone=True) == "<sip:911@h;user=phone>"
    assert reason_line(17) == 'Q.850;cause=17;text="User busy"'
    assert warning_line("a\r\nb") == '399 elingate "a  b"'
