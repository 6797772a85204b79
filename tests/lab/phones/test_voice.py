"""Voice over RTP: what one end says, the other hears, and strangers' datagrams are no voice."""

from __future__ import annotations

import asyncio
import random
import socket

import pytest

from lab.phones.bulletin import Bulletin, Unmet
from lab.phones.tones import SILENCE, tone
from lab.phones.voice import RtpVoice, Voice


def test_two_ends_that_follow_each_others_sdp_hear_each_other() -> None:
    async def story() -> tuple[float, float, float]:
        here, there = await _pair()
        here.say(500)
        there.say(900)
        heard = await there.until_hears(500, "there"), await here.until_hears(900, "here")
        own = here.ear.share(500)
        here.close()
        there.close()
        return *heard, own

    there, here, own = asyncio.run(story())
    assert min(there, here) > 0.9
    assert own < 0.05


def test_who_is_hushed_is_heard_no_more() -> None:
    async def story() -> None:
        here, there = await _pair()
        here.say(500)
        await there.until_hears(500, "there")
        here.hush()
        there.ear.forget()
        try:
            await there.until_hears(500, "there", timeout=0.3)
        finally:
            here.close()
            there.close()

    with pytest.raises(Unmet, match="there to hear 500 Hz within 0.3 s"):
        asyncio.run(story())


def test_what_is_played_goes_round_until_something_is_said() -> None:
    async def story() -> tuple[int, list[bytes]]:
        voice = _Kept(Bulletin())
        voice.play((tone(500), SILENCE))
        says = voice.says
        await voice.until(5)
        voice.say(900)
        await voice.until(len(voice.sent) + 1)
        voice.hush()
        return says, voice.sent

    says, sent = asyncio.run(story())
    assert says == 0
    assert sent[:4] == [tone(500), SILENCE] * 2
    assert sent[-1] == tone(900)


def test_only_whole_blocks_of_pcmu_are_voice() -> None:
    async def story() -> int:
        voice = await RtpVoice.open(Bulletin(), random.Random(7))
        block = tone(500)
        for packet in (
            b"",
            b"\x80\x00" + bytes(10) + block[:80],
            b"\x80\x65" + bytes(10) + block,
            b"\x00\x00" + bytes(10) + block,
            b"\x80\x80" + bytes(10) + block,
            b"\x81\x00" + bytes(14) + block,
        ):
            voice.datagram_received(packet, ("127.0.0.1", 9))
        voice.close()
        return voice.ear.heard

    assert asyncio.run(story()) == 2, "the marked packet, and the one with a contributing source"


def test_sdp_says_where_we_listen_and_a_port_of_zero_is_nowhere() -> None:
    async def story() -> int:
        voice = await RtpVoice.open(Bulletin(), random.Random(7))
        assert f"m=audio {voice.port} RTP/AVP 0" in voice.sdp().decode()
        voice.follow(b"c=IN IP4 127.0.0.9\r\nm=audio 4000 RTP/AVP 0\r\n")
        followed = [voice.remote]
        voice.follow(b"m=audio 0 RTP/AVP 0\r\n")
        assert [*followed, voice.remote] == [("127.0.0.9", 4000), None]
        voice.close()
        return voice.port

    port = asyncio.run(story())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", port))  # it is free again


class _Kept(Voice):
    """Keeps what it says."""

    def __init__(self, news: Bulletin) -> None:
        super().__init__(news)
        self.news, self.sent = news, list[bytes]()

    def send_block(self, block: bytes) -> None:
        self.sent.append(block)
        self.news.post()

    async def until(self, count: int) -> None:
        await self.news.until(lambda: len(self.sent) >= count, f"{count} blocks")


async def _pair() -> tuple[RtpVoice, RtpVoice]:
    news, dice = Bulletin(), random.Random(7)
    here, there = await RtpVoice.open(news, dice), await RtpVoice.open(news, dice)
    here.follow(there.sdp())
    there.follow(here.sdp())
    return here, there
