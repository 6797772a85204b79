"""Rooms: who hears whom, told as stories of blocks and packets with a clock that the test moves."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from edge_agent.leg import Law
from edge_agent.media.bridge import MediaCore, MediaOutput
from edge_agent.media.g711 import BLOCK, SILENT_BLOCK, Samples, from_linear, to_linear
from edge_agent.media.ports import SendBlock, SendRtp
from edge_agent.media.rtp import read, render
from edge_agent.media.tones import hears, tone
from edge_agent.messages import DropRoom, LegDigit, LegHeard, LegSilent, RoomMember, SetRoom

PHONE = ("127.0.0.1", 4000)
DESK = ("127.0.0.1", 5000)
THIRD = ("127.0.0.1", 6000)


class SeededBits:
    """Stream ids that are the same in every run."""

    def __init__(self) -> None:
        self._rng = Random(7)

    def bits(self, count: int) -> int:
        return self._rng.getrandbits(count)


def phone(port: int, remote: tuple[str, int], **more: object) -> RoomMember:
    member = RoomMember(
        f"rtp-{port}", local_port=port, remote_host=remote[0], remote_port=remote[1]
    )
    return _with(member, **more)


def trunk(channel: int, **more: object) -> RoomMember:
    return _with(RoomMember(f"b-{channel}", span="t1", channel=channel), **more)


def _with(member: RoomMember, **more: object) -> RoomMember:
    values = {name: getattr(member, name) for name in RoomMember.__slots__}
    return RoomMember(**{**values, **more})  # each name is a field of the same type


class Far:
    """A far end that speaks RTP: renders what it says, keeps what it hears."""

    def __init__(self, address: tuple[str, int], payload_type: int = 0) -> None:
        self.address = address
        self._payload_type = payload_type
        self._n = 0
        self.packets: list[bytes] = []

    def says(self, payload: bytes) -> bytes:
        self._n += 1
        return render(
            self._payload_type, self._n, self._n * BLOCK, 77, payload, marker=self._n == 1
        )

    @property
    def heard(self) -> bytes:
        return b"".join(packet.payload for p in self.packets if (packet := read(p)) is not None)


class Studio:
    """A core, 20 ms at a time: whoever has something to say says it, then the clocks tick."""

    def __init__(self, *members: RoomMember, any_host: bool = False, call: str = "c1") -> None:
        self.core = MediaCore(SeededBits(), any_host=any_host)
        self.now = 100.0
        self.blocks: dict[int, bytes] = {}
        self.rtp: dict[int, list[SendRtp]] = {}
        self.told: list[LegDigit | LegSilent | LegHeard] = []
        self.room(*members, call=call)

    def room(self, *members: RoomMember, call: str = "c1") -> None:
        self.core.handle(SetRoom(call, members), self.now)

    def step(
        self,
        rtp: dict[int, tuple[bytes, tuple[str, int]]] | None = None,
        blocks: dict[int, bytes] | None = None,
    ) -> None:
        """One 20 ms: packets first, then the card's blocks, then the tick."""
        for port, (data, source) in (rtp or {}).items():
            self._keep(self.core.on_rtp(port, data, source, self.now))
        for channel, block in (blocks or {}).items():
            self._keep(self.core.on_block("t1", channel, block, self.now))
        self._keep(self.core.tick(self.now))
        self.now += 0.02

    def heard_by(self, port: int) -> bytes:
        packets = [read(sent.data) for sent in self.rtp.get(port, [])]
        return b"".join(packet.payload for packet in packets if packet is not None)

    def _keep(self, outputs: list[MediaOutput]) -> None:
        for output in outputs:
            if isinstance(output, SendRtp):
                self.rtp.setdefault(output.local_port, []).append(output)
            elif isinstance(output, SendBlock):
                self.blocks[output.channel] = self.blocks.get(output.channel, b"") + output.block
            else:
                self.told.append(output)


def spoken(seed: int, blocks: int) -> list[bytes]:
    return [Random(seed * 1000 + n).randbytes(BLOCK) for n in range(blocks)]


def coded(hertz: float, law: Law = Law.MU, blocks: int = 50) -> list[bytes]:
    data = from_linear(tone([hertz], blocks * 0.02, -16.0), law)
    return [data[at : at + BLOCK] for at in range(0, len(data), BLOCK)]


def linear(data: bytes, law: Law = Law.MU) -> Samples:
    return to_linear(data, law)


def test_two_people_on_one_law_hear_each_other_byte_for_byte() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3))
    far = Far(PHONE)
    said, answered = spoken(1, 50), spoken(2, 50)
    for n in range(50):
        studio.step({20000: (far.says(said[n]), PHONE)}, {3: answered[n]})
    assert studio.heard_by(20000) == b"".join(answered), "the trunk's voice waits for nothing"
    delayed = studio.blocks[3].lstrip(b"\xff")
    assert b"".join(said).startswith(delayed), "TTY passes: no byte is changed"
    assert len(studio.blocks[3]) == 50 * BLOCK, "the card always gets a block for a block"
    assert len(delayed) >= 47 * BLOCK


def test_packets_for_the_phone_are_numbered_without_a_hole() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3))
    for _ in range(20):
        studio.step(blocks={3: bytes(BLOCK)})
    packets = [read(sent.data) for sent in studio.rtp[20000]]
    first = packets[0]
    assert first is not None
    for n, packet in enumerate(packets):
        assert packet is not None
        assert packet.sequence == (first.sequence + n) & 0xFFFF
        assert packet.timestamp == (first.timestamp + n * BLOCK) & 0xFFFFFFFF
        assert packet.ssrc == first.ssrc
    assert {sent.to for sent in studio.rtp[20000]} == {PHONE}


@pytest.mark.parametrize(("law", "payload_type"), [(Law.MU, 0), (Law.A, 8)])
def test_a_tone_of_another_law_arrives_as_that_tone(law: Law, payload_type: int) -> None:
    studio = Studio(phone(20000, PHONE, law=law.value), trunk(3))
    far = Far(PHONE, payload_type)
    there, back = coded(620.0, law), coded(1004.0)
    for n in range(50):
        studio.step({20000: (far.says(there[n]), PHONE)}, {3: back[n]})
    assert hears(linear(studio.blocks[3]), 620.0)
    assert hears(linear(studio.heard_by(20000), law), 1004.0)
    sent = read(studio.rtp[20000][0].data)
    assert sent is not None
    assert sent.payload_type == payload_type


def test_between_two_phones_packets_pass_at_once_with_their_gaps() -> None:
    studio = Studio(phone(20000, PHONE), phone(20002, DESK))
    said = spoken(3, 10)
    for n in (0, 1, 3, 2, 5):
        data = render(0, 65530 + n & 0xFFFF, n * BLOCK, 9, said[n], marker=False)
        studio.step({20000: (data, PHONE)})
    packets = [read(sent.data) for sent in studio.rtp[20002]]
    assert [p.payload for p in packets if p] == [said[n] for n in (0, 1, 3, 2, 5)]
    numbers = [p.sequence - packets[0].sequence & 0xFFFF for p in packets if p and packets[0]]
    assert numbers == [0, 1, 3, 2, 5]
    assert 20000 not in studio.rtp, "nobody hears himself"


def test_between_two_channels_blocks_pass_at_once() -> None:
    studio = Studio(trunk(1), trunk(2))
    one, two = spoken(4, 20), spoken(5, 20)
    for n in range(20):
        studio.step(blocks={1: one[n], 2: two[n]})
    assert studio.blocks[2] == b"".join(one)
    assert studio.blocks[1] == b"".join(two)


def test_three_people_each_hear_the_two_others_and_not_themselves() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3), phone(20002, DESK))
    caller, desk = Far(PHONE), Far(DESK)
    a, b, c = coded(500.0, blocks=100), coded(820.0, blocks=100), coded(1340.0, blocks=100)
    for n in range(100):
        studio.step({20000: (caller.says(a[n]), PHONE), 20002: (desk.says(c[n]), DESK)}, {3: b[n]})
    heard = {
        "caller": linear(studio.heard_by(20000))[1600:],
        "psap": linear(studio.blocks[3])[1600:],
        "desk": linear(studio.heard_by(20002))[1600:],
    }
    tones = {"caller": 500.0, "psap": 820.0, "desk": 1340.0}
    for hearer, samples in heard.items():
        for speaker, hertz in tones.items():
            assert hears(samples, hertz) is (hearer != speaker), (hearer, speaker)


def test_a_desk_that_only_listens_is_not_heard_and_the_two_others_pass_untouched() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3), phone(20002, DESK, speaks=False))
    far, desk = Far(PHONE), Far(DESK)
    said, answered = spoken(6, 30), spoken(7, 30)
    for n in range(30):
        packets = {
            20000: (far.says(said[n]), PHONE),
            20002: (desk.says(coded(1340.0)[n]), DESK),
        }
        studio.step(packets, {3: answered[n]})
    assert b"".join(said).startswith(studio.blocks[3].lstrip(b"\xff"))
    assert b"".join(answered) == studio.heard_by(20000)


def test_three_phones_are_mixed_by_the_tick() -> None:
    members = [phone(20000 + 2 * n, ("127.0.0.1", 4000 + n)) for n in range(3)]
    studio = Studio(*members)
    far = [Far(("127.0.0.1", 4000 + n)) for n in range(3)]
    voices = [coded(hertz, blocks=60) for hertz in (500.0, 820.0, 1340.0)]
    for n in range(60):
        studio.step({20000 + 2 * i: (far[i].says(voices[i][n]), far[i].address) for i in range(3)})
    heard = linear(studio.heard_by(20002))[1600:]
    assert [hears(heard, hertz) for hertz in (500.0, 820.0, 1340.0)] == [True, False, True]


def test_a_room_whose_channel_gives_no_clock_goes_by_the_tick() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3), phone(20002, DESK))
    far = Far(PHONE)
    for block in coded(500.0, blocks=60):
        studio.step({20000: (far.says(block), PHONE)})
    assert hears(linear(studio.heard_by(20002))[3200:], 500.0)


def test_a_leg_that_does_not_hear_gets_silence() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3, hears=False))
    far = Far(PHONE)
    for n in range(10):
        studio.step({20000: (far.says(spoken(1, 10)[n]), PHONE)}, {3: bytes(BLOCK)})
    assert studio.blocks[3] == SILENT_BLOCK[Law.MU] * 10


def test_a_channel_alone_in_a_room_gets_silence_block_for_block() -> None:
    studio = Studio(trunk(3))
    for _ in range(5):
        studio.step(blocks={3: bytes(BLOCK)})
    assert studio.blocks[3] == SILENT_BLOCK[Law.MU] * 5


def test_voice_from_another_port_of_the_signalled_host_is_followed() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3))
    behind = ("127.0.0.1", 40001)
    studio.step({20000: (Far(behind).says(bytes(BLOCK)), behind)}, {3: bytes(BLOCK)})
    assert studio.rtp[20000][-1].to == behind


def test_nobody_from_another_host_is_heard_or_gets_the_voice() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3))
    thief = ("127.0.0.66", 4000)
    for _ in range(10):
        studio.step({20000: (Far(thief).says(coded(620.0)[0]), thief)}, {3: bytes(BLOCK)})
    assert {sent.to for sent in studio.rtp[20000]} == {PHONE}
    assert studio.blocks[3] == SILENT_BLOCK[Law.MU] * 10


def test_a_source_that_is_being_heard_keeps_its_place() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3))
    far, other = Far(PHONE), ("127.0.0.1", 40001)
    for _ in range(5):
        packets = {20000: (far.says(bytes(BLOCK)), PHONE)}
        studio.step(packets, {3: bytes(BLOCK)})
        studio.step({20000: (Far(other).says(bytes(BLOCK)), other)}, {3: bytes(BLOCK)})
    assert {sent.to for sent in studio.rtp[20000]} == {PHONE}


def test_any_host_may_be_allowed_for_phones_behind_a_nat() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3), any_host=True)
    outside = ("127.0.0.66", 4000)
    studio.step({20000: (Far(outside).says(bytes(BLOCK)), outside)}, {3: bytes(BLOCK)})
    assert studio.rtp[20000][-1].to == outside


def test_a_remote_that_is_signalled_anew_takes_effect_at_once() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3))
    studio.step({20000: (Far(PHONE).says(bytes(BLOCK)), PHONE)}, {3: bytes(BLOCK)})
    studio.room(phone(20000, THIRD), trunk(3))
    studio.step(blocks={3: bytes(BLOCK)})
    first, last = (read(sent.data) for sent in (studio.rtp[20000][0], studio.rtp[20000][-1]))
    assert studio.rtp[20000][-1].to == THIRD
    assert first is not None
    assert last is not None
    assert (last.ssrc, last.sequence) == (first.ssrc, first.sequence + 1 & 0xFFFF)


def an_event(digit: int, timestamp: int, sequence: int, *, end: bool = False) -> bytes:
    payload = bytes([digit, 0x8A if end else 0x0A, 0, 160])
    return render(101, sequence, timestamp, 77, payload, marker=False)


def test_a_keyed_digit_is_told_once_and_is_a_tone_on_the_trunk() -> None:
    studio = Studio(phone(20000, PHONE, event_payload=101), trunk(3))
    for n in range(8):
        data = an_event(5, 1600, 10 + n, end=n > 4)
        studio.step({20000: (data, PHONE)}, {3: bytes(BLOCK)})
    studio.step({20000: (an_event(5, 9600, 30), PHONE)}, {3: bytes(BLOCK)})
    assert studio.told == [LegDigit("rtp-20000", "5"), LegDigit("rtp-20000", "5")]
    heard = linear(studio.blocks[3][: 5 * BLOCK])
    assert hears(heard, 770.0)
    assert hears(heard, 1336.0)


def test_a_keyed_digit_stays_an_event_where_the_other_has_agreed_to_events() -> None:
    studio = Studio(phone(20000, PHONE, event_payload=101), phone(20002, DESK, event_payload=96))
    studio.step({20000: (an_event(7, 1600, 10), PHONE)})
    packet = read(studio.rtp[20002][0].data)
    assert packet is not None
    assert (packet.payload_type, packet.payload[0]) == (96, 7)
    assert studio.told == [LegDigit("rtp-20000", "7")]


@pytest.mark.parametrize("hearer", ["trunk", "phone"])
def test_a_recorded_voice_is_played_over_and_over_until_the_room_changes(hearer: str) -> None:
    recorded = from_linear(tone([700.0], 0.2), Law.MU)
    studio = Studio(trunk(3) if hearer == "trunk" else phone(20000, PHONE))
    studio.core.play("c1", "b-3" if hearer == "trunk" else "rtp-20000", recorded)
    for _ in range(25):
        studio.step(blocks={3: bytes(BLOCK)})
    heard = studio.blocks[3] if hearer == "trunk" else studio.heard_by(20000)
    assert heard == (recorded * 3)[: 25 * BLOCK]

    studio.room(trunk(3), phone(20000, PHONE))
    said = spoken(8, 5)
    studio.rtp.clear()
    for block in said:
        studio.step(blocks={3: block})
    assert studio.heard_by(20000) == b"".join(said)


def test_every_ten_seconds_of_silence_are_told_and_that_a_voice_is_back() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3))
    voice = spoken(8, 1)[0]
    for _ in range(1200):
        studio.step(blocks={3: voice})
    first, second = studio.told
    assert isinstance(first, LegSilent)
    assert isinstance(second, LegSilent)
    assert (first.leg, first.span, second.leg) == ("rtp-20000", "", "rtp-20000")
    assert 10.0 <= first.seconds <= 11.1
    assert 20.0 <= second.seconds <= 22.1
    studio.told.clear()
    studio.step({20000: (Far(PHONE).says(voice), PHONE)}, {3: voice})
    for _ in range(60):
        studio.step(blocks={3: voice})
    assert studio.told == [LegHeard("rtp-20000")]


def test_a_dropped_room_leaves_no_port_and_no_voice() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3))
    assert studio.core.local_ports() == {20000}
    studio.core.handle(DropRoom("c1"), studio.now)
    studio.step({20000: (Far(PHONE).says(bytes(BLOCK)), PHONE)}, {3: bytes(BLOCK)})
    assert studio.core.local_ports() == set()
    assert studio.blocks == {}
    assert studio.rtp == {}


def test_a_port_follows_to_its_latest_call_and_the_old_room_may_then_go() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3))
    studio.room(phone(20000, PHONE), trunk(4), call="c2")
    studio.core.handle(DropRoom("c1"), studio.now)
    studio.step(blocks={3: bytes(BLOCK), 4: bytes(BLOCK)})
    assert studio.core.local_ports() == {20000}
    assert len(studio.rtp[20000]) == 1
    assert 3 not in studio.blocks


def test_noise_on_a_port_is_counted_and_changes_nothing() -> None:
    studio = Studio(phone(20000, PHONE), trunk(3))
    for noise in (b"", b"\x80", b"GET / HTTP/1.1\r\n", b"\x80\xc8" + bytes(30)):
        studio.step({20000: (noise, PHONE)}, {3: bytes(BLOCK)})
    assert studio.core.unread == 4
    assert studio.core.on_block("t1", 9, bytes(BLOCK), 1.0) == []


def test_the_sum_of_loud_voices_is_clipped_and_not_wrapped() -> None:
    loud = from_linear(np.full(BLOCK, 30000, np.int32), Law.MU)
    studio = Studio(trunk(1), trunk(2), trunk(3))
    for _ in range(10):
        studio.step(blocks={2: loud, 3: loud, 1: loud})
    assert linear(studio.blocks[1][-BLOCK:]).min() > 30000


def test_the_channels_that_some_room_needs_are_known_by_span() -> None:
    core = MediaCore(SeededBits())
    core.handle(SetRoom("c1", (trunk(3), trunk(9, span="t1-2"))), 0.0)
    assert core.bearers("t1") == {3}
    core.handle(DropRoom("c1"), 1.0)
    assert core.bearers("t1") == set()
