"""The platform of the simulation: phones that dial, ring, answer and hang up over a LAN that may
lose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from edge_agent.sip.message import Request, Response
from edge_agent.sip.parser import read_message
from tests.edge.sip.scene import PHONE_SDP, answer

T1_S, GIVE_UP_S, ANSWER_S = 0.5, 32.0, 1.0
FLOOR_2 = (
    '<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" '
    'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" '
    'xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr" entity="sip:%s">'
    "<tuple id='0'><status><gp:geopriv><gp:location-info><ca:civicAddress>"
    "<ca:country>US</ca:country><ca:A1>WA</ca:A1><ca:A3>Springfield</ca:A3><ca:RD>Harbor</ca:RD>"
    "<ca:STS>Ave</ca:STS><ca:HNO>1200</ca:HNO><ca:LOC>Flr 2</ca:LOC>"
    "</ca:civicAddress></gp:location-info><gp:usage-rules/></gp:geopriv></status></tuple></presence>"
)
INVITE = (
    "INVITE sip:+911@10.0.0.1;user=phone SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 10.0.0.10:5060;branch=z9hG4bK{call}\r\nMax-Forwards: 70\r\n"
    'From: "{name}" <sip:{user}@contoso.example>;tag={call}\r\n'
    "To: <sip:+911@10.0.0.1;user=phone>\r\nCall-ID: {call}\r\nCSeq: 1 INVITE\r\n"
    "P-Asserted-Identity: <tel:+1{number}>\r\nPriority: emergency\r\n"
    "Contact: <sip:{user}@10.0.0.10:5060>\r\n"
    "Content-Type: multipart/mixed; boundary=part\r\nContent-Length: {length}\r\n\r\n{body}"
)


@dataclass
class Dialog:
    """One call as a phone sees it."""

    call_id: str
    invite: Request | None = None
    """The agent's INVITE, on a callback."""
    answered: bool = False
    over: bool = False
    final: int = 0
    to: str = ""
    sent: bytes = b""
    statuses: list[int] = field(default_factory=list)
    cseq: int = 10
    others: list[int] = field(default_factory=list)
    """Final answers to what was said within the call."""


class Phone:
    """One person's phone."""

    def __init__(
        self,
        user: str,
        number: str,
        name: str,
        send: Callable[[bytes], None],
        at: Callable[[float, Callable[[], object]], None],
        now: Callable[[], float],
        *,
        picks_up: bool = True,
    ) -> None:
        self.user, self.number, self.name, self.picks_up = user, number, name, picks_up
        self._send, self._at, self._now = send, at, now
        self.busy = False
        self.dialogs: dict[str, Dialog] = {}
        self.rung: list[str] = []
        """Call-IDs of the callbacks that rang here."""
        self.talked: list[str] = []

    def dial(self, call: str, floor: int = 2) -> Dialog:
        """Dial 911 and keep sending until somebody answers the INVITE."""
        pidf = FLOOR_2.replace("Flr 2", f"Flr {floor}") % f"{self.user}@contoso.example"
        body = (
            f"--part\r\nContent-Type: application/sdp\r\n\r\n{PHONE_SDP}\r\n"
            f"--part\r\nContent-Type: application/pidf+xml\r\n\r\n{pidf}\r\n--part--\r\n"
        )
        text = INVITE.format(
            call=call,
            user=self.user,
            name=self.name,
            number=self.number,
            body=body,
            length=len(body.encode()),
        )
        dialog = self.dialogs[call] = Dialog(call, sent=text.encode())
        self._again(dialog, T1_S)
        return dialog

    def hang_up(self, call: str) -> None:
        """CANCEL before the answer, BYE after it."""
        dialog = self.dialogs[call]
        if dialog.over or dialog.invite is not None:
            return
        dialog.over = True
        if dialog.answered:
            self._repeat(self._request(dialog, "BYE", 2), T1_S, 6)
        elif dialog.statuses:
            self._repeat(self._request(dialog, "CANCEL", 1), T1_S, 6)

    def say(self, call: str, method: str, *headers: str, body: str = "") -> None:
        """Say something within a call that is up, again and again: REFER, re-INVITE."""
        dialog = self.dialogs[call]
        dialog.cseq += 1
        head, _ = self._request(dialog, method, dialog.cseq).split(b"Content-Length: 0")
        lines = "".join(f"{header}\r\n" for header in headers)
        text = f"{lines}Content-Length: {len(body)}\r\n\r\n{body}"
        self._repeat(head.replace(b"-" + method.encode(), b"-again") + text.encode(), T1_S, 5)

    def receive(self, data: bytes) -> None:
        """A datagram for this phone."""
        message = read_message(data)
        dialog = self.dialogs.get(message.headers.get("call-id"))
        if isinstance(message, Response):
            if dialog is not None:
                self._response(dialog, message)
            return
        assert isinstance(message, Request)
        match message.method:
            case "INVITE" if dialog is None:
                self._ring(message)
            case "INVITE" | "ACK":
                pass
            case "CANCEL":
                self._send(answer(message, 200))
                if dialog is not None and dialog.invite is not None and not dialog.answered:
                    dialog.over = True
                    self._send(answer(dialog.invite, 487))
            case "BYE":
                self._send(answer(message, 200))
                if dialog is not None:
                    dialog.over = True
            case _:
                self._send(answer(message, 200))

    def _ring(self, invite: Request) -> None:
        call_id = invite.headers.get("call-id")
        dialog = self.dialogs[call_id] = Dialog(call_id, invite)
        self.rung.append(call_id)
        if self.busy:
            dialog.over = True
            self._send(answer(invite, 486))
            return
        self._send(answer(invite, 180))
        if self.picks_up:
            self._at(self._now() + ANSWER_S, lambda: self._pick_up(dialog, invite))

    def _pick_up(self, dialog: Dialog, invite: Request) -> None:
        if not dialog.over:
            dialog.answered = True
            self.talked.append(dialog.call_id)
            contact = f"<sip:{self.user}@10.0.0.10:5060>"
            kind = {"Content_Type": "application/sdp"}
            self._repeat(answer(invite, 200, body=PHONE_SDP, contact=contact, **kind), T1_S, 4)

    def _response(self, dialog: Dialog, response: Response) -> None:
        if response.headers.get("cseq") != "1 INVITE":
            if response.status >= 200:
                dialog.others.append(response.status)
            return
        dialog.statuses.append(response.status)
        if response.status < 200:
            return
        dialog.to = response.headers.get("to")
        if response.status < 300:
            gave_up = dialog.over and not dialog.answered
            dialog.answered = True
            self._send(self._request(dialog, "ACK", 1))
            if gave_up:
                self._repeat(self._request(dialog, "BYE", 2), T1_S, 6)
        else:
            dialog.over, dialog.final = True, response.status
            self._send(self._request(dialog, "ACK", 1))

    def _again(self, dialog: Dialog, wait: float) -> None:
        if dialog.statuses or dialog.over or wait > GIVE_UP_S:
            return
        self._send(dialog.sent)
        self._at(self._now() + wait, lambda: self._again(dialog, wait * 2))

    def _repeat(self, data: bytes, wait: float, times: int) -> None:
        """Requests and answers are repeated blindly: duplicates are part of the weather."""
        self._send(data)
        if times > 1:
            self._at(self._now() + wait, lambda: self._repeat(data, wait * 2, times - 1))

    def _request(self, dialog: Dialog, method: str, cseq: int) -> bytes:
        branch = dialog.call_id if method == "CANCEL" else f"{dialog.call_id}-{method}"
        to = "<sip:+911@10.0.0.1;user=phone>" if method == "CANCEL" else dialog.to
        return (
            f"{method} sip:+911@10.0.0.1;user=phone SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 10.0.0.10:5060;branch=z9hG4bK{branch}\r\nMax-Forwards: 70\r\n"
            f'From: "{self.name}" <sip:{self.user}@contoso.example>;tag={dialog.call_id}\r\n'
            f"To: {to}\r\nCall-ID: {dialog.call_id}\r\nCSeq: {cseq} {method}\r\n"
            "Content-Length: 0\r\n\r\n"
        ).encode()
