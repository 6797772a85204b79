"""The body of a 911 INVITE as Lync writes it: SDP and PIDF-LO in multipart/mixed (MS-SIPRE)."""

from __future__ import annotations

BOUNDARY = "----=_NextPart_000_0001"


def multipart(sdp: bytes, pidf: str, content_id: str) -> tuple[str, bytes]:
    """Content type and body; the PIDF-LO's part is named ``content_id``, as the header says."""
    body = (
        f"--{BOUNDARY}\r\nContent-Type: application/sdp; charset=utf-8\r\n\r\n".encode()
        + sdp
        + f"\r\n--{BOUNDARY}\r\nContent-Type: application/pidf+xml\r\n"
        f"Content-ID: <{content_id}>\r\n\r\n".encode()
        + pidf.encode()
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )
    return f'multipart/mixed; boundary="{BOUNDARY}"', body


def civic_pidf(entity: str, civic: dict[str, str]) -> str:
    """A PIDF-LO that a user typed in: a civic address and no ELIN (``method`` is Manual)."""
    elements = "".join(f"<ca:{name}>{value}</ca:{name}>" for name, value in civic.items())
    return (
        '<?xml version="1.0" encoding="utf-8"?>\r\n'
        '<presence xmlns="urn:ietf:params:xml:ns:pidf"'
        ' xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"'
        ' xmlns:bp="urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy"'
        ' xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"'
        f' entity="{entity}"><tuple id="0"><status><gp:geopriv><gp:location-info>'
        f"<ca:civicAddress>{elements}</ca:civicAddress></gp:location-info><gp:usage-rules>"
        "<bp:retransmission-allowed>true</bp:retransmission-allowed></gp:usage-rules>"
        "<gp:method>Manual</gp:method></gp:geopriv></status>"
        "<timestamp>2013-02-05T10:11:12.03</timestamp></tuple></presence>\r\n"
    )
