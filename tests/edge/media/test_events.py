"""A telephone-event of ours (RFC 4733) goes beside the voice: when, how often, and numbered how."""

from __future__ import annotations

from itertools import pairwise

import pytest

from edge_agent.media.g711 import BLOCK
from edge_agent.media.rtp import Packet, read
from tests.edge.media.test_bridge import DESK, PHONE, Far, Studio, phone, spoken, trunk

FLASH = 16


class Booth(Studio):
    """A studio that notes when each packet was sent, marked or not."""

    def flash(self, leg: str = "rtp-20000", event: int = FLASH) -> None:
        self._keep(self.core.event(leg, event, self.now))

    def sent(self, port: int = 20000) -> list[tuple[Packet, bool]]:
        packets = [(read(each.data), each.data[1] & 0x80 != 0) for each in self.rtp.get(port, [])]
        return [(packet, marked) for packet, marked in packets if packet is not None]

    def events(self, port: int = 20000) -> list[tuple[Packet, bool]]:
        return [each for each in self.sent(port) if each[0].payload_type == 101]

    def voice(self, port: int = 20000) -> list[Packet]:
        return [packet for packet, _ in self.sent(port) if packet.payload_type == 0]


def talking() -> Booth:
    """A caller and a PSAP, the PSAP's voice on its way for a while."""
    booth = Booth(phone(20000, PHONE, event_payload=101), trunk(3))
    for block in spoken(1, 10):
        booth.step(blocks={3: block})
    return booth


def test_a_hook_flash_lasts_100_ms_and_its_end_is_told_three_times() -> None:
    booth = talking()
    booth.flash()
    for block in spoken(2, 12):
        booth.step(blocks={3: block})
    events = booth.events()
    assert [packet.payload[0] for packet, _ in events] == [FLASH] * 7
    assert [packet.payload[1] for packet, _ in events] == [0, 0, 0, 0, 0x80, 0x80, 0x80]
    durations = [int.from_bytes(packet.payload[2:], "big") for packet, _ in events]
    assert durations == [160, 320, 480, 640, 800, 800, 800]
    assert [marked for _, marked in events] == [True, *[False] * 6]
    assert len({packet.timestamp for packet, _ in events}) == 1


def test_the_event_begins_at_the_time_of_the_voice_and_takes_one_packet_each_20_ms() -> None:
    booth = talking()
    before = booth.voice()[-1]
    booth.flash()
    assert booth.events()[0][0].timestamp == before.timestamp + BLOCK & 0xFFFFFFFF
    for told, block in enumerate(spoken(2, 10), start=2):
        booth.step(blocks={3: block})
        assert len(booth.events()) == min(told, 7)


def test_the_voice_goes_on_under_the_numbers_that_follow() -> None:
    booth = talking()
    booth.flash()
    said = spoken(2, 12)
    for block in said:
        booth.step(blocks={3: block})
    numbers = [packet.sequence for packet, _ in booth.sent()]
    assert all(b == a + 1 & 0xFFFF for a, b in pairwise(numbers)), numbers
    times = [packet.timestamp for packet in booth.voice()]
    assert all(b == a + BLOCK & 0xFFFFFFFF for a, b in pairwise(times)), "its time has no hole"
    assert b"".join(p.payload for p in booth.voice()[-12:]) == b"".join(said)
    assert len({packet.ssrc for packet, _ in booth.sent()}) == 1


def test_a_relayed_voice_makes_room_for_the_event_and_goes_on() -> None:
    booth = Booth(phone(20000, PHONE, event_payload=101), phone(20002, DESK))
    desk = Far(DESK)
    for n, block in enumerate(spoken(3, 20)):
        if n == 5:
            booth.flash()
        booth.step({20002: (desk.says(block), DESK)})
    numbers = [packet.sequence for packet, _ in booth.sent()]
    assert all(b == a + 1 & 0xFFFF for a, b in pairwise(numbers)), numbers
    assert len(booth.events()) == 7
    assert [packet.payload for packet in booth.voice()] == spoken(3, 20)


@pytest.mark.parametrize("pause", [0, 100])
def test_a_second_flash_is_another_event_even_where_nobody_speaks(pause: int) -> None:
    booth = Booth(phone(20000, PHONE, event_payload=101))
    booth.flash()
    for _ in range(pause):
        booth.step()
    booth.flash()
    for _ in range(20):
        booth.step()
    times = [packet.timestamp for packet, _ in booth.events()]
    assert len(times) == 14
    assert len(set(times[:7])) == len(set(times[7:])) == 1
    passed = (pause or 7) * BLOCK
    assert times[7] - times[0] & 0xFFFFFFFF == pytest.approx(passed, abs=2 * BLOCK)
    assert [marked for _, marked in booth.events()] == [True, *[False] * 6] * 2


def test_who_has_agreed_to_no_events_gets_none() -> None:
    booth = Booth(phone(20000, PHONE), trunk(3), phone(20002, ("", 0), event_payload=101))
    for leg in ("rtp-20000", "b-3", "rtp-20002", "nobody"):
        booth.flash(leg)
    for block in spoken(4, 10):
        booth.step(blocks={3: block})
    assert {packet.payload_type for packet, _ in booth.sent()} == {0}
    assert booth.sent(20002) == []


def test_only_the_leg_that_is_named_is_told() -> None:
    booth = Booth(
        phone(20000, PHONE, event_payload=101), trunk(3), phone(20002, DESK, event_payload=101)
    )
    booth.flash("rtp-20002")
    for block in spoken(5, 10):
        booth.step(blocks={3: block})
    assert booth.events(20000) == []
    assert len(booth.events(20002)) == 7


def test_an_agreement_that_ends_ends_the_event() -> None:
    booth = talking()
    booth.flash()
    booth.room(phone(20000, PHONE), trunk(3))
    for _ in range(10):
        booth.step()
    booth.room(phone(20000, PHONE, event_payload=101), trunk(3))
    for _ in range(10):
        booth.step()
    assert len(booth.events()) == 1
