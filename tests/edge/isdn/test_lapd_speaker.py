"""What one side says, to whom, and which timer runs after it."""

from __future__ import annotations

from edge_agent.isdn.lapd_config import LinkConfig
from edge_agent.isdn.lapd_frame import Side, U, Unnumbered
from edge_agent.isdn.lapd_speaker import Speaker
from edge_agent.isdn.lapd_words import Heard, SendFrame
from edge_agent.isdn.timers import LinkTimer

DISC = Unnumbered(U.DISC, final=True)


def test_a_command_is_watched_and_its_tries_are_counted() -> None:
    speaker, heard = Speaker(LinkConfig(n200=1), Side.USER, lambda: 0), Heard(5.0)
    for _ in range(2):
        assert speaker.again
        speaker.command(DISC, heard)
        assert speaker.next_deadline() == 6.0
        assert speaker.expire(6.0) is LinkTimer.T200
    assert not speaker.again
    assert heard.outputs == [SendFrame(bytes.fromhex("000153"))] * 2


def test_frames_carry_the_tei_of_the_moment_and_those_about_teis_none() -> None:
    teis = iter([64, 65])
    speaker, heard = Speaker(LinkConfig(), Side.USER, lambda: next(teis)), Heard(0.0)
    speaker.put(DISC, heard)
    speaker.put(DISC, heard)
    speaker.manage(b"\x0f", heard)
    assert heard.outputs == [
        SendFrame(bytes.fromhex(octets)) for octets in ("008153", "008353", "fcff030f")
    ]


def test_one_timer_runs_at_a_time_and_what_is_watched_is_not_watched_anew() -> None:
    speaker = Speaker(LinkConfig(), Side.NETWORK, lambda: 0)
    speaker.idle(Heard(0.0))
    assert speaker.next_deadline() == 10.0
    speaker.watch(Heard(1.0))
    speaker.watch(Heard(1.5))
    assert speaker.next_deadline() == 2.0
    speaker.run(LinkTimer.REST, Heard(1.5))
    assert [speaker.expire(100.0), speaker.expire(100.0)] == [LinkTimer.REST, None]
    speaker.idle(Heard(0.0))
    speaker.stop()
    assert speaker.next_deadline() is None
