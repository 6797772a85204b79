"""Stories of channels: restarted, taken out of service, in doubt, still used; and who has which."""

from __future__ import annotations

import pytest

from edge_agent.isdn.elements import Ie
from edge_agent.isdn.maintenance import SetService
from edge_agent.isdn.messages import M
from edge_agent.isdn.switches import SwitchType
from edge_agent.isdn.trunk import Output
from edge_agent.leg import (
    Alerting,
    ChannelMoved,
    ChannelsChanged,
    Clear,
    Cleared,
    Discarded,
    LegId,
    Offered,
    Proceeding,
)
from tests.edge.isdn.span import (
    SPAN,
    TRUNK,
    A,
    Span,
    a_config,
    an_answered_call,
    callback,
    media,
    seize,
)


def out(*channels: int) -> ChannelsChanged:
    return ChannelsChanged(TRUNK, SPAN, frozenset(channels))


def a_span_that_restarts(*channels: int) -> Span:
    span = Span(a_config(restart=True, channels=channels))
    span.at(3.0)
    return span


def restarted(span: Span) -> list[bytes | None]:
    """The channels that RESTARTs since the last time were about."""
    return [sent.find(Ie.CHANNEL_ID) for sent in span.take_sent() if sent.kind == M.RESTART]


# ---- RESTART of ours, §5.5.1


def test_idle_channels_are_restarted_one_at_a_time_from_the_top() -> None:
    span = a_span_that_restarts(1, 2)
    (message,) = span.take_sent()
    assert (message.kind, message.reference, message.find(Ie.RESTART_INDICATOR)) == (
        M.RESTART,
        0,
        b"\x80",
    )
    assert message.find(Ie.CHANNEL_ID) == b"\xa9\x83\x82"
    span.says("080280004e" + "1803a98382" + "790180")
    assert restarted(span) == [b"\xa9\x83\x81"]
    span.says("080280004e" + "1803a98381" + "790180")
    span.at(600.0)
    assert restarted(span) == []
    assert span.take(Discarded, ChannelsChanged) == []


SECOND_RESTARTED = "080280004e" + "1803a98382" + "790180"
"""The network answers the first RESTART, that of channel 2: it does know RESTART."""


def test_a_call_never_waits_for_a_restart_and_ends_it() -> None:
    """R1: SETUP in its own step; the channel under restart only when no other is free."""
    span = a_span_that_restarts(1, 2)
    span.take_sent()
    span.ask(seize(channel=2))
    assert span.take_sent()[0].find(Ie.CHANNEL_ID) == b"\xa1\x83\x81"
    span.ask(seize(LegId("b"), 2))
    assert span.take_sent()[0].find(Ie.CHANNEL_ID) == b"\xa1\x83\x82"
    span.says("0802800107", "0802800207")
    span.at(600.0)
    assert restarted(span) == []
    assert span.take(ChannelsChanged) == []


def test_a_callback_on_a_channel_under_restart_ends_the_restart() -> None:
    span = a_span_that_restarts(1)
    span.take_sent()
    span.says(callback())
    assert len(span.take(Offered)) == 1
    span.at(600.0)
    assert restarted(span) == []
    span.says("080200094d" + "08028290")
    assert restarted(span) == [b"\xa9\x83\x81"]


def test_a_restart_that_nobody_answers_leaves_the_channel_in_doubt_until_a_call_is_answered() -> (
    None
):
    """T316 and N316; the last resort is used all the same (R1)."""
    span = a_span_that_restarts(1, 2)
    span.says(SECOND_RESTARTED)
    span.at(122.9)
    assert len(restarted(span)) == 2
    span.at(243.0)
    assert len(restarted(span)) == 1
    assert span.take(ChannelsChanged) == [out(1)]
    assert span.trunk.out_of_service == {1}
    span.ask(seize(LegId("b"), 2), seize())
    span.says("0802800207")
    assert span.take(ChannelsChanged) == [out()]


def test_a_late_acknowledgement_ends_the_doubt() -> None:
    span = a_span_that_restarts(1, 2)
    span.says(SECOND_RESTARTED)
    span.at(243.0)
    span.take(ChannelsChanged)
    span.says("080280004e" + "1803a98381" + "790180")
    assert span.take() == [Discarded("message-unused"), out()]


def test_a_network_that_knows_no_restart_is_asked_once() -> None:
    span = a_span_that_restarts(1, 2)
    span.says("080280007d" + "080282e1" + "140100")
    span.at(600.0)
    assert len(restarted(span)) == 1
    assert span.take(ChannelsChanged) == []


def test_a_lost_link_takes_the_restart_with_it_and_brings_it_back_settled() -> None:
    span = a_span_that_restarts(1)
    span.take_sent()
    span.break_line()
    span.at(10.0)
    span.mend_line()
    assert restarted(span) == []
    span.at(13.1)
    assert len(restarted(span)) == 1


def test_a_release_that_nobody_acknowledges_puts_the_channel_in_doubt_and_is_followed_up() -> None:
    """§5.3.2: T308 twice, then maintenance."""
    span = a_span_that_restarts(1)
    span.says("080280004e" + "1803a98381" + "790180")
    span.ask(seize())
    span.says("0802800107", "0802800145" + "08028290")
    span.take()
    span.take_sent()
    span.at(11.1)
    assert span.kinds() == [M.RELEASE, M.RESTART]
    assert span.take() == [out(1)]
    span.says("080280004e" + "1803a98381" + "790180")
    assert span.take() == [out()]


# ---- RESTART of the peer's, §5.5.2 and §5.8.3.2 f


@pytest.mark.parametrize(("restarts", "state"), [(False, b"\x00"), (True, b"\x3d")])
def test_any_other_message_on_the_global_reference_is_told_the_state_of_our_restart(
    restarts: bool, state: bytes
) -> None:
    span = Span(a_config(restart=restarts, channels=(1,)))
    span.at(3.0)
    span.take_sent()
    span.says("0802000001")
    (status,) = span.take_sent()
    assert (status.find(Ie.CAUSE), status.find(Ie.CALL_STATE)) == (b"\x80\xd1", state)


# ---- SERVICE


def service(state: str, channel: str = "1803a98381") -> str:
    return "4302000007" + f"0101{state}" + channel


def heard(span: Span, octets: str) -> list[Output]:
    """The network's SERVICE comes outside call control."""
    span.says(octets)
    return span.take()


def test_a_channel_out_of_service_is_tried_last_and_never_refused() -> None:
    """R1; and the network may use what it took out."""
    span = Span(a_config(channels=(1, 2)))
    assert heard(span, service("c2")) == [out(1)]
    assert heard(span, service("c2")) == []
    span.ask(seize(channel=1))
    assert span.take_sent()[-1].find(Ie.CHANNEL_ID) == b"\xa1\x83\x82"
    span.ask(seize(LegId("b"), 1))
    assert span.take_sent()[-1].find(Ie.CHANNEL_ID) == b"\xa1\x83\x81"
    span.ask(Clear(LegId("b"), 16))
    span.says("080280024d 08028290")
    span.says(callback())
    assert len(span.take(Offered)) == 1
    assert heard(span, service("c0")) == [out()]


def test_a_call_stays_up_on_a_channel_that_goes_out_of_service() -> None:
    span = Span()
    span.ask(seize())
    span.says("0802800107")
    span.take()
    heard(span, service("c2"))
    assert span.trunk.legs == {A}
    assert span.take(Cleared) == []


@pytest.mark.parametrize(
    ("switch", "octets"),
    [
        (SwitchType.NI2, ["4302000007 0101c2 1803a98381"]),
        (SwitchType.LUCENT_5ESS, ["030200000f 0101c2 1803a98381"]),
        (SwitchType.EURO, []),
    ],
)
def test_an_operator_takes_a_channel_out_and_the_switch_is_told_in_its_code(
    switch: SwitchType, octets: list[str]
) -> None:
    span = Span(a_config(switch=switch))
    span.ask(SetService(frozenset({1, 99}), in_service=False))
    assert span.raw == [bytes.fromhex(each) for each in octets]
    assert span.take() == [out(1)]
    span.ask(SetService(frozenset({1}), in_service=True))
    assert span.take() == [out()]


def test_an_acknowledgement_of_our_service_is_counted_and_changes_nothing() -> None:
    span = Span()
    assert heard(span, "430280000f" + "0101c2" + "1803a98381") == [
        Discarded("message-discriminator")
    ]
    assert span.trunk.out_of_service == set()


# ---- which channel a call has


def test_the_channel_moves_where_the_network_says() -> None:
    span = Span()
    span.ask(seize())
    span.says("0802800102" + "1803a98389")
    assert span.take() == [Proceeding(A, 9), media(A, 9)]
    assert span.trunk.busy_channels == {9}


def test_a_channel_that_carries_another_call_is_unacceptable() -> None:
    span = an_answered_call()
    span.ask(seize(LegId("b"), 2))
    span.take_sent()
    span.says("0802800202" + "1803a98381")
    assert span.take() == [Cleared(LegId("b"), 6, text="channel-unusable")]
    (message,) = span.take_sent()
    assert (message.kind, message.find(Ie.CAUSE)) == (M.DISCONNECT, b"\x80\x86")


def test_a_wanted_channel_that_is_taken_gives_way_to_the_highest_that_is_free() -> None:
    span = an_answered_call()
    span.ask(seize(LegId("b"), 1))
    assert span.take_sent()[0].find(Ie.CHANNEL_ID) == b"\xa1\x83\x97"


def test_a_channel_that_was_not_the_one_asked_for_is_told_with_the_setup() -> None:
    """The gateway must not believe for a moment that the call is where another one is."""
    span = an_answered_call()
    span.ask(seize(LegId("b"), 1))
    assert span.take() == [ChannelMoved(LegId("b"), 23)]
    span.says("0802800201")
    assert span.take() == [media(LegId("b"), 23), Alerting(LegId("b"))]


def test_a_preempted_channel_is_had_at_once() -> None:
    """R8: the gateway clears the lower rank and seizes its channel in one step."""
    span = Span(a_config(channels=(1,)))
    span.ask(seize(emergency=False))
    span.says("0802800107")
    span.ask(Clear(A, 8), seize(LegId("b"), 1))
    assert span.kinds() == [M.SETUP, M.CONNECT_ACK, M.DISCONNECT, M.SETUP]
    span.says("080280014d")
    assert span.trunk.busy_channels == {1}
    assert span.trunk.legs == {"b"}


def test_a_trunk_without_a_free_channel_says_so_at_once() -> None:
    span = Span(a_config(channels=(1,)))
    span.ask(seize(), seize(LegId("b")))
    assert span.take() == [Cleared(LegId("b"), 34, text="no-channel", sent=False)]
