"""What is wrong with a message, and which states of both sides go together (§5.8)."""

from __future__ import annotations

from itertools import product

import pytest

from e911.numbers import Caller, Did
from edge_agent.isdn import reception
from edge_agent.isdn.call_words import In, U
from edge_agent.isdn.calls import Calls
from edge_agent.isdn.channels import Channels
from edge_agent.isdn.elements import BASIC, Cause, ChannelId, Ie
from edge_agent.isdn.message_table import MESSAGES
from edge_agent.isdn.messages import M, Message, decode, encode
from tests.edge.isdn.goldens import messages

NEEDED = [(kind, ie) for kind, row in MESSAGES.items() for ie in sorted(row.mandatory)]


def message(text: str) -> Message:
    return decode(bytes.fromhex(text))


@pytest.mark.parametrize("name", ["setup-911", "refused-44", "restart-ch1"])
def test_nothing_is_wrong_with_the_golden_messages(name: str) -> None:
    golden = decode(messages()[name])
    assert reception.fault(golden) is None
    assert reception.spoiled(golden) is None


def test_a_message_is_read_into_what_a_call_wants_to_know() -> None:
    setup = decode(messages()["setup-911"])
    detail = reception.detail(setup)
    assert (detail.channel, detail.dialled, detail.complete) == (1, "911", False)
    assert reception.caller_of(setup) == Caller("", Did("4255550142"))
    refused = reception.detail(decode(messages()["refused-44"]))
    assert refused.cause == Cause(44, 2)
    assert reception.channel_of(decode(messages()["restart-ch1"])) == ChannelId(1, True, (1,))


def test_who_answered_is_read_where_the_network_says_it() -> None:
    """Connected number, Q.931 §4.5.8 with octet 3a: 2065550100."""
    told = message("0802800107 4c0c2183 32303635353530313030")
    assert reception.detail(told).connected == "2065550100"
    assert reception.detail(message("0802800107")).connected == ""


@pytest.mark.parametrize(("kind", "needed"), NEEDED)
def test_a_mandatory_element_that_is_missing_or_cut_is_named(kind: M, needed: Ie) -> None:
    """§5.8.6.1 and §5.8.6.2."""
    missing = reception.fault(Message(1, True, kind))
    assert missing is not None
    assert (missing.value, needed in missing.diagnostics) == (96, True)
    cut = reception.fault(Message(1, True, kind, (), truncated=needed))
    assert cut == Cause(100, diagnostics=bytes((needed,)))


def test_a_mandatory_element_with_invalid_content_is_named() -> None:
    """§5.8.6.2; too long counts as invalid."""
    short = message("0802800145 080182")
    assert reception.fault(short) == Cause(100, diagnostics=b"\x08")
    long = message("0802800103 1e03828880")
    assert reception.fault(long) == Cause(100, diagnostics=b"\x1e")


def test_an_unknown_element_matters_only_where_it_must_be_understood() -> None:
    """§5.8.7.1 and §5.8.7.3: 0000 xxxx is a fault; unknown or misplaced ones are passed over."""
    assert reception.fault(message("0802800107 0b0100")) == Cause(96, diagnostics=b"\x0b")
    for passed_over in ("0802800107 4f0100", "0802800107 790180"):
        assert reception.fault(message(passed_over)) is None
        assert reception.spoiled(message(passed_over)) is None


def test_elements_out_of_sequence_are_acted_on() -> None:
    """§5.8.5.1 leaves it open; ignoring the channel of an answer would lose its voice."""
    answer = message("0802800107 1e028288 1803a98389")
    detail = reception.detail(answer)
    assert (reception.fault(answer), detail.channel, detail.in_band) == (None, 9, True)


def test_of_a_repeated_element_the_first_counts_and_any_progress_may_say_tones() -> None:
    """§5.8.5.2; Progress may be repeated."""
    answer = message("0802800101 1803a98381 1803a98382 1e028281 1e028288")
    detail = reception.detail(answer)
    assert (detail.channel, detail.in_band) == (1, True)


def test_elements_that_cannot_be_read_count_as_absent_and_are_named() -> None:
    """§5.8.7.2."""
    answer = message("0802800107 080182 1801a9 1e0182 7000")
    assert reception.fault(answer) is None
    assert reception.spoiled(answer) == Cause(100, diagnostics=b"\x08\x18\x1e")
    detail = reception.detail(answer)
    assert (detail.cause, detail.channel, detail.in_band, detail.dialled) == (None, None, False, "")
    cut = message("0802800107 70 09 81")
    assert reception.spoiled(cut) == Cause(100, diagnostics=b"\x70")


def test_a_cause_of_another_standard_is_unspecified_here() -> None:
    assert reception.cause_of(message("0802800145 0802e291")) == Cause(31, 2)


def test_digits_come_as_called_number_or_as_keys() -> None:
    assert reception.detail(message("080200057b 7003813432")).dialled == "42"
    keyed = reception.detail(message("080200057b a1 2c0135"))
    assert (keyed.dialled, keyed.complete) == ("5", True)


def test_only_the_first_release_must_say_why() -> None:
    """§3.1.10 and §5.8.6.1."""
    silent = message("080280014d")
    assert reception.unexplained(silent, first=True) == Cause(96, diagnostics=b"\x08")
    assert reception.unexplained(silent, first=False) is None
    assert reception.unexplained(message("080280014d 08028290"), first=True) is None


def test_a_basic_rate_user_may_leave_the_channel_to_the_network() -> None:
    setup = message("08010905 04038090a2")
    assert reception.fault(setup, BASIC) is None
    assert reception.fault(setup) == Cause(96, diagnostics=b"\x18")


def test_a_call_is_admitted_to_a_channel_or_refused_with_a_reason() -> None:
    calls = Calls(Channels((1, 2)), 1)
    setup = "0802000905 {} 1803a98381"
    assert reception.admit(message(setup.format("04038090a2")), calls)[0] == 1
    data = reception.admit(message(setup.format("04028890")), calls)
    assert data == (None, Cause(88))
    assert reception.admit(message("0802000905"), calls)[1].value == 96


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("0802000924", "0802800930 0802809d"),
        ("0802000931", "0802800937 0802809d"),
        ("0802000925", "0802800921 080280b2"),
        ("0802000926", "0802800922 080280d5"),
    ],
    ids=["hold", "retrieve", "suspend", "resume"],
)
def test_what_we_do_not_do_is_rejected_in_its_own_words(asked: str, answered: str) -> None:
    """Q.932 §6.2, Q.931 §5.6."""
    assert encode(reception.rejection(message(asked))) == bytes.fromhex(answered)


def test_a_complaint_on_the_global_reference_says_how_our_restart_stands() -> None:
    said = reception.global_status(message("0802000002"), Cause(81), 61)
    assert encode(said) == bytes.fromhex("080280007d 080280d1 14013d")


def test_a_peer_one_message_behind_or_ahead_is_no_reason_to_clear() -> None:
    """Some networks number states by side, some by who placed the call."""
    coming_up = (1, 2, 3, 4, 6, 7, 8, 9, 25)
    for ours, theirs in product(coming_up, (*coming_up, 10)):
        assert reception.compatible(U(ours), theirs)
    for ours, theirs in product((11, 12, 19), range(1, 30)):
        assert reception.compatible(U(ours), theirs)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(10, 1), (10, 6), (10, 11), (10, 12), (10, 19), (3, 11), (7, 19), (4, 12)]
)
def test_a_peer_that_is_in_another_call_altogether_is(ours: int, theirs: int) -> None:
    assert not reception.compatible(U(ours), theirs)


@pytest.mark.parametrize(
    ("ours", "status", "meaning"),
    [
        (U.ACTIVE, "080280017d 0802829e 14010a", None),
        (U.ACTIVE, "080280017d 0802829e 140100", In.STATUS_NULL),
        (U.ACTIVE, "080280017d 080282e5 140106", In.STATUS_INCOMPATIBLE),
        (U.DELIVERED, "080280017d 0802829e 14010a", In.CONNECT),
        (U.DELIVERED, "080280017d 080282e4 140104", None),
        (U.CONNECT_REQUEST, "080280017d 0802829e 14010a", None),
        (U.RELEASE_REQUEST, "080280017d 0802829e 14010a", None),
    ],
)
def test_a_status_means_what_its_state_says(ours: U, status: str, meaning: In | None) -> None:
    """§5.8.11: Null ends the call; a complaint with a state that fits does not; answered is
    answered.
    """
    assert reception.status_input(ours, message(status)) is meaning


def test_every_message_type_is_heard_ignored_or_refused() -> None:
    kinds = [set(reception.INPUTS), set(reception.IGNORED), set(reception.REJECTED)]
    assert sum(map(len, kinds)) == len(set().union(*kinds))
    handled = set().union(*kinds) | {M.STATUS, M.STATUS_ENQUIRY}
    assert set(M) - handled == {M.RESTART, M.RESTART_ACK}
