"""A port on its own: whom it admits, how it numbers, what it plays."""

from __future__ import annotations

import pytest

from edge_agent.media.g711 import BLOCK
from edge_agent.media.ports import LATCH_HOLD_S, PATIENCE, BearerPort, RtpPort, SendBlock, SendRtp
from edge_agent.media.rtp import Packet, read
from edge_agent.messages import LegHeard, LegSilent, RoomMember
from tests.edge.media.test_bridge import PHONE, Far, Studio, phone, spoken, trunk

SIGNALLED = ("10.0.0.5", 4000)
BLOCK_A = b"a" * BLOCK


class FixedBits:
    """Numbers that begin just before they wrap."""

    def bits(self, count: int) -> int:
        return (1 << count) - 1


def a_port(host: str = SIGNALLED[0], port: int = SIGNALLED[1], law: str = "mu") -> RtpPort:
    member = RoomMember("a", law=law, local_port=20000, remote_host=host, remote_port=port)
    return RtpPort(member, FixedBits())


def said(sent: SendRtp | None) -> Packet:
    assert sent is not None
    packet = read(sent.data)
    assert packet is not None
    return packet


def is_marked(sent: SendRtp | None) -> bool:
    assert sent is not None
    return sent.data[1] & 0x80 != 0


def test_numbers_wrap_and_time_runs_on_through_silence() -> None:
    port = a_port()
    first, second = port.say(BLOCK_A, 1.00), port.say(BLOCK_A, 1.02)
    after_a_second = port.say(BLOCK_A, 2.02)
    assert [said(s).sequence for s in (first, second, after_a_second)] == [0, 1, 2]
    assert said(second).timestamp - said(first).timestamp == BLOCK
    assert said(after_a_second).timestamp - said(second).timestamp == 8000
    assert [is_marked(s) for s in (first, second, after_a_second)] == [True, False, True]


def test_a_relayed_stream_joins_what_was_said_before_and_keeps_its_own_steps() -> None:
    port = a_port()
    before = said(port.say(BLOCK_A, 1.0))
    relayed = [
        port.relay(Packet(0, 700 + n, 9000 + 80 * n, 5, b"x" * 80), b"x" * 80, 1.02 + n / 100)
        for n in (0, 2, 1)
    ]
    numbers = [said(s).sequence - before.sequence for s in relayed]
    times = [said(s).timestamp - before.timestamp for s in relayed]
    assert numbers == [1, 3, 2]
    assert times == [160, 320, 240]
    assert len({said(s).ssrc for s in relayed} | {before.ssrc}) == 1
    assert is_marked(relayed[0])


def test_without_a_far_end_nothing_is_sent_and_nobody_admitted() -> None:
    port = a_port(host="")
    assert port.say(BLOCK_A, 1.0) is None
    assert port.relay(Packet(0, 1, 1, 1, b""), b"", 1.0) is None
    assert not port.admits(("10.0.0.5", 4000), 1.0)
    assert port.strangers == 1


def test_the_signalled_address_always_has_its_place() -> None:
    port = a_port()
    assert port.admits(("10.0.0.5", 5555), 1.0)
    assert port.remote == ("10.0.0.5", 5555)
    assert port.admits(SIGNALLED, 1.01)
    assert port.remote == SIGNALLED


def test_another_port_of_the_host_has_to_wait_until_the_source_is_silent() -> None:
    port = a_port()
    assert port.admits(SIGNALLED, 1.0)
    assert not port.admits(("10.0.0.5", 5555), 1.0 + LATCH_HOLD_S / 2)
    assert port.admits(("10.0.0.5", 5555), 1.1 + LATCH_HOLD_S)
    assert port.remote == ("10.0.0.5", 5555)


def test_a_channel_waits_for_a_room_but_not_for_ever() -> None:
    port = BearerPort(RoomMember("b", span="t1", channel=9))
    for n in range(PATIENCE + 3):
        port.arrived.append(bytes([n]) * BLOCK)
    taken = [block[0] for _ in range(9) if (block := port.take(0.0)) is not None]
    assert taken == [3, 4, 5, 6], "the oldest goes: voice that is late is worse than voice lost"
    assert port.say(BLOCK_A, 0.0) == SendBlock("t1", 9, BLOCK_A)


@pytest.mark.parametrize("octet", [b"\xff", b"\x7f", b"\xd5", b"\x00"], ids=bytes.hex)
def test_a_channel_is_silent_while_the_card_reads_one_octet_over_and_over(octet: bytes) -> None:
    far, voice = Far(PHONE), spoken(8, 1)[0]
    studio = Studio(phone(20000, PHONE), trunk(3))
    for _ in range(560):
        studio.step({20000: (far.says(voice), PHONE)}, {3: octet * BLOCK})
    (silent,) = studio.told
    assert isinstance(silent, LegSilent)
    assert (silent.leg, silent.span) == ("b-3", "t1")
    studio.step({20000: (far.says(voice), PHONE)}, {3: octet * 159 + b"\x01"})
    for _ in range(60):
        studio.step({20000: (far.says(voice), PHONE)}, {3: octet * BLOCK})
    assert studio.told[1:] == [LegHeard("b-3", "t1")]
