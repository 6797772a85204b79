"""Every (state, input) pair of both call tables, and what each row says and sends."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest

from e911.numbers import Elin
from edge_agent.isdn.call import Call, CallOutput, Detail, Party
from edge_agent.isdn.call_table import USER
from edge_agent.isdn.call_table_network import NETWORK
from edge_agent.isdn.call_words import FROM_PEER, In, Say, Table, U
from edge_agent.isdn.elements import Cause, Ie
from edge_agent.isdn.messages import M, Message
from edge_agent.isdn.timers import T, call_seconds
from edge_agent.leg import (
    Alerting,
    Answered,
    BearerMedia,
    Cleared,
    Discarded,
    Law,
    LegId,
    MediaChanged,
    Offered,
    Proceeding,
    Progress,
    SeizeTrunk,
)

LEG = LegId("a")
ASKED = SeizeTrunk(LEG, "psap", 5, Elin("4255550142"), "911")
EMERGENCY = call_seconds({}, emergency=True)
USER_WAY: Mapping[U, tuple[In, ...]] = {
    U.NULL: (),
    U.INITIATED: (In.SETUP_REQUEST,),
    U.OVERLAP_SENDING: (In.SETUP_REQUEST, In.SETUP_ACK),
    U.PROCEEDING: (In.SETUP_REQUEST, In.CALL_PROCEEDING),
    U.DELIVERED: (In.SETUP_REQUEST, In.ALERTING),
    U.PRESENT: (In.SETUP,),
    U.RECEIVED: (In.SETUP, In.ALERTING_REQUEST),
    U.CONNECT_REQUEST: (In.SETUP, In.CONNECT_REQUEST),
    U.INCOMING_PROCEEDING: (In.SETUP, In.PROCEEDING_REQUEST),
    U.OVERLAP_RECEIVING: (In.SETUP_PARTIAL,),
    U.ACTIVE: (In.SETUP_REQUEST, In.CONNECT),
    U.DISCONNECT_REQUEST: (In.SETUP_REQUEST, In.CALL_PROCEEDING, In.CLEAR_REQUEST),
    U.DISCONNECT_INDICATION: (In.SETUP_REQUEST, In.DISCONNECT_IN_BAND),
    U.RELEASE_REQUEST: (In.SETUP_REQUEST, In.CONNECT, In.DISCONNECT),
}
NETWORK_WAY: Mapping[U, tuple[In, ...]] = {
    U.NULL: (),
    U.INITIATED: (In.SETUP,),
    U.OVERLAP_SENDING: (In.SETUP_PARTIAL,),
    U.PROCEEDING: (In.SETUP, In.PROCEEDING_REQUEST),
    U.DELIVERED: (In.SETUP, In.ALERTING_REQUEST),
    U.PRESENT: (In.SETUP_REQUEST,),
    U.OVERLAP_RECEIVING: (In.SETUP_REQUEST, In.SETUP_ACK),
    U.INCOMING_PROCEEDING: (In.SETUP_REQUEST, In.CALL_PROCEEDING),
    U.RECEIVED: (In.SETUP_REQUEST, In.ALERTING),
    U.ACTIVE: (In.SETUP_REQUEST, In.CONNECT),
    U.DISCONNECT_INDICATION: (In.SETUP_REQUEST, In.CALL_PROCEEDING, In.CLEAR_REQUEST),
    U.RELEASE_REQUEST: (In.SETUP_REQUEST, In.CONNECT, In.DISCONNECT),
}
SIDES = [(USER, USER_WAY), (NETWORK, NETWORK_WAY)]
STATES = [(table, state) for table, way in SIDES for state in way]
CALLS = [(table, state) for table, state in STATES if state is not U.NULL]
PAIRS = [(table, state, event) for (table, state), event in product(STATES, In)]


def way(table: Table) -> Mapping[U, tuple[In, ...]]:
    return dict(SIDES)[table]


def a_call(*, ours: bool = True, emergency: bool = True, table: Table = USER) -> Call:
    party = Party(LEG, ours, "psap", "span-1", Law.MU, request=ASKED if ours else None)
    return Call(party, 1, 5, call_seconds({}, emergency=emergency), table)


def in_state(
    state: U, *, emergency: bool = True, table: Table = USER
) -> tuple[Call, list[CallOutput]]:
    steps = way(table)[state]
    call = a_call(ours=In.SETUP_REQUEST in steps, emergency=emergency, table=table)
    said: list[CallOutput] = []
    for event in steps:
        said += call.feed(event, 0.0)
    assert call.state is state
    return call, said


def cleared(outputs: list[CallOutput]) -> list[Cleared]:
    return [output for output in outputs if isinstance(output, Cleared)]


def named(value: object) -> str | None:
    if isinstance(value, Table):
        return "user" if value is USER else "network"
    return value.name if isinstance(value, U | In) else None


@pytest.mark.parametrize(("table", "state", "event"), PAIRS, ids=named)
def test_every_input_in_every_state_does_what_its_row_says(
    table: Table, state: U, event: In
) -> None:
    call, before = in_state(state, table=table)
    deadline = call.next_deadline()
    outputs = call.feed(event, 0.0)
    step = table.rows.get((state, event))
    sent = [output.kind for output in outputs if isinstance(output, Message)]
    if step is None:
        assert call.state is state
        assert call.next_deadline() == deadline
        assert sent == ([M.STATUS] if event in FROM_PEER else [])
        assert [type(output) for output in outputs if not isinstance(output, Message)] == [
            Discarded
        ]
        return
    assert call.state is step.to
    assert sent == ([] if step.send is None else [step.send])
    if step.timer is not None and EMERGENCY[step.timer] is not None:
        assert call.next_deadline() == EMERGENCY[step.timer]
    elif not step.keeps:
        assert call.next_deadline() is None
    if step.say is Say.CLEARED:
        known = [word for word in before if isinstance(word, Offered)] or call.party.ours
        assert len(cleared(before + outputs)) == (1 if known else 0)
    if step.to is U.NULL:
        assert call.next_deadline() is None


@pytest.mark.parametrize("table", [USER, NETWORK], ids=named)
def test_every_state_of_a_table_can_be_reached(table: Table) -> None:
    states = {state for state, _ in table.rows} | {step.to for step in table.rows.values()}
    assert states == set(way(table))


@pytest.mark.parametrize(("table", "state"), CALLS, ids=named)
@pytest.mark.parametrize("last", [In.RELEASE_COMPLETE, In.RELEASE, In.T309_LAST, In.RESTARTED])
def test_a_call_is_cleared_once_whatever_ends_it_and_not_at_all_if_never_offered(
    table: Table, state: U, last: In
) -> None:
    call, said = in_state(state, table=table)
    unknown = call.collecting
    said += call.feed(last, 1.0)
    assert call.state is U.NULL
    assert len(cleared(said)) == (0 if unknown else 1)
    assert call.next_deadline() is None


@pytest.mark.parametrize(("table", "state"), CALLS, ids=named)
def test_left_alone_a_clearing_call_always_ends(table: Table, state: U) -> None:
    """Whatever the peer does not say: after Clear every call reaches Null by its timers."""
    call, said = in_state(state, table=table)
    last = In.STATUS_INCOMPATIBLE if call.collecting else In.CLEAR_REQUEST
    said += call.feed(last, 0.0, Detail(cause=Cause(16)))
    while (due := call.next_deadline()) is not None:
        event = call.expire(due)
        assert event is not None
        said += call.feed(event, due)
        assert due < 60
    assert call.state is U.NULL
    assert len(cleared(said)) == (1 if state is not table.collecting else 0)


@pytest.mark.parametrize(("table", "state"), CALLS, ids=named)
def test_a_peer_that_does_not_say_in_which_state_it_is_loses_an_ordinary_call(
    table: Table, state: U
) -> None:
    """§5.8.10: asked twice, then cleared with 41; an emergency call is asked after once and
    stays.
    """
    call, _ = in_state(state, emergency=False, table=table)
    if not call.has_row(In.T322_LAST):
        assert call.clearing
        return
    (asked,) = call.feed(In.ENQUIRY_REQUEST, 0.0)
    assert isinstance(asked, Message)
    assert (asked.kind, call.enquiring) == (M.STATUS_ENQUIRY, True)
    assert call.feed(In.T322_AGAIN, 4.0) == [asked]
    release, *_ = call.feed(In.T322_LAST, 8.0)
    assert isinstance(release, Message)
    assert (release.kind, (release.find(Ie.CAUSE) or b"")[1]) == (M.RELEASE, 0x80 | 41)
    urgent, _ = in_state(state, table=table)
    urgent.feed(In.ENQUIRY_REQUEST, 0.0)
    assert not urgent.enquiring


def test_an_enquiry_outlives_what_comes_up_and_ends_with_an_answer_or_with_the_call() -> None:
    call, _ = in_state(U.PROCEEDING, emergency=False)
    call.feed(In.ENQUIRY_REQUEST, 0.0)
    call.feed(In.ALERTING, 1.0)
    assert (call.enquiring, call.next_deadline(), call.expire(4.0)) == (True, 4.0, In.T322_AGAIN)
    call.feed(In.T322_AGAIN, 4.0)
    call.status_heard()
    assert not call.enquiring
    call.feed(In.ENQUIRY_REQUEST, 5.0)
    call.feed(In.DISCONNECT, 6.0)
    assert not call.enquiring


def test_the_channel_that_the_network_moved_to_is_told_as_a_channel_and_as_media() -> None:
    call, _ = in_state(U.INITIATED)
    assert call.feed(In.ALERTING, 0.0, Detail(channel=9, in_band=True)) == [
        Proceeding(LEG, 9),
        MediaChanged(LEG, BearerMedia("span-1", 9)),
        Alerting(LEG, in_band=True),
    ]
    said = call.feed(In.CONNECT, 0.0, Detail(channel=11))
    assert said[1:] == [
        Proceeding(LEG, 11),
        MediaChanged(LEG, BearerMedia("span-1", 11)),
        Answered(LEG),
    ]


def test_the_channel_asked_for_is_told_once() -> None:
    call, _ = in_state(U.INITIATED)
    proceeding = call.feed(In.CALL_PROCEEDING, 0.0, Detail(channel=5))
    assert proceeding == [Proceeding(LEG, 5), MediaChanged(LEG, BearerMedia("span-1", 5))]
    assert call.feed(In.ALERTING, 0.0) == [Alerting(LEG)]


def test_progress_tells_tones_and_failure_apart() -> None:
    call, _ = in_state(U.PROCEEDING)
    assert call.feed(In.PROGRESS, 0.0, Detail(in_band=True)) == [Progress(LEG, in_band=True)]
    failed = call.feed(In.PROGRESS, 0.0, Detail(Cause(17, 2), in_band=True))
    assert failed == [Progress(LEG, in_band=True, cause=17)]
    routed = call.feed(In.PROGRESS, 0.0, Detail(Cause(127, 2)))
    assert routed == [Progress(LEG, in_band=False, cause=None)]


def test_an_announcement_after_disconnect_may_be_heard_but_not_for_ever() -> None:
    call, _ = in_state(U.PROCEEDING)
    told = call.feed(In.DISCONNECT_IN_BAND, 0.0, Detail(Cause(34, 2), in_band=True))
    assert told == [Progress(LEG, in_band=True, cause=34)]
    assert call.next_deadline() == 15.0
    assert call.expire(15.0) is In.T306_LAST
    release, over = call.feed(In.T306_LAST, 15.0, Detail(Cause(34, 2)))
    assert isinstance(release, Message)
    assert isinstance(over, Cleared)


def test_the_cause_of_the_network_goes_to_the_gateway_and_ours_to_the_network() -> None:
    call, _ = in_state(U.DELIVERED)
    release, over = call.feed(In.DISCONNECT, 0.0, Detail(Cause(17, 4)))
    assert over == Cleared(LEG, 17, 4, "disconnect")
    call, _ = in_state(U.ACTIVE)
    (disconnect,) = call.feed(In.CLEAR_REQUEST, 0.0, Detail(Cause(45)))
    assert isinstance(disconnect, Message)
    assert disconnect.find(Ie.CAUSE) == b"\x80\xad"
    assert isinstance(release, Message)


@pytest.mark.parametrize(
    ("state", "event", "cause"),
    [
        (U.INITIATED, In.T303_LAST, 102),
        (U.OVERLAP_SENDING, In.T304_LAST, 102),
        (U.PROCEEDING, In.T310_LAST, 102),
        (U.DELIVERED, In.T301_LAST, 19),
        (U.CONNECT_REQUEST, In.T313_LAST, 102),
        (U.ACTIVE, In.T309_LAST, 27),
        (U.PROCEEDING, In.CHANNEL_UNUSABLE, 6),
        (U.ACTIVE, In.STATUS_INCOMPATIBLE, 101),
    ],
)
def test_what_we_notice_ourselves_has_a_cause_of_its_own(state: U, event: In, cause: int) -> None:
    call, _ = in_state(state)
    outputs = call.feed(event, 0.0)
    assert cleared(outputs)[0].cause == cause
    for output in outputs:
        if isinstance(output, Message):
            assert output.find(Ie.CAUSE) == bytes((0x80, 0x80 | cause))


def test_t303_of_an_emergency_is_two_seconds_twice() -> None:
    call, _ = in_state(U.INITIATED)
    assert (call.next_deadline(), call.expire(2.0)) == (2.0, In.T303_AGAIN)
    call.feed(In.T303_AGAIN, 2.0)
    assert (call.next_deadline(), call.expire(4.0)) == (4.0, In.T303_LAST)


def test_an_emergency_rings_without_limit_and_an_ordinary_call_does_not() -> None:
    ringing, _ = in_state(U.DELIVERED)
    assert ringing.next_deadline() is None
    ordinary, _ = in_state(U.DELIVERED, emergency=False)
    assert (ordinary.next_deadline(), ordinary.expire(180.0)) == (180.0, In.T301_LAST)


def test_the_first_answer_to_a_callback_confirms_its_channel_and_the_others_do_not() -> None:
    call = a_call(ours=False)
    offered, media = call.feed(In.SETUP, 0.0, Detail(dialled="4255550142"))
    assert isinstance(offered, Offered)
    assert (offered.dialled, offered.channel, offered.from_trunk) == ("4255550142", 5, True)
    assert media == MediaChanged(LEG, BearerMedia("span-1", 5))
    for event, wanted in (
        (In.PROCEEDING_REQUEST, b"\xa9\x83\x85"),
        (In.ALERTING_REQUEST, None),
        (In.CONNECT_REQUEST, None),
    ):
        (message,) = call.feed(event, 0.0)
        assert isinstance(message, Message)
        assert message.find(Ie.CHANNEL_ID) == wanted
        assert message.to_originator


@pytest.mark.parametrize("last", [In.NUMBER_COMPLETE, In.T302_LAST])
def test_digits_are_collected_and_the_call_is_offered_once(last: In) -> None:
    call = a_call(ours=False)
    (acknowledged,) = call.feed(In.SETUP_PARTIAL, 0.0, Detail(dialled="42"))
    assert isinstance(acknowledged, Message)
    assert (acknowledged.kind, acknowledged.find(Ie.CHANNEL_ID)) == (M.SETUP_ACK, b"\xa9\x83\x85")
    assert call.feed(In.INFORMATION, 10.0, Detail(dialled="5")) == []
    assert call.next_deadline() == 25.0
    proceeding, offered, _ = call.feed(last, 11.0)
    assert isinstance(proceeding, Message)
    assert isinstance(offered, Offered)
    assert (proceeding.kind, offered.dialled) == (M.CALL_PROCEEDING, "425")


def test_the_network_side_announces_a_failure_and_lets_it_be_heard_for_t306() -> None:
    call, _ = in_state(U.PROCEEDING, table=NETWORK)
    (disconnect,) = call.feed(In.CLEAR_IN_BAND_REQUEST, 0.0, Detail(Cause(17)))
    assert isinstance(disconnect, Message)
    assert disconnect.find(Ie.CAUSE) == b"\x82\x91"
    assert disconnect.find(Ie.PROGRESS) == b"\x81\x88"
    assert (call.next_deadline(), call.expire(15.0)) == (15.0, In.T306_LAST)


def test_an_unsent_call_says_so() -> None:
    call, _ = in_state(U.INITIATED)
    (over,) = call.feed(In.T303_LAST_UNSENT, 4.0)
    assert over == Cleared(LEG, 27, text="t303-last-unsent", sent=False)


@pytest.mark.parametrize("table", [USER, NETWORK], ids=named)
def test_no_message_but_setup_has_a_number(table: Table) -> None:
    """R2: whatever row is taken, CONNECT carries no Connected Number, nothing carries a name."""
    allowed = {Ie.CAUSE, Ie.CALL_STATE, Ie.CHANNEL_ID, Ie.PROGRESS, Ie.SENDING_COMPLETE}
    for state, event in product(way(table), In):
        call, _ = in_state(state, table=table)
        caller = Detail(cause=Cause(16), dialled="4255550142", in_band=True)
        for output in call.feed(event, 0.0, caller):
            if isinstance(output, Message):
                assert {element.id for element in output.elements} <= allowed


def test_timers_in_the_tables_are_started_by_some_row_each() -> None:
    user, network = ({step.timer for step in table.rows.values()} for table in (USER, NETWORK))
    assert user - {None} == set(T)
    assert set(T) - network == {T.T313}
