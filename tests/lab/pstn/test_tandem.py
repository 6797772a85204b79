"""A tandem with a CAMA span: it winks, hears digits, asks for ANI, rings, answers and is released.

The enterprise's end is the test's own hand: datagrams, and digits in MF.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from lab.phones.tones import SILENCE, ringback, tone
from lab.pstn.cama_circuit import CamaCircuit, S
from lab.pstn.dialled import TrunkGroup
from lab.pstn.tandem import Tandem
from tests.lab.pstn.hand import BATTERY, BITS, HOOK, IMPATIENT, QUICK, Hand, Offers, offered, tell

SEVEN = TrunkGroup("kp-0-nxx-xxxx-st", "425")
TEN = TrunkGroup("kp-0-npa-nxx-xxxx-st")
FGC = TrunkGroup("fgc", "425")
FGD = TrunkGroup("fgd")


def test_a_seizure_is_winked_at_and_its_digits_are_a_call_from_the_home_area() -> None:
    async def story(tandem: Tandem, hand: Hand, offers: Offers) -> None:
        began = hand.news.now
        hand.say(3, 1)
        off, on = await hand.until_shown(3, 1, 0)
        assert off - began >= QUICK.before_wink_s
        assert QUICK.wink_s - 0.01 <= on - off < QUICK.wink_s + 0.3
        hand.pulse(3, "*05550142#")
        call = await offered(hand, offers)
        assert (call.called, call.calling, call.channel) == ("911", "4255550142", 3)
        assert call.signals == "*05550142#"
        assert tandem.seized == (3,)
        assert not call.is_up
        assert [*call.times] == [S.SEIZED, S.WINKING, S.LISTENING, S.OFFERED]

    tell(story, SEVEN)


def test_a_call_is_rung_in_band_answered_heard_both_ways_and_released() -> None:
    async def story(tandem: Tandem, hand: Hand, offers: Offers) -> None:
        call = await _placed(hand, offers)
        call.ring()
        await hand.news.until(lambda: hand.blocks[:5] == list(ringback()[:5]), "ringback", 5.0)
        assert hand.shown[2:] == [], "no answer to see while it rings"
        call.answer()
        await hand.until_shown(1, 1, 0, 1)
        assert call.is_up
        call.voice.say(500)
        for _ in range(10):
            hand.send(1, tone(900))
        assert await call.voice.until_hears(900, "the PSAP") > 0.9
        await hand.news.until(lambda: hand.ear.hears(500) or None, "500 Hz", 5.0)
        hand.say(1, 0)
        await hand.until_shown(1, 1, 0, 1, 0)
        assert call.is_over
        assert tandem.seized == ()

    tell(story, TEN)


def test_who_is_done_at_the_psap_goes_on_hook_and_the_call_is_over_when_the_enterprise_is_too() -> (
    None
):
    async def story(tandem: Tandem, hand: Hand, offers: Offers) -> None:
        call = await _placed(hand, offers)
        call.answer()
        call.hang_up(41)
        await hand.until_shown(1, 1, 0, 1, 0)
        assert (call.is_up, call.is_over, call.cause) == (False, False, 41)
        hand.say(1, 0)
        await hand.news.until(lambda: call.is_over, "the end", 5.0)
        assert len(hand.shown) == 4, "it was on hook already"

    tell(story, TEN)


def test_feature_group_c_asks_for_ani_by_going_off_hook_and_stays_so() -> None:
    async def story(_: Tandem, hand: Hand, offers: Offers) -> None:
        await hand.seize(1)
        hand.pulse(1, "*911#")
        _off, on, asked = await hand.until_shown(1, 1, 0, 1)
        assert asked - on >= QUICK.before_request_s
        assert offers == []
        hand.pulse(1, "*05550142#")
        call = await offered(hand, offers)
        assert (call.called, call.calling) == ("911", "4255550142")
        assert call.signals == "*911#*05550142#"
        call.ring()
        call.answer()
        call.hang_up()
        await hand.until_shown(1, 1, 0, 1, 0)

    tell(story, FGC)


def test_feature_group_d_is_heard_in_one_go() -> None:
    async def story(_: Tandem, hand: Hand, offers: Offers) -> None:
        await hand.seize(1)
        hand.pulse(1, "*004255550142#*911#")
        call = await offered(hand, offers)
        assert (call.called, call.calling) == ("911", "4255550142")

    tell(story, FGD)


@pytest.mark.parametrize("signals", ["", "*0555", "*2#", "*0#"])
def test_whoever_sends_no_number_is_a_call_without_one(signals: str) -> None:
    async def story(_: Tandem, hand: Hand, offers: Offers) -> None:
        await hand.seize(1)
        if signals:
            hand.pulse(1, signals)
        call = await offered(hand, offers)
        assert (call.called, call.calling, call.dialled.ani_failed) == ("911", "", True)

    tell(story, SEVEN, timing=IMPATIENT)


def test_a_sender_that_is_late_in_the_middle_of_a_tone_sends_one_signal_all_the_same() -> None:
    async def story(_: Tandem, hand: Hand, offers: Offers) -> None:
        await hand.seize(1)
        blocks = [*hand.sound("*05550142#"), SILENCE, SILENCE]
        in_a_digit = 10  # 200 ms: KP is 100, the first digit 168 to 236
        for block in blocks[:in_a_digit]:
            hand.send(1, block)
        await _later(0.2)
        for block in blocks[in_a_digit:]:
            hand.send(1, block)
        assert (await offered(hand, offers)).signals == "*05550142#"

    tell(story, SEVEN)


def test_a_last_signal_with_nothing_behind_it_is_heard_all_the_same() -> None:
    async def story(_: Tandem, hand: Hand, offers: Offers) -> None:
        await hand.seize(1)
        hand.pulse(1, "*0555014")
        for block in hand.sound("2#"):
            hand.send(1, block)
        call = await offered(hand, offers)
        assert call.calling == "4255550142"

    tell(story, SEVEN)


def test_a_flash_is_a_moment_on_hook_and_the_call_goes_on() -> None:
    async def story(_: Tandem, hand: Hand, offers: Offers) -> None:
        call = await _placed(hand, offers)
        call.flash()
        assert hand.shown[2:] == [], "there is nothing to flash before an answer"
        call.answer()
        call.flash()
        assert call.is_up
        *_rest, on, off = await hand.until_shown(1, 1, 0, 1, 0, 1)
        assert QUICK.flash_s - 0.01 <= off - on < QUICK.flash_s + 0.3
        assert call.state is S.UP

    tell(story, TEN)


@pytest.mark.parametrize("when", ["before the wink", "in the wink", "in the digits", "ringing"])
def test_an_enterprise_that_goes_away_early_leaves_nothing_behind(when: str) -> None:
    async def story(tandem: Tandem, hand: Hand, offers: Offers) -> None:
        hand.say(1, 1)
        if when == "before the wink":
            await hand.news.until(lambda: tandem.seized == (1,), "a seizure", 5.0)
        elif when == "in the wink":
            await hand.until_shown(1, 1)
        else:
            await hand.until_shown(1, 1, 0)
            hand.pulse(1, "*0425" if when == "in the digits" else "*04255550142#")
        if when == "ringing":
            (await offered(hand, offers)).ring()
        hand.say(1, 0)
        await hand.news.until(lambda: tandem.seizures[0].is_over, "the end", 5.0)
        assert tandem.seized == ()
        assert not tandem.is_off_hook(1)
        await _a_moment()
        assert sum(value for _, _, value, _ in hand.shown) == (when != "before the wink")
        assert len(offers) == (when == "ringing")

    tell(story, TEN)


def test_a_call_that_leads_nowhere_hears_reorder_tone_and_is_not_answered() -> None:
    async def story(_: Tandem, hand: Hand, offers: Offers) -> None:
        call = await _placed(hand, offers)
        call.hang_up(1)
        await hand.news.until(lambda: hand.ear.heard > 3 or None, "a tone", 5.0)
        await hand.until_shown(1, 1, 0)
        call.answer()
        assert not call.is_up

    tell(story, TEN)


@pytest.mark.parametrize(
    ("supervision", "kind", "off"), [("em", HOOK, 1), ("bits", BITS, 15), ("loop", BATTERY, 1)]
)
def test_each_kind_of_line_shows_a_wink_in_its_own_way(
    supervision: str, kind: bytes, off: int
) -> None:
    async def story(_: Tandem, hand: Hand, __: Offers) -> None:
        await hand.seize(1, BITS if supervision == "bits" else HOOK)
        shown = [(channel, k, value) for channel, k, value, _ in hand.shown]
        assert shown == [(1, kind, off), (1, kind, 0)]

    tell(story, TEN, supervision)


def test_several_channels_are_calls_of_their_own() -> None:
    async def story(tandem: Tandem, hand: Hand, offers: Offers) -> None:
        for channel in (1, 2, 24):
            hand.say(channel, 1)
        for part, heard in (("*042555", 7), ("5010", 11)):
            for channel in (1, 2, 24):
                await hand.until_shown(channel, 1, 0)
                hand.pulse(channel, part)
            await _all_heard(tandem, heard)
        for channel in (1, 2, 24):
            hand.pulse(channel, f"{channel % 10}#")
        await hand.news.until(lambda: len(offers) == 3, "three calls", 5.0)
        called = {call.channel: call.calling for call in offers}
        assert called == {1: "4255550101", 2: "4255550102", 24: "4255550104"}
        assert tandem.seized == (1, 2, 24)

    tell(story, TEN, timing=replace(QUICK, first_digit_s=8.0, next_digit_s=8.0))


def test_a_tandem_that_is_out_of_order_does_not_wink() -> None:
    async def story(tandem: Tandem, hand: Hand, _: Offers) -> None:
        tandem.is_silent = True
        hand.say(1, 1)
        await hand.news.until(lambda: len(tandem.seizures) == 1, "a seizure", 5.0)
        await _a_moment()
        assert hand.shown == []

    tell(story, TEN)


def test_an_enterprise_whose_card_was_closed_is_on_hook_on_every_channel() -> None:
    async def story(tandem: Tandem, hand: Hand, offers: Offers) -> None:
        call = await _placed(hand, offers)
        call.answer()
        hand.say(2, 1)
        await hand.until_shown(2, 1, 0)
        tandem.hang_up_all()
        assert tandem.seized == ()
        assert call.is_over
        await hand.until_shown(1, 1, 0, 1, 0)

    tell(story, TEN)


def test_an_alarm_is_shown_as_one() -> None:
    async def story(tandem: Tandem, hand: Hand, _: Offers) -> None:
        tandem.raise_alarm(1)
        tandem.raise_alarm(0)
        await hand.news.until(lambda: hand.alarms == [1, 0], "alarms", 5.0)

    tell(story, TEN)


def test_what_is_no_signal_and_voice_on_an_idle_channel_mean_nothing() -> None:
    async def story(tandem: Tandem, hand: Hand, _: Offers) -> None:
        for strange in (b"", b"S", b"S\x01h\x01\x01", b"D\x01h\x01", b"S\x01w\x01", b"S\x01p\x01"):
            hand.write(d=strange)
        hand.write(b=b"B\x01\x00\x00")
        hand.send(1, tone(500))
        hand.say(2, 1)
        await hand.until_shown(2, 1, 0)
        assert [call.channel for call in tandem.seizures] == [2]

    tell(story, TEN)


def test_nobody_can_be_called_on_it() -> None:
    async def story(tandem: Tandem, _: Hand, __: Offers) -> None:
        with pytest.raises(ConnectionError, match="no callback comes on CAMA"):
            await tandem.place("911", "4255550142")

    tell(story, TEN)


async def _placed(hand: Hand, offers: Offers) -> CamaCircuit:
    """A call on channel 1 whose digits are whole."""
    await hand.seize(1)
    hand.pulse(1, "*04255550142#")
    return await offered(hand, offers)


async def _all_heard(tandem: Tandem, signals: int) -> None:
    await tandem.news.until(
        lambda: all(len(call.signals) == signals for call in tandem.seizures), "the digits", 5.0
    )


async def _a_moment() -> None:
    """Longer than the tandem waits before it winks."""
    await _later(3 * QUICK.before_wink_s)


async def _later(seconds: float) -> None:
    over = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, over.set)
    await over.wait()
