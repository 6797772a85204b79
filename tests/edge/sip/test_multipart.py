"""Bodies in every wrapping of Microsoft's own examples (microsoft.md, section 7.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.sip.multipart import PIDF, SDP, Part, last, read_parts, write_parts

BODY = (
    b"------=_Next\r\nContent-Type: application/sdp; charset=utf-8\r\n\r\nv=0\r\nm=audio 1\r\n"
    b"------=_Next\r\nCONTENT-TYPE: application/pidf+xml\r\nContent-ID: <a@h>\r\n\r\n"
    b"<presence/>\r\n"
    b"------=_Next--\r\n"
)


@pytest.mark.parametrize(
    "content_type",
    [
        'multipart/mixed; boundary="----=_Next"',
        "multipart/mixed;boundary=----=_Next",
        "multipart/mixed; boundary= ----=_Next",
        'MULTIPART/MIXED ; Boundary = "------=_Next"',
        "multipart/mixed",
        'multipart/mixed; boundary="somebody else"',
        "",
    ],
)
def test_both_parts_are_found_however_the_boundary_is_announced(content_type: str) -> None:
    assert read_parts(content_type, BODY) == [
        Part(SDP, b"v=0\r\nm=audio 1"),
        Part(PIDF, b"<presence/>", "a@h"),
    ]


def test_bare_line_feeds_a_preamble_and_a_missing_end_are_borne() -> None:
    body = b"preamble\n" + BODY.replace(b"\r\n", b"\n").replace(b"------=_Next--\n", b"")
    assert [p.kind for p in read_parts("multipart/mixed;boundary=----=_Next", body)] == [SDP, PIDF]


def test_lyncs_alternative_inside_the_mixed_gives_its_fullest_sdp_last() -> None:
    inner = (
        b"--in\r\nContent-Type: application/sdp\r\n"
        b"Content-Disposition: session; ms-proxy-2007fallback\r\n\r\nv=0 old\r\n"
        b"--in\r\nContent-Type: application/sdp\r\n\r\nv=0 new\r\n--in--\r\n"
    )
    outer = (
        b"--out\r\nContent-Type: multipart/alternative;boundary=in\r\n\r\n" + inner + b"--out--\r\n"
    )
    assert last(read_parts("multipart/mixed;boundary=out", outer), SDP) == b"v=0 new"


def test_a_part_may_be_encoded() -> None:
    head = b"--b\r\nContent-Type: application/sdp\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    body = head + b"dj0w\r\n--b--"
    assert read_parts("multipart/mixed;boundary=b", body) == [Part(SDP, b"v=0")]
    body = body.replace(b"base64", b"quoted-printable").replace(b"dj0w", b"v=3D0")
    assert read_parts("multipart/mixed;boundary=b", body) == [Part(SDP, b"v=0")]


def test_a_single_body_without_a_type_is_guessed() -> None:
    assert read_parts("", b"v=0\r\n") == [Part(SDP, b"v=0\r\n")]
    assert read_parts("", b"<?xml?>") == [Part(PIDF, b"<?xml?>")]
    assert read_parts("text/plain", b"  \r\n") == []


def test_what_is_written_is_read_back() -> None:
    parts = [Part(SDP, b"v=0\r\n"), Part(PIDF, b"<presence/>", "x@y")]
    content_type, body = write_parts(parts, "b1")
    assert content_type == 'multipart/mixed;boundary="b1"'
    assert read_parts(content_type, body) == parts


@given(st.text(), st.binary())
def test_no_body_breaks_the_reader(content_type: str, body: bytes) -> None:
    read_parts(content_type, body)
    read_parts("multipart/mixed;boundary=b", b"--b\r\n" + body)
