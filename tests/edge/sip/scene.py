"""Two remotes, a phone's messages and dice that always fall alike: the stage of the SIP stories."""

from __future__ import annotations

from pathlib import Path

from edge_agent.leg import LegId, Offered
from edge_agent.sip.config import EndpointConfig, Remote, Role
from edge_agent.sip.endpoint import Endpoint
from edge_agent.sip.message import Message, Request, Response
from edge_agent.sip.outputs import Output, Send, Source
from edge_agent.sip.parser import read_message
from edge_agent.sip.timers import Timing

DATA = Path(__file__).parents[2] / "data" / "sip"
LYNC = Source("udp", "192.0.2.10", 5060)
PSTN = Source("udp", "192.0.2.20", 5060)
STRANGER = Source("udp", "198.51.100.66", 5060)
REMOTES = (
    Remote("lync", Role.PLATFORM, LYNC.host, domain="contoso.example"),
    Remote("provider", Role.TRUNK, PSTN.host),
    Remote("sbc", Role.PLATFORM, "192.0.2.30", transport="tcp"),
)
CONFIG = EndpointConfig("192.0.2.1", 5060, 5060, "192.0.2.1", remotes=REMOTES)

PHONE_SDP = (
    "v=0\r\no=ana 1 1 IN IP4 192.0.2.41\r\ns=-\r\nc=IN IP4 192.0.2.41\r\nt=0 0\r\n"
    "m=audio 50060 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)


class SeededIds:
    """Ids that count up: the same story has the same ids."""

    def __init__(self) -> None:
        self._count = 0

    def branch(self) -> str:
        return self._next("z9hG4bK-e")

    def tag(self) -> str:
        return self._next("e-tag-")

    def call_id(self) -> str:
        return self._next("e-call-")

    def leg_id(self) -> LegId:
        return LegId(self._next("leg-"))

    def session_id(self) -> int:
        self._count += 1
        return self._count

    def _next(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"


def endpoint(config: EndpointConfig = CONFIG, timing: Timing | None = None) -> Endpoint:
    """An endpoint that knows the three remotes."""
    return Endpoint(config, SeededIds(), timing)


def data(name: str) -> bytes:
    """A message of ``tests/data/sip`` with the line ends of the wire."""
    return (DATA / name).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def request(
    method: str = "INVITE",
    uri: str = "sip:911@192.0.2.1",
    *,
    branch: str = "z9hG4bK-p1",
    call_id: str = "call-1",
    cseq: str = "",
    to_tag: str = "",
    drop: tuple[str, ...] = (),
    body: str | bytes = "",
    **headers: str,
) -> bytes:
    """A phone's request; ``headers`` add or replace (underscores are hyphens), ``drop`` leaves
    out.
    """
    lines = {
        "Via": f"SIP/2.0/UDP 192.0.2.10:5060;branch={branch}",
        "Max-Forwards": "70",
        "From": '"Ana B" <sip:+14255550177@contoso.example;user=phone>;tag=p-tag',
        "To": "<sip:911@192.0.2.1>" + (f";tag={to_tag}" if to_tag else ""),
        "Call-ID": call_id,
        "CSeq": cseq or f"1 {method}",
        "Contact": "<sip:ana@192.0.2.10:5060>",
    }
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    content = body.encode() if isinstance(body, str) else body
    if content:
        lines.setdefault("Content-Type", "application/sdp")
    head = "".join(f"{n}: {v}\r\n" for n, v in lines.items() if n not in drop)
    start = f"{method} {uri} SIP/2.0\r\n{head}Content-Length: {len(content)}\r\n\r\n"
    return start.encode() + content


def answer(
    heard: Request,
    status: int,
    *,
    tag: str = "far",
    body: str = "",
    contact: str = "",
    **headers: str,
) -> bytes:
    """A far end's response to a request of ours."""
    lines = [("Via", via) for via in heard.headers.all("via")]
    to = heard.headers.get("to")
    lines += [
        ("From", heard.headers.get("from")),
        ("To", to if ";tag=" in to or status == 100 else f"{to};tag={tag}"),
        ("Call-ID", heard.headers.get("call-id")),
        ("CSeq", heard.headers.get("cseq")),
        ("Contact", contact or f"<sip:far@{PSTN.host}:5060>"),
    ]
    lines += [(name.replace("_", "-"), value) for name, value in headers.items()]
    if body:
        lines.append(("Content-Type", "application/sdp"))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines)
    return f"SIP/2.0 {status} X\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def sent(outputs: list[Output]) -> list[Message]:
    """What went on the wire, read back."""
    return [read_message(o.data) for o in outputs if isinstance(o, Send)]


def responses(outputs: list[Output]) -> list[Response]:
    """The responses among them."""
    return [message for message in sent(outputs) if isinstance(message, Response)]


def requests(outputs: list[Output]) -> list[Request]:
    """The requests among them."""
    return [message for message in sent(outputs) if isinstance(message, Request)]


def events(outputs: list[Output]) -> list[Output]:
    """What the gateway hears."""
    return [output for output in outputs if not isinstance(output, Send)]


def offered(outputs: list[Output]) -> Offered:
    """The one Offered among them."""
    [found] = [output for output in outputs if isinstance(output, Offered)]
    return found
