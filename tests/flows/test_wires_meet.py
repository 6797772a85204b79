"""When calls meet, told over real bytes: SIP and Q.931 cores on one switchboard, R2 over all that
leaves."""

from __future__ import annotations

import re
from functools import partial

import pytest

from e911.numbers import Elin
from e911.rows import PeerRow
from e911.snapshot import Snapshot
from edge_agent.gateway.requests import Equip
from edge_agent.sip.message import Request, Response
from edge_agent.sip.outputs import Destination
from edge_agent.sip.parser import read_message
from tests.edge.sip.scene import PHONE_SDP, answer
from tests.flows.springfield import ELIN_2, snapshot_of
from tests.sim.phones import Dialog
from tests.sim.world import World

PLATFORM, GATEWAY = "10.0.0.10", "10.0.0.20"
OURS = (b"4255551234", b"4255555678", b"Ana", b"ana", b"Bob", b"bob", b"contoso", b"192.0.2.41")
"""What must be in no byte that leaves toward a trunk: numbers, names, addresses (R2)."""


class Wires(World):
    """Springfield with a listener on every wire, and a gateway appliance as its second trunk."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self.to_platform: list[bytes] = []
        self.to_trunk: list[bytes] = []
        self.tcp: int | None = None
        self.session_timer = False
        super().__init__(snapshot=snapshot)
        self.run(until=1.0)

    def carry(self, data: bytes, destination: Destination) -> None:
        """Note it, and carry it."""
        (self.to_trunk if destination.host == GATEWAY else self.to_platform).append(data)
        super().carry(data, destination)

    def from_trunk(self, data: bytes) -> None:
        """The appliance says something, and a moment passes."""
        self.agent.hear(data, GATEWAY)
        self.run(until=self.now + 0.1)

    def from_platform(self, data: bytes) -> None:
        """The platform says something, and a moment passes."""
        self._from_lan(data)
        self.run(until=self.now + 0.1)

    def _from_lan(self, data: bytes) -> None:
        if self.session_timer:
            timer = b"Session-Expires: 90;refresher=uac\r\nSupported: timer\r\nMax-Forwards"
            data = data.replace(b"Max-Forwards", timer)
        if self.tcp is None:
            super()._from_lan(data)
            return
        stream = data.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP")
        self.agent.board.hear_sip(stream, "tcp", PLATFORM, 40000, self.tcp, self.now)

    def dialled(self, *, answered: bool = True) -> Dialog:
        """Ana has dialled 911 and, on the PRI, talks."""
        dialog = self.phones["ana"].dial("first")
        self.run(until=self.now + 3.0)
        assert dialog.answered == answered
        return dialog

    def span_fails(self) -> None:
        """Layer 1 of the PRI is gone: the appliance is tried first."""
        self.agent.board.span_changed("pri-1", 1, self.now)

    def last_request(self, method: str) -> Request:
        """What the trunk was asked last."""
        asked = [read_message(data) for data in self.to_trunk]
        return [m for m in asked if isinstance(m, Request) and m.method == method][-1]

    def statuses(self, method: str) -> list[int]:
        """How the platform's requests of a kind were answered."""
        said = [read_message(data) for data in self.to_platform]
        return [
            m.status
            for m in said
            if isinstance(m, Response) and m.headers.get("cseq").endswith(method)
        ]


def within(
    dialog: Dialog, wires: Wires, method: str, cseq: int, *extra: str, body: str = ""
) -> bytes:
    """Ana's platform says something within the dialog."""
    head = wires.phones["ana"]._request(dialog, method, cseq).decode()
    head = head.replace("Content-Length: 0\r\n\r\n", "".join(f"{line}\r\n" for line in extra))
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def test_refer_on_an_emergency_call_is_403_and_the_call_goes_on() -> None:
    wires = Wires()
    dialog = wires.dialled()
    wires.from_platform(within(dialog, wires, "REFER", 2, "Refer-To: <sip:bob@contoso.example>"))
    assert wires.statuses("REFER") == [403]
    assert [call.state for call in wires.network.calls.values()] == ["connected"]
    assert len(wires.agent.gateway.calls()) == 1


def test_a_lost_tcp_connection_leaves_the_call_up_and_its_end_is_heard_on_another() -> None:
    wires = Wires()
    wires.tcp = 7
    dialog = wires.dialled()
    wires.agent.board.lose_connection(PLATFORM, 40000, 7, wires.now)
    wires.run(until=wires.now + 3600)
    assert [call.state for call in wires.network.calls.values()] == ["connected"]
    wires.tcp = 8
    wires.from_platform(within(dialog, wires, "BYE", 2))
    wires.run(until=wires.now + 5)
    assert wires.agent.is_idle


def test_a_session_timer_that_nobody_refreshes_leaves_the_call_up() -> None:
    wires = Wires()
    wires.session_timer = True
    wires.dialled()
    assert any(b"ession-expires: 90" in data.lower() for data in wires.to_platform)
    wires.run(until=wires.now + 3600)
    assert [call.state for call in wires.network.calls.values()] == ["connected"]


def names_nobody(sent: list[bytes]) -> None:
    assert sent
    for data in sent:
        for word in OURS:
            assert word not in data, (word, data)


def move_the_call(wires: Wires, dialog: Dialog) -> None:
    """A re-INVITE and an UPDATE by which Bob is on Ana's leg, with a name of his own."""
    bob = (
        'P-Asserted-Identity: "Bob Carter" <sip:bob@contoso.example>',
        'From: "Bob Carter" <sip:bob@contoso.example>;tag=other',
        'Remote-Party-ID: "Bob Carter" <sip:4255555678@contoso.example>',
        "User-to-User: 426f62",
        "Content-Type: application/sdp",
    )
    head = bob[:1] + bob[2:]
    wires.from_platform(within(dialog, wires, "INVITE", 2, *head, body=PHONE_SDP))
    wires.from_platform(within(dialog, wires, "ACK", 2))
    wires.from_platform(within(dialog, wires, "UPDATE", 3, *head, body=PHONE_SDP))
    assert wires.statuses("UPDATE") == [200]


def test_r2_a_whole_call_on_the_pri_with_another_party_names_nobody_but_the_elin() -> None:
    wires = Wires()
    dialog = wires.dialled()
    move_the_call(wires, dialog)
    wires.phones["ana"].hang_up("first")
    wires.run(until=wires.now + 5)
    call = wires.network.call_back(ELIN_2.digits, wires.now)
    wires.run(until=wires.now + 5)
    assert call.state == "connected"
    wires.network.hang_up(call, wires.now)
    wires.run(until=wires.now + 5)
    assert wires.agent.is_idle
    names_nobody(wires.network.frames)
    assert {shown.elin for shown in wires.network.shown} == {ELIN_2.digits}


def test_r2_a_whole_call_on_a_sip_trunk_with_another_party_names_nobody_but_the_elin() -> None:
    wires = Wires()
    wires.span_fails()
    dialog = wires.phones["ana"].dial("first")
    wires.run(until=wires.now + 0.5)
    invite = wires.last_request("INVITE")
    wires.from_trunk(answer(invite, 180))
    wires.from_trunk(answer(invite, 200, body=PHONE_SDP.replace("192.0.2.41", "10.0.0.20")))
    assert dialog.answered
    move_the_call(wires, dialog)
    for method, cseq in (("INVITE", 1), ("ACK", 1), ("OPTIONS", 2), ("UPDATE", 3)):
        wires.from_trunk(from_far_end(invite, method, cseq))
    wires.phones["ana"].hang_up("first")
    wires.run(until=wires.now + 0.5)
    wires.from_trunk(answer(wires.last_request("BYE"), 200))
    wires.run(until=wires.now + 40)
    assert wires.agent.is_idle
    names_nobody(wires.to_trunk)
    assert ELIN_2.digits in invite.headers.get("from")
    numbers = set(re.findall(rb"(?<![0-9])[2-9][0-9]{9}(?![0-9])", b"".join(wires.to_trunk)))
    assert numbers == {ELIN_2.digits.encode()}


def from_far_end(invite: Request, method: str, cseq: int) -> bytes:
    """The trunk's far end says something within the dialog that our INVITE made."""
    return (
        f"{method} sip:elingate@10.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {GATEWAY}:5060;branch=z9hG4bK-far-{cseq}\r\nMax-Forwards: 70\r\n"
        f"From: {invite.headers.get('to')};tag=far\r\nTo: {invite.headers.get('from')}\r\n"
        f"Call-ID: {invite.headers.get('call-id')}\r\nCSeq: {cseq} {method}\r\n"
        f"Contact: <sip:far@{GATEWAY}:5060>\r\nContent-Length: 0\r\n\r\n"
    ).encode()


@pytest.mark.parametrize("channels", [(23,), (21, 22, 23)], ids=["last channel", "one of many"])
def test_glare_over_q931_gives_the_channel_to_the_callback_and_the_911_call_goes_on(
    channels: tuple[int, ...],
) -> None:
    wires = Wires()
    wires.dialled()
    wires.phones["ana"].hang_up("first")
    wires.run(until=wires.now + 5)
    gateway, now = wires.agent.gateway, wires.now
    fewer = Equip("pri", channels, (("pri-1", channels),))
    wires.agent.board.ask(partial(gateway.handle, fewer, now), now)
    wires.network.channels = channels
    wires.phones["bob"].dial("meets")
    callback = wires.network.call_back(ELIN_2.digits, wires.now, channel=23)
    wires.run(until=wires.now + 0.2)
    seized = [(seize.trunk, seize.channel) for seize in wires.agent.seizures[1:]]
    assert seized == [("pri", 23), ("gateway", None) if len(channels) == 1 else ("pri", 22)]
    wires.run(until=wires.now + 3)
    assert callback.state == "connected"
    assert wires.people_rung() == ["ana"]


def test_a_callback_that_meets_the_double_redial_hears_ringing_while_486_is_tried_again() -> None:
    wires = Wires()
    wires.dialled()
    ana = wires.phones["ana"]
    ana.hang_up("first")
    wires.run(until=wires.now + 5)
    wires.network.answers = False
    ana.busy = True
    ana.dial("second")
    wires.run(until=wires.now + 0.5)
    callback = wires.network.call_back(ELIN_2.digits, wires.now)
    began = wires.now
    wires.run(until=began + 19)
    assert len(ana.rung) == 10, "every 2 s"
    assert wires.people_rung().count("desk") == 0
    assert callback.state == "ringing"
    wires.run(until=began + 23)
    assert "desk" in wires.people_rung()
    assert callback.state == "connected"
    assert Elin(callback.elin) == ELIN_2


def from_the_pstn(wires: Wires, method: str = "INVITE", *, body: str = "") -> bytes:
    """The platform hands us a PSAP's call to the ELIN."""
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return (
        f"{method} sip:+1{ELIN_2.digits}@10.0.0.1;user=phone SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {PLATFORM}:5060;branch=z9hG4bK-pstn-{method}\r\nMax-Forwards: 70\r\n"
        f"From: <sip:+12065550911@{PLATFORM};user=phone>;tag=pstn\r\n"
        f"To: <sip:+1{ELIN_2.digits}@10.0.0.1;user=phone>\r\n"
        f"Call-ID: pstn\r\nCSeq: 1 {method}\r\nContact: <sip:pstn@{PLATFORM}:5060>\r\n"
        f"{kind}Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def test_r7_a_callback_by_invite_of_the_platform_rings_the_phone_and_not_the_elin_again() -> None:
    lync = PeerRow("lync", "springfield", PLATFORM, 5060, delivers_callbacks=True)
    wires = Wires(snapshot_of([lync]))
    wires.dialled()
    wires.phones["ana"].hang_up("first")
    wires.run(until=wires.now + 5)
    before = len(wires.to_platform)
    wires.from_platform(from_the_pstn(wires, body=PHONE_SDP))
    wires.run(until=wires.now + 5)
    said = [read_message(data) for data in wires.to_platform[before:]]
    ringing = [m.status for m in said if isinstance(m, Response) and m.status >= 180]
    assert (ringing[0], ringing[-1]) == (180, 200)
    rung = [m for m in said if isinstance(m, Request) and m.method == "INVITE"]
    assert rung
    assert all(ELIN_2.digits not in str(invite.uri) for invite in rung)
    assert all("2065550911" in invite.headers.get("from") for invite in rung)
    assert wires.people_rung() == ["ana"]
    assert len(wires.network.calls) == 0, "no channel of ours"
