"""Bad input meets the agent as a process: an emergency call is placed all the same (R1), and what
is no emergency or comes from nobody we know is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wires.agent.branch import FLOOR_2, LOBBY
from tests.wires.agent.rig import Rig

pytestmark = pytest.mark.wire

SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 30000 RTP/AVP 0\r\n"
)
PIDF = (
    '<presence xmlns="urn:ietf:params:xml:ns:pidf"'
    ' xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"'
    ' xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr" entity="sip:a@b.example">'
    '<tuple id="0"><status><gp:geopriv><gp:location-info><ca:civicAddress>'
    "<ca:country>US</ca:country>"
    "<ca:A1>WA</ca:A1><ca:A3>Springfield</ca:A3><ca:RD>Harbor</ca:RD><ca:STS>Ave</ca:STS>"
    "<ca:POD>NE</ca:POD><ca:HNO>1200</ca:HNO><ca:LOC>Flr 2 1200</ca:LOC>"
    f"<ca:NAM>{FLOOR_2.digits}</ca:NAM><ca:PC>98000</ca:PC></ca:civicAddress></gp:location-info>"
    "</gp:geopriv></status></tuple></presence>"
)
MIXED = "multipart/mixed; boundary=edge"


def parts(sdp: str, pidf: str, end: str = "--edge--\r\n") -> str:
    return (
        f"--edge\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n"
        f"--edge\r\nContent-Type: application/pidf+xml\r\n\r\n{pidf}\r\n{end}"
    )


BODIES = {
    "a PIDF-LO that breaks off": (MIXED, parts(SDP, PIDF[:300]), LOBBY, "location-unreadable"),
    "a PIDF-LO that is no XML": (MIXED, parts(SDP, "<<&&&"), LOBBY, "location-unreadable"),
    "a PIDF-LO with a bomb": (
        MIXED,
        parts(SDP, '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>'),
        LOBBY,
        "location-unreadable",
    ),
    "no final boundary": (MIXED, parts(SDP, PIDF, end=""), FLOOR_2, ""),
    "SDP that is noise": (MIXED, parts("m=audio\x01 zebra\r\nc=\xff", PIDF), FLOOR_2, ""),
    "a Content-Type of nobody's": ("application/x-zebra; q=", "\x00\x01zebra", LOBBY, ""),
    "a multipart that names no boundary": ("multipart/mixed", parts(SDP, PIDF), FLOOR_2, ""),
}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One agent for all of them: what one of these calls broke, the next would show."""
    with Rig(tmp_path_factory.mktemp("bad-input")) as running:
        running.start()
        yield running


@pytest.mark.parametrize("name", BODIES)
def test_r1_a_call_whose_body_is_broken_is_placed(name: str, rig: Rig) -> None:
    content_type, body, elin, alarm = BODIES[name]
    expected = [alarm] if alarm else []
    if elin is LOBBY:
        expected.append("location-unknown")
    before = {slug: rig.agent.raised(slug) for slug in expected}
    calls = len(rig.pri.events("ring"))
    (rig.branch.folder / "broken.body").write_bytes(body.encode("latin-1"))
    rig.lync("broken_hangs_up", "911", content_type=content_type).ends_well()
    ring = rig.pri.until("ring", calls + 1)
    assert (ring["called"], ring["calling"]) == ("911", elin.digits)
    assert {slug: rig.agent.raised(slug) - 1 for slug in expected} == before
    rig.agent.until(lambda: rig.agent.ask("calls") == [])
    assert "step-failed" not in rig.agent.alarms()


def test_an_ordinary_call_is_forbidden_and_reaches_no_trunk(rig: Rig) -> None:
    calls = len(rig.pri.events("ring"))
    rig.lync("is_forbidden", "5551212").ends_well()
    assert rig.agent.ask("calls") == []
    assert len(rig.pri.events("ring")) == calls


def test_a_911_call_from_an_address_that_is_no_peer_is_refused_and_counted(rig: Rig) -> None:
    calls = len(rig.pri.events("ring"))
    before = rig.agent.ask("status")["counts"].get("refused-unknown-address", 0)
    rig.stranger("is_forbidden", "127.0.0.2").ends_well()
    # The ACK of a 403 that no transaction keeps is a request of a stranger too.
    assert rig.agent.ask("status")["counts"]["refused-unknown-address"] >= before + 1
    assert len(rig.pri.events("ring")) == calls


def test_noise_on_every_socket_is_counted_and_harms_no_call(rig: Rig) -> None:
    rig.shout(
        rig.branch.sip, [b"", b"\x00" * 700, b"INVITE", b"\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n"]
    )
    rig.pri.shout([b"D", b"D\xff\xff", b"D\x02\x01\x00\x00\x08\x02", b"Z", b"A\x09\x09"])
    rig.lync("lync_hangs_up").ends_well()
    counts = rig.agent.ask("status")["counts"]
    assert sum(count for name, count in counts.items() if name.startswith("refused-")) >= 2
    assert sum(count for name, count in counts.items() if name.startswith("discarded-")) >= 1
    assert "step-failed" not in counts


def test_no_line_of_the_log_holds_a_caller_a_number_or_a_street(rig: Rig) -> None:
    log = "\n".join(rig.agent.log).lower()
    assert "takes calls" in log
    for secret in ("philippa", "strand", "4255557788", "425555", "harbor", "contoso"):
        assert secret not in log
