"""The body of a 911 INVITE is what the product's own readers of it expect to find."""

from __future__ import annotations

from e911.pidf import read_pidf
from edge_agent.sip.multipart import PIDF, SDP, last, read_parts
from lab.phones.emergency_body import civic_pidf, multipart

CIVIC = {"country": "US", "A1": "OR", "A3": "Ogdenville", "RD": "Tamarack", "HNO": "12"}


def test_a_multipart_body_holds_sdp_and_location_under_their_names() -> None:
    kind, body = multipart(b"v=0\r\n", civic_pidf("sip:ana@example.com", CIVIC), "ana@example.com")
    parts = read_parts(kind, body)
    assert [part.kind for part in parts] == [SDP, PIDF]
    assert last(parts, SDP) == b"v=0\r\n"
    assert b"Content-ID: <ana@example.com>\r\n" in body


def test_a_typed_in_address_names_no_elin() -> None:
    location = read_pidf(civic_pidf("sip:ana@example.com", CIVIC).encode())
    assert location.civic is not None
    assert (location.civic.RD, location.civic.HNO) == ("Tamarack", "12")
    assert location.elins == ()
    assert location.method == "Manual"
