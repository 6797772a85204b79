"""Datagrams and streams become messages, wherever the network cuts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.sip.grammar import MalformedMessage
from edge_agent.sip.message import Request, Response
from edge_agent.sip.parser import MOST_BYTES, Framer, Ping, read_message
from tests.edge.sip.scene import data, request

OPTIONS = request("OPTIONS", body="x" * 40)
MESSAGES = [OPTIONS, data("lync_invite.txt").replace(b"CONTENT-TYPE", b"l: 2412\r\nc", 1)]


def test_a_request_and_a_response_are_read() -> None:
    read = read_message(b"INVITE sip:911@h SIP/2.0\r\nv: SIP/2.0/UDP h\r\n\r\nbody")
    assert isinstance(read, Request)
    assert (read.method, read.uri, read.body) == ("INVITE", "sip:911@h", b"body")
    assert read.headers.get("via") == "SIP/2.0/UDP h"
    answered = read_message(b"SIP/2.0 180 Klingelt\r\nTo: x\r\n\r\n")
    assert isinstance(answered, Response)
    assert (answered.status, answered.reason) == (180, "Klingelt")


def test_folded_lines_bare_line_feeds_and_leading_line_ends_are_read() -> None:
    read = read_message(b"\r\n\nINVITE sip:911@h SIP/2.0\nTo: <sip:a@h>\n ;tag=1\nnonsense\n\nb")
    assert read.headers.get("to") == "<sip:a@h> ;tag=1"
    assert read.body == b"b"


def test_bytes_after_the_announced_body_are_cut_and_a_missing_tail_is_borne() -> None:
    assert read_message(b"BYE sip:a SIP/2.0\r\nContent-Length: 2\r\n\r\nabcd").body == b"ab"
    assert read_message(b"BYE sip:a SIP/2.0\r\nContent-Length: 9\r\n\r\nabcd").body == b"abcd"
    assert read_message(b"BYE sip:a SIP/2.0\r\nContent-Length: x\r\n\r\nabcd").body == b"abcd"


@pytest.mark.parametrize("junk", [b"", b"\x00\xff", b"GET / HTTP/1.1\r\n\r\n", b"SIP/2.0 99 x"])
def test_what_has_no_start_line_of_sip_is_refused(junk: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_message(junk)


def test_nobody_sends_that_many_headers() -> None:
    with pytest.raises(MalformedMessage):
        read_message(b"INVITE sip:911@h SIP/2.0\r\n" + b"a: b\r\n" * 300 + b"\r\n")


@given(st.lists(st.integers(1, 700), max_size=12))
def test_a_stream_is_cut_into_the_same_messages_wherever_it_is_split(cuts: list[int]) -> None:
    stream = OPTIONS + b"\r\n\r\n" + OPTIONS
    framer, found, at = Framer(), [], 0
    for cut in [*cuts, len(stream)]:
        found += framer.feed(stream[at : at + cut])
        at += cut
    found += framer.feed(stream[at:])
    assert found == [OPTIONS, Ping(), OPTIONS]


def test_a_lone_pong_says_nothing_and_does_not_disturb_what_follows() -> None:
    framer = Framer()
    assert framer.feed(b"\r\n") == []
    assert framer.feed(OPTIONS) == [OPTIONS]


def test_a_stream_that_never_ends_a_message_is_given_up() -> None:
    with pytest.raises(MalformedMessage):
        Framer().feed(b"INVITE " + b"x" * MOST_BYTES)
    with pytest.raises(MalformedMessage):
        Framer().feed(b"INVITE sip:a SIP/2.0\r\nContent-Length: 999999\r\n\r\n")
