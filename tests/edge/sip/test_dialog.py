"""What a dialog remembers, and where its next request goes."""

from __future__ import annotations

from edge_agent.sip.dialog import Dialog, contact_of, sequence_of
from edge_agent.sip.message import Headers, Request, Response
from edge_agent.sip.outputs import Destination, Source
from edge_agent.sip.parser import read_message
from tests.edge.sip.scene import LYNC, request

FALLBACK = Destination("udp", "192.0.2.10", 5060)


def as_server(contact: str = "<sip:ana@192.0.2.10:5060>", **headers: str) -> Dialog:
    invite = read_message(request(Contact=contact, drop=(), **headers))
    assert isinstance(invite, Request)
    return Dialog.as_server(invite, "mine", LYNC, FALLBACK)


def test_as_server_we_send_to_their_contact_with_the_tags_turned_round() -> None:
    dialog = as_server("<sip:ana@192.0.2.77:5070>")
    bye = dialog.request("BYE")
    assert bye.uri == "sip:ana@192.0.2.77:5070"
    assert bye.headers.get("from").endswith(";tag=mine")
    assert bye.headers.get("to").endswith(";tag=p-tag")
    assert (bye.headers.get("cseq"), dialog.request("BYE").headers.get("cseq")) == (
        "1 BYE",
        "2 BYE",
    )
    assert dialog.next_hop() == Destination("udp", "192.0.2.77", 5070)


def test_a_contact_that_is_a_name_or_missing_leads_to_the_remote_or_the_source() -> None:
    assert as_server("<sip:ana@contoso.example>").next_hop() == FALLBACK
    assert as_server("<sip:ana@192.0.2.7;transport=tls>").next_hop() == FALLBACK
    assert as_server("<sips:ana@192.0.2.7>").next_hop() == FALLBACK
    assert as_server("*").target == "sip:192.0.2.10:5060"


def test_loose_routes_are_kept_in_order_and_strict_ones_take_the_request_uri() -> None:
    loose = as_server(Record_Route="<sip:192.0.2.50;lr>, <sip:p2;lr>")
    bye = loose.request("BYE")
    assert bye.headers.all("route") == ["<sip:192.0.2.50;lr>", "<sip:p2;lr>"]
    assert loose.next_hop() == Destination("udp", "192.0.2.50", 5060)
    strict = as_server(Record_Route="<sip:p1>").request("BYE")
    assert strict.uri == "sip:p1"
    assert strict.headers.all("route") == ["<sip:ana@192.0.2.10:5060>"]


def test_as_client_routes_are_reversed_and_the_ack_has_the_invites_number() -> None:
    invite = Request("INVITE", "sip:911@h")
    invite.headers.add("from", "<sip:e>;tag=m")
    invite.headers.add("cseq", "1 INVITE")
    ok = Response(200, headers=Headers([("to", "<sip:911@h>;tag=t")]))
    ok.headers.add("record-route", "<sip:a;lr>")
    ok.headers.add("record-route", "<sip:b;lr>")
    dialog = Dialog.as_client(invite, ok, FALLBACK)
    assert dialog.routes == ("<sip:b;lr>", "<sip:a;lr>")
    assert (dialog.local_tag, dialog.remote_tag, dialog.target) == ("m", "t", "sip:911@h")
    assert dialog.request("ACK", dialog.local_seq).headers.get("cseq") == "1 ACK"
    assert dialog.request("BYE").headers.get("cseq") == "2 BYE"


def test_on_a_stream_the_connection_is_kept_until_it_is_lost() -> None:
    dialog = as_server("<sip:ana@192.0.2.77;transport=tcp>")
    stream = Source("tcp", "192.0.2.10", 40000, 3)
    dialog.refresh_target(Headers(), stream)
    assert dialog.next_hop() == stream
    dialog.lose(Source("tcp", "192.0.2.10", 40001, 4))
    assert dialog.next_hop() == stream
    dialog.lose(stream)
    assert dialog.next_hop() == Destination("tcp", "192.0.2.77", 5060)


def test_readers_bear_what_is_missing() -> None:
    assert (contact_of(Headers()), sequence_of(Headers())) == ("", 0)
    assert contact_of(Headers([("contact", "<tel:911>")])) == ""
