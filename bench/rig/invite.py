"""What a platform says when somebody dials 911: SDP and PIDF-LO in one INVITE, as Lync does."""

from __future__ import annotations

from bench.rig.wire import HOST

BOUNDARY = "----=_NextPart_000_0001"


def invite(user: str, call: str, port: int, gateway: int, elin: str, floor: int, rtp: int) -> bytes:
    """An emergency INVITE over UDP."""
    body = _body(user, elin, floor, rtp)
    head = (
        f"INVITE sip:911@{HOST}:{gateway};user=phone SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {HOST}:{port};branch=z9hG4bK{call}\r\n"
        "Max-Forwards: 70\r\n"
        f'From: "Bench {user}" <sip:{user}@bench.example>;tag={call}\r\n'
        f"To: <sip:911@{HOST}:{gateway};user=phone>\r\n"
        f"Call-ID: {call}\r\nCSeq: 1 INVITE\r\n"
        f"Contact: <sip:{user}@{HOST}:{port}>\r\n"
        "Priority: emergency\r\nSupported: geolocation\r\n"
        f"Geolocation: <cid:{user}@bench.example>\r\n"
        f'Content-Type: multipart/mixed; boundary="{BOUNDARY}"\r\n'
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def offer(rtp: int) -> str:
    """SDP of a phone whose voice is at ``rtp``."""
    return (
        f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
        f"m=audio {rtp} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
        "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
    )


def place(user: str, elin: str, floor: int) -> str:
    """PIDF-LO with the ELIN of a floor in NAM (microsoft.md §7.2)."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf"'
        ' xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"'
        ' xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"'
        f' entity="sip:{user}@bench.example"><tuple id="0"><status><gp:geopriv><gp:location-info>'
        "<ca:civicAddress><ca:country>US</ca:country><ca:A1>IL</ca:A1><ca:A3>Springfield</ca:A3>"
        "<ca:RD>Main</ca:RD><ca:STS>St</ca:STS><ca:HNO>1200</ca:HNO>"
        f"<ca:LOC>Flr {floor}</ca:LOC><ca:NAM>{elin}</ca:NAM><ca:PC>62701</ca:PC>"
        "</ca:civicAddress></gp:location-info><gp:usage-rules/></gp:geopriv></status>"
        "<timestamp>2026-03-02T10:11:12Z</timestamp></tuple></presence>"
    )


def _body(user: str, elin: str, floor: int, rtp: int) -> bytes:
    parts = (
        f"--{BOUNDARY}\r\nContent-Type: application/sdp\r\n\r\n{offer(rtp)}\r\n"
        f"--{BOUNDARY}\r\nContent-Type: application/pidf+xml\r\n"
        f"Content-ID: <{user}@bench.example>\r\n\r\n{place(user, elin, floor)}\r\n"
        f"--{BOUNDARY}--\r\n"
    )
    return parts.encode()
