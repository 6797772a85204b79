"""TEI management messages, octet by octet (Q.921 §5.3.1, Table 8)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.lapd_frame import MalformedFrame
from edge_agent.isdn.tei_message import Kind, TeiMessage, decode, encode
from tests.edge.isdn.goldens import Golden, frames

MESSAGES = {
    "tei-request": TeiMessage(Kind.REQUEST, 0x1234, 127),
    "tei-assigned": TeiMessage(Kind.ASSIGNED, 0x1234, 64),
    "tei-denied": TeiMessage(Kind.DENIED, 0x1234, 127),
    "tei-check": TeiMessage(Kind.CHECK_REQUEST, 0, 64),
    "tei-check-all": TeiMessage(Kind.CHECK_REQUEST, 0, 127),
    "tei-response": TeiMessage(Kind.CHECK_RESPONSE, 0x1234, 64),
    "tei-remove": TeiMessage(Kind.REMOVE, 0, 64),
    "tei-remove-all": TeiMessage(Kind.REMOVE, 0, 127),
    "tei-verify": TeiMessage(Kind.VERIFY, 0, 64),
}
GOLDENS = [golden for golden in frames() if golden.name.startswith("tei-")]


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.name)
def test_golden_messages_read_and_write_alike(golden: Golden) -> None:
    info = golden.octets[3:]
    assert decode(info) == MESSAGES[golden.name]
    assert encode(MESSAGES[golden.name]) == info


def test_every_type_has_a_golden() -> None:
    assert {MESSAGES[golden.name].kind for golden in GOLDENS} == set(Kind)


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        ("", "tei-short"),
        ("0f123401", "tei-short"),
        ("0e123401ff", "tei-entity"),
        ("0f123400ff", "tei-undefined"),
        ("0f123408ff", "tei-undefined"),
        ("0f1234048083", "tei-several"),
    ],
)
def test_what_is_no_message_of_tei_management_says_why(info: str, reason: str) -> None:
    with pytest.raises(MalformedFrame, match=reason):
        decode(bytes.fromhex(info))


@given(info=st.one_of(st.binary(max_size=8), st.binary(max_size=8).map(lambda b: b"\x0f" + b)))
def test_any_octets_are_a_message_or_malformed(info: bytes) -> None:
    try:
        message = decode(info)
    except MalformedFrame:
        return
    assert encode(message) == info[:5]
