"""One leg's voice: the same SDP in 183 and 200, versions that count, offers that are answered in
the ACK.
"""

from __future__ import annotations

from edge_agent.leg import Law, RtpMedia
from edge_agent.sip.session import VoiceSession
from tests.edge.sip.scene import PHONE_SDP

OFFER = PHONE_SDP.encode()


def session(port: int | None = 20000) -> VoiceSession:
    return VoiceSession("192.0.2.1", port, 7)


def test_the_answer_is_the_same_for_183_and_200() -> None:
    voice = session()
    first = voice.take_offer(OFFER)
    assert voice.sdp == first
    assert voice.take_offer(OFFER) == first
    assert voice.media == RtpMedia(20000, ("192.0.2.41", 50060), Law.MU, 101)


def test_a_changed_answer_counts_up_its_version() -> None:
    voice = session()
    assert b"o=- 7 0 " in voice.take_offer(OFFER)
    moved = voice.take_offer(OFFER.replace(b"RTP/AVP 0 8", b"RTP/AVP 8"))
    assert b"o=- 7 1 " in moved
    assert voice.media == RtpMedia(20000, ("192.0.2.41", 50060), Law.A, 101)


def test_without_an_offer_ours_goes_out_and_waits_for_its_answer() -> None:
    voice = session()
    assert b"m=audio 20000 RTP/AVP 0 8 101" in voice.sdp
    assert [voice.awaits_answer, voice.media] == [True, None]
    voice.take_answer(OFFER)
    assert [voice.awaits_answer] == [False]
    assert voice.media == RtpMedia(20000, ("192.0.2.41", 50060), Law.MU, 101)


def test_r1_an_unreadable_offer_is_answered_and_voice_waits_for_the_first_packet() -> None:
    voice = session()
    assert b"m=audio 20000" in voice.take_offer(b"rubbish")
    assert voice.media == RtpMedia(20000, None)


def test_a_hold_is_remembered() -> None:
    voice = session()
    assert b"a=recvonly" in voice.take_offer(OFFER + b"a=sendonly\r\n")
    assert voice.held
    voice.take_offer(OFFER)
    assert not voice.held


def test_the_far_end_takes_what_its_newest_description_lists() -> None:
    voice = session()
    assert not voice.takes(16)
    voice.take_offer(OFFER + b"a=fmtp:101 0-16\r\n")
    assert voice.takes(16)
    voice.take_offer(OFFER)
    assert [voice.takes(15), voice.takes(16)] == [True, False]


def test_without_a_port_the_call_is_answered_on_discard_and_has_no_media() -> None:
    voice = session(None)
    assert b"m=audio 9 " in voice.take_offer(OFFER)
    assert voice.media is None
