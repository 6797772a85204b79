"""A user and a network side of ours back to back: every way a call can go, told as stories."""

from __future__ import annotations

from typing import Any

import pytest

from edge_agent.isdn.config import E1_CHANNELS
from edge_agent.isdn.lapd_config import LinkConfig
from edge_agent.isdn.messages import M
from edge_agent.isdn.switches import SwitchType
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    Clear,
    Cleared,
    Discarded,
    LegId,
    Offered,
    Proceeding,
    Progress,
    Ring,
    ShowProgress,
)
from tests.edge.isdn.pair import NETWORK, USER, Pair, call_back, dial_911

LINES: dict[str, dict[str, Any]] = {
    "ni2": {},
    "5ess": {"switch": SwitchType.LUCENT_5ESS},
    "4ess": {"switch": SwitchType.ATT_4ESS, "bearer_layer1": False},
    "dms100": {"switch": SwitchType.DMS100},
    "euro": {"switch": SwitchType.EURO, "channels": E1_CHANNELS},
    "logical": {"switch": SwitchType.EURO, "channels": E1_CHANNELS, "logical_channels": True},
    "basic": {"switch": SwitchType.EURO, "channels": (1, 2), "link": LinkConfig.basic()},
    "overlap": {"switch": SwitchType.EURO, "overlap": True, "overlap_digits": 15},
}


def nothing_is_left(pair: Pair) -> bool:
    """No reference, no channel, no timer but the link's poll."""
    idle = [not trunk.legs | trunk.busy_channels for trunk in pair.trunks.values()]
    pair.take_sent()
    pair.run(pair.now + 400.0)
    return all(idle) and pair.take_sent() == []


@pytest.mark.parametrize("line", LINES)
def test_a_911_call_and_its_callback_on_every_line(line: str) -> None:
    pair = Pair(**LINES[line])
    last = pair.trunks[USER].config.channels[-1]
    pair.ask(USER, dial_911(channel=last))
    pair.settle()
    (offered,) = pair.take(NETWORK, Offered)
    assert (offered.dialled, offered.channel, offered.caller.number.digits) == (
        "911",
        last,
        "4255550142",
    )
    pair.ask(NETWORK, Ring(offered.leg, in_band=True), Answer(offered.leg))
    pair.settle()
    words = pair.take(USER, Proceeding, Alerting, Answered)
    assert words[-3:] == [
        Proceeding(LegId("a"), last),
        Alerting(LegId("a"), True),
        Answered(LegId("a")),
    ]
    pair.ask(USER, Clear(LegId("a"), 16))
    pair.settle()
    assert [word.cause for word in pair.take(NETWORK, Cleared)] == [16]
    pair.ask(NETWORK, call_back(channel=last))
    pair.settle()
    (offered,) = pair.take(USER, Offered)
    assert (offered.dialled, offered.channel) == ("4255550142", last)
    pair.ask(USER, Ring(offered.leg), Answer(offered.leg))
    pair.settle()
    assert pair.take(NETWORK, Answered) == [Answered(LegId("b"))]
    pair.ask(NETWORK, Clear(LegId("b"), 16))
    pair.settle()
    assert nothing_is_left(pair)


def test_the_messages_of_an_en_bloc_call_are_those_of_the_standard() -> None:
    pair = Pair()
    pair.ask(USER, dial_911())
    pair.settle()
    (offered,) = pair.take(NETWORK, Offered)
    pair.ask(NETWORK, Ring(offered.leg), Answer(offered.leg))
    pair.settle()
    pair.ask(NETWORK, Clear(offered.leg, 16))
    pair.settle()
    assert pair.take_sent() == [
        (USER, M.SETUP),
        (NETWORK, M.CALL_PROCEEDING),
        (NETWORK, M.ALERTING),
        (NETWORK, M.CONNECT),
        (USER, M.CONNECT_ACK),
        (NETWORK, M.DISCONNECT),
        (USER, M.RELEASE),
        (NETWORK, M.RELEASE_COMPLETE),
    ]


# ---- overlap, §5.1.3 and §5.2.4


def test_overlap_costs_one_exchange_and_offers_the_call_once() -> None:
    pair = Pair(**LINES["overlap"])
    pair.ask(USER, dial_911())
    pair.settle()
    assert pair.take_sent() == [
        (USER, M.SETUP),
        (NETWORK, M.SETUP_ACK),
        (USER, M.INFORMATION),
        (NETWORK, M.CALL_PROCEEDING),
    ]
    assert [word.dialled for word in pair.take(NETWORK, Offered)] == ["911"]


# ---- announcements


def test_a_failure_that_is_announced_is_heard_and_counts_as_a_failure() -> None:
    pair = Pair(announces=True)
    pair.ask(USER, dial_911())
    pair.settle()
    (offered,) = pair.take(NETWORK, Offered)
    pair.ask(NETWORK, Clear(offered.leg, 38))
    pair.settle()
    assert pair.take(USER, Progress) == [Progress(LegId("a"), in_band=True, cause=38)]
    pair.ask(USER, Clear(LegId("a"), 16))
    pair.settle()
    assert len(pair.take(USER, Cleared)) == len(pair.take(NETWORK, Cleared)) == 1
    assert nothing_is_left(pair)


def test_tones_before_the_answer_are_told() -> None:
    pair = Pair()
    pair.ask(USER, dial_911())
    pair.settle()
    (offered,) = pair.take(NETWORK, Offered)
    pair.ask(NETWORK, ShowProgress(offered.leg))
    pair.settle()
    assert pair.take(USER, Progress) == [Progress(LegId("a"), in_band=True)]


# ---- channels


def test_on_glare_the_network_keeps_the_channel_and_moves_the_911_call() -> None:
    """When calls meet: SETUPs for one channel cross; the 911 call only preferred it."""
    pair = Pair()
    pair.ask(USER, dial_911(channel=5))
    pair.ask(NETWORK, call_back(channel=5))
    pair.settle()
    (callback,) = pair.take(USER, Offered)
    assert callback.channel == 5
    (emergency,) = pair.take(NETWORK, Offered)
    channels = {trunk.busy_channels for trunk in pair.trunks.values()}
    assert channels == {frozenset({5, emergency.channel})}


# ---- lost links, §5.8.8 to §5.8.10


def test_a_call_lives_through_a_lost_link_and_both_sides_ask_after_it() -> None:
    pair = Pair()
    pair.ask(USER, dial_911())
    pair.settle()
    (offered,) = pair.take(NETWORK, Offered)
    pair.ask(NETWORK, Answer(offered.leg))
    pair.settle()
    pair.take_sent()
    pair.break_line()
    pair.run(60.0)
    pair.mend_line()
    pair.run(75.0)
    assert sorted(kind for _, kind in pair.take_sent()) == [M.STATUS_ENQUIRY] * 2 + [M.STATUS] * 2
    assert pair.take(USER, Cleared) == pair.take(NETWORK, Cleared) == []


def test_calls_that_t309_gave_up_leave_channels_that_are_restarted_when_the_link_is_back() -> None:
    pair = Pair(restart=True)
    pair.run(10.0)
    pair.ask(USER, dial_911(channel=7))
    pair.settle()
    (offered,) = pair.take(NETWORK, Offered)
    pair.ask(NETWORK, Answer(offered.leg))
    pair.settle()
    pair.take_sent()
    pair.break_line()
    pair.run(150.0)
    assert len(pair.take(USER, Cleared)) == 1
    pair.mend_line()
    pair.run(160.0)
    assert sorted(pair.take_sent()) == [
        (USER, M.RESTART),
        (USER, M.RESTART_ACK),
        (NETWORK, M.RESTART),
        (NETWORK, M.RESTART_ACK),
    ]
    assert nothing_is_left(pair)


# ---- restart, §5.5


def test_the_first_link_restarts_every_idle_channel_once_it_has_settled() -> None:
    pair = Pair(restart=True, channels=(1, 2, 3))
    assert pair.take_sent() == []
    pair.ask(USER, dial_911(channel=2))
    pair.run(10.0)
    sent = pair.take_sent()
    for side, other in ((USER, NETWORK), (NETWORK, USER)):
        assert sent.count((side, M.RESTART)) == sent.count((other, M.RESTART_ACK)) == 2
    assert pair.take(USER, Cleared) == pair.take(NETWORK, Cleared) == []
    pair.break_line()
    pair.run(11.0)
    pair.mend_line()
    pair.run(30.0)
    assert M.RESTART not in [kind for _, kind in pair.take_sent()]


def test_messages_that_are_late_for_a_call_are_counted_and_answered() -> None:
    pair = Pair()
    pair.ask(USER, dial_911())
    pair.settle()
    (offered,) = pair.take(NETWORK, Offered)
    pair.ask(USER, Clear(LegId("a"), 16))
    pair.ask(NETWORK, Ring(offered.leg))
    pair.settle()
    assert pair.take(NETWORK, Discarded) == []
    assert len(pair.take(USER, Cleared)) == 1
    assert nothing_is_left(pair)
