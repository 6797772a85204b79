"""Stories of a trunk: calls out, callbacks, and both on one channel."""

from __future__ import annotations

import pytest

from e911.numbers import Caller, Did
from edge_agent.isdn.config import E1_CHANNELS
from edge_agent.isdn.elements import Ie
from edge_agent.isdn.lapd_link import SendFrame
from edge_agent.isdn.messages import M
from edge_agent.isdn.switches import SwitchType
from edge_agent.leg import (
    Alerting,
    Answer,
    Answered,
    BearerMedia,
    Clear,
    Cleared,
    Law,
    LegId,
    MediaChanged,
    Offered,
    Proceeding,
    Progress,
    Ring,
    ShowProgress,
)
from tests.edge.isdn.goldens import messages
from tests.edge.isdn.span import (
    ELIN,
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

# ---- out


def test_the_worked_example_octet_by_octet() -> None:
    """R2 and q931's example: SETUP in the I frame that leaves in the step of the request (R1)."""
    span = Span(a_config(switch=SwitchType.LUCENT_5ESS))
    outputs = span.trunk.handle(seize(emergency=False), 0.0)
    assert outputs == [SendFrame(bytes.fromhex("00010000") + messages()["setup-911"])]


def test_an_emergency_call_prefers_its_channel_and_insists_on_none() -> None:
    span = Span()
    span.ask(seize())
    assert span.take_sent()[0].find(Ie.CHANNEL_ID) == b"\xa1\x83\x81"


def test_who_answered_is_told_where_the_network_says_it() -> None:
    span = Span()
    span.ask(seize())
    span.says("0802800107" + "1803a98381" + "4c0c2183" + b"2065550100".hex())
    assert span.take(Answered) == [Answered(A, "2065550100")]


def test_a_911_call_is_answered_and_the_psap_hangs_up() -> None:
    span = Span()
    span.ask(seize())
    span.says("0802800102" + "1803a98381")
    assert span.take() == [Proceeding(A, 1), media(A, 1)]
    span.says("0802800101" + "1e028288")
    assert span.take() == [Alerting(A, in_band=True)]
    span.says("0802800107")
    assert span.take() == [Answered(A)]
    span.says("0802800145" + "08028290")
    assert span.take() == [Cleared(A, 16, 2, "disconnect")]
    assert span.kinds() == [M.SETUP, M.CONNECT_ACK, M.RELEASE]
    assert span.trunk.busy_channels == {1}
    span.says("080280015a")
    assert span.take() == []
    assert not span.trunk.legs | span.trunk.busy_channels


def test_a_silent_network_costs_four_seconds_and_a_late_answer_rings_no_twin() -> None:
    """R1: the next step waits no longer; the reference is given up by RELEASE COMPLETE 102."""
    span = Span()
    span.ask(seize())
    span.at(2.0)
    span.at(4.0)
    assert span.take() == [Cleared(A, 102, text="t303-last")]
    assert span.kinds() == [M.SETUP, M.SETUP, M.RELEASE_COMPLETE]
    span.says("0802800102" + "1803a98381")
    (again,) = span.take_sent()
    assert (again.kind, again.find(Ie.CAUSE)) == (M.RELEASE_COMPLETE, b"\x80\xd1")
    assert span.trunk.next_deadline() is not None
    assert span.trunk.legs == set()


def test_a_network_that_is_not_there_hears_nothing_when_it_comes_back() -> None:
    """R1 and R6: SABME in the very step, the SETUP withdrawn unsent, and the binding may go with
    it.
    """
    span = Span(up=False)
    span.ask(seize())
    assert span.frames == [bytes.fromhex("00017f")]
    span.at(4.0)
    assert span.take(Cleared) == [Cleared(A, 27, text="t303-last-unsent", sent=False)]
    span.mend_line()
    span.at(12.0)
    assert span.trunk.link_up
    assert span.take_sent() == []


def test_a_link_that_comes_up_in_time_carries_the_waiting_setup() -> None:
    span = Span(up=False)
    span.ask(seize())
    span.at(0.5)
    span.cut = False
    span.at(1.0)
    assert [message.kind for message in span.sent] == [M.SETUP]
    span.says("0802800107" + "1803a98381")
    assert span.take(Answered) == [Answered(A)]


def test_clearing_before_the_link_is_up_leaves_no_trace() -> None:
    span = Span(up=False)
    span.ask(seize(), Clear(A, 16))
    assert span.take() == [Cleared(A, 16, text="clear-unsent", sent=False)]
    span.mend_line()
    span.at(3.0)
    assert span.take_sent() == []
    assert not span.trunk.legs


def test_progress_with_a_cause_and_an_announcement() -> None:
    span = Span()
    span.ask(seize())
    span.says("0802800102", "0802800103" + "08028291" + "1e028288")
    assert span.take()[-1] == Progress(A, in_band=True, cause=17)
    span.says("0802800145" + "08028291" + "1e028288")
    assert span.take() == [Progress(A, in_band=True, cause=17)]
    span.ask(Clear(A, 16))
    assert [type(word) for word in span.take()] == [Cleared]
    assert span.kinds()[-1] == M.RELEASE


@pytest.mark.parametrize("cause", [103, 127])
def test_interworking_is_no_failure_on_the_way_and_is_one_at_the_end(cause: int) -> None:
    """A DISCONNECT with tones ends the call whatever it says: the next step must not wait."""
    span = Span()
    span.ask(seize())
    why = "080282" + bytes((0x80 | cause,)).hex() + "1e028288"
    span.says("0802800102" + "1803a98381", "0802800103" + why)
    assert span.take(Progress) == [Progress(A, in_band=True)]
    span.says("0802800145" + why)
    assert span.take(Progress) == [Progress(A, in_band=True, cause=cause)]


def test_an_e1_trunk_speaks_a_law_and_ends_its_digits() -> None:
    config = a_config(channels=E1_CHANNELS, switch=SwitchType.EURO, law=Law.A)
    span = Span(config)
    span.ask(seize(channel=31))
    (setup,) = span.take_sent()
    assert setup.elements[0].id == Ie.SENDING_COMPLETE
    assert setup.find(Ie.BEARER) == b"\x80\x90\xa3"
    span.says("0802800107")
    assert span.take()[0] == MediaChanged(A, BearerMedia(SPAN, 31, Law.A))


def test_a_tandem_that_stays_silent_is_left_after_thirty_seconds_and_one_that_rings_never() -> None:
    """T310 and T301 of an emergency call (R1)."""
    span = Span()
    span.ask(seize(A, 1), seize(LegId("b"), 2))
    span.says("0802800102", "0802800202", "0802800201")
    span.take()
    span.take_sent()
    span.at(30.0)
    assert span.take(Cleared) == [Cleared(A, 102, text="t310-last")]
    (message,) = span.take_sent()
    assert (message.kind, message.find(Ie.CAUSE)) == (M.DISCONNECT, b"\x80\xe6")
    span.at(36000.0)
    assert span.take(Cleared) == []
    assert span.trunk.legs == {"b"}


def test_tones_end_the_wait_for_alerting() -> None:
    """§5.1.6: PROGRESS stops T310; the caller hears what there is."""
    span = Span()
    span.ask(seize())
    span.says("0802800102", "0802800103" + "1e028288")
    span.at(600.0)
    assert span.take(Cleared) == []


def test_a_switch_that_asks_for_more_digits_is_told_that_there_are_none() -> None:
    span = Span()
    span.ask(seize())
    span.says("080280010d" + "1803a98381")
    assert span.take() == [Proceeding(A, 1), media(A, 1)]
    (_, information) = span.take_sent()
    assert (information.kind, information.find(Ie.SENDING_COMPLETE)) == (M.INFORMATION, b"")
    span.at(15.0)
    assert span.take(Cleared) == [Cleared(A, 102, text="t304-last")]


# ---- in


def test_a_callback_is_acknowledged_before_it_is_offered() -> None:
    """R7: CALL PROCEEDING at once, ALERTING on Ring, CONNECT when a human answers."""
    span = Span()
    outputs = span.trunk.receive(bytes.fromhex("02010000" + callback()), 0.0)
    assert outputs == [
        SendFrame(bytes.fromhex("00010002" + "0802800902" + "1803a98381")),
        Offered(
            LegId("in-1"),
            TRUNK,
            ELIN.digits,
            Caller("", Did("2065550911")),
            from_trunk=True,
            channel=1,
        ),
        media(LegId("in-1"), 1),
    ]


def test_a_callback_rings_and_is_answered() -> None:
    span = Span()
    span.says(callback())
    leg = LegId("in-1")
    span.take()
    span.ask(ShowProgress(leg), Ring(leg), Ring(leg), Answer(leg), Answer(leg))
    assert span.kinds() == [M.CALL_PROCEEDING, M.PROGRESS, M.ALERTING, M.CONNECT]
    span.says("080200090f")
    span.ask(Clear(leg, 16))
    span.says("080200094d")
    assert span.kinds() == [M.DISCONNECT, M.RELEASE_COMPLETE]
    assert span.take() == [Cleared(leg, 16, text="release")]


def test_a_psap_that_withholds_its_number_stays_unknown() -> None:
    span = Span()
    span.says(callback().replace("6c0c2183", "6c0c21a3"))
    (offered,) = span.take(Offered)
    assert isinstance(offered, Offered)
    assert offered.caller == Caller("")


def test_on_glare_the_callback_keeps_the_channel_and_ours_may_be_moved() -> None:
    """When calls meet: glare."""
    span = Span()
    span.ask(seize(channel=1))
    span.says(callback())
    (offered,) = span.take(Offered)
    assert isinstance(offered, Offered)
    assert offered.channel == 1
    span.says("0802800102" + "1803a98385")
    assert span.take() == [Proceeding(A, 5), media(A, 5)]
    assert span.trunk.busy_channels == {1, 5}


@pytest.mark.parametrize("answer", ["02", "01", "07", "0d"])
def test_a_channel_lost_to_a_callback_is_not_had_by_an_answer_that_names_none(answer: str) -> None:
    """Two calls on one channel would hear each other."""
    span = Span()
    span.ask(seize(channel=1))
    span.says(callback())
    span.take()
    span.says(f"08028001{answer}")
    assert span.take() == [Cleared(A, 6, text="channel-unusable")]


def test_a_channel_that_the_callback_gave_back_is_ours_again() -> None:
    span = Span()
    span.ask(seize(channel=1))
    span.says(callback(), "080200095a08028290")
    span.says("0802800102")
    assert span.trunk.busy_channels == {1}
    span.ask(seize(LegId("b"), 1))
    assert span.take_sent()[-1].find(Ie.CHANNEL_ID) == b"\xa1\x83\x97"


def test_on_glare_our_own_call_is_cleared_without_freeing_the_channel() -> None:
    span = Span()
    span.ask(seize(channel=1))
    span.says(callback())
    span.ask(Clear(A, 44))
    span.says("080280014d")
    assert span.trunk.busy_channels == {1}
    assert span.trunk.legs == {"in-1"}


def test_a_busy_channel_is_refused_where_insisted_on_and_exchanged_where_preferred() -> None:
    span = an_answered_call()
    span.says(callback(9, "1803a98381"))
    (refused,) = span.take_sent()
    assert (refused.kind, refused.find(Ie.CAUSE)) == (M.RELEASE_COMPLETE, b"\x80\xac")
    span.says(callback(10, "1803a18381"))
    (taken,) = span.take_sent()
    assert (taken.kind, taken.find(Ie.CHANNEL_ID)) == (M.CALL_PROCEEDING, b"\xa9\x83\x97")


def test_a_data_call_is_no_callback() -> None:
    span = Span()
    span.says(callback(bearer="04028890"))
    assert span.take(Offered) == []
    assert span.take_sent()[0].find(Ie.CAUSE) == b"\x80\xd8"


def test_a_repeated_setup_is_the_same_call() -> None:
    span = Span()
    span.says(callback(), callback())
    assert len(span.take(Offered)) == 1
    assert span.kinds() == [M.CALL_PROCEEDING]


def test_both_sides_may_use_the_same_reference() -> None:
    span = Span()
    span.ask(seize(channel=2))
    span.says(callback(reference=1))
    span.says("0802800107")
    assert span.take(Answered) == [Answered(A)]
    assert span.trunk.legs == {A, "in-1"}
