"""Messages keep their lines in order, fold names, and go out with the length they have."""

from __future__ import annotations

from edge_agent.sip.message import Headers, Request, Response, folded, spelled


def test_every_spelling_of_a_name_is_one_key() -> None:
    assert {folded("Via"), folded("VIA "), folded("v")} == {"via"}
    assert [spelled(k) for k in ("call-id", "cseq", "p-asserted-identity")] == [
        "Call-ID",
        "CSeq",
        "P-Asserted-Identity",
    ]


def test_headers_repeat_and_split_at_their_commas() -> None:
    headers = Headers([("via", "a, b"), ("to", "x"), ("via", "c")])
    assert headers.all("via") == ["a", "b", "c"]
    assert headers.lines("via") == ["a, b", "c"]
    assert (headers.get("to"), headers.get("from", "-")) == ("x", "-")
    assert "to" in headers
    assert "from" not in headers


def test_a_message_is_written_with_its_true_length() -> None:
    request = Request("MESSAGE", "sip:a@h", Headers([("to", "<sip:é@h>")]), b"12345")
    assert request.encode() == (
        "MESSAGE sip:a@h SIP/2.0\r\nTo: <sip:é@h>\r\nContent-Length: 5\r\n\r\n12345".encode()
    )
    liar = Headers([("content-length", "99")])
    assert Response(486, headers=liar).encode() == (
        b"SIP/2.0 486 Busy Here\r\nContent-Length: 0\r\n\r\n"
    )
    assert Response(299).encode().startswith(b"SIP/2.0 299 Unknown\r\n")
