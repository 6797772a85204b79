"""What is wrong with a message, and which states of both sides go together (§5.8)."""

from __future__ import annotations

from itertools import product

import pytest

from edge_agent.isdn import reception
from edge_agent.isdn.call_table import U
from edge_agent.isdn.elements import Cause, ChannelId
from edge_agent.isdn.messages import M, Message, decode
from tests.edge.isdn.goldens import messages


@pytest.mark.parametrize("name", sorted(messages()))
def test_nothing_is_wrong_with_the_golden_messages(name: str) -> None:
    message = decode(messages()[name])
    assert reception.fault(message) is None
    assert not reception.spoiled(message)


def test_a_message_is_read_into_what_a_call_wants_to_know() -> None:
    setup = reception.detail(decode(messages()["setup-911"]))
    assert (setup.channel, setup.dialled, setup.caller is not None) == (1, "911", True)
    refused = reception.detail(decode(messages()["refused-44"]))
    assert refused.cause == Cause(44, 2)
    assert reception.channel_of(decode(messages()["restart-ch1"])) == ChannelId(1, True, (1,))


@pytest.mark.parametrize("kind", sorted(reception.MANDATORY))
def test_a_mandatory_element_that_is_missing_cut_or_unreadable_is_a_fault(kind: int) -> None:
    assert reception.fault(Message(1, True, kind)) == 96
    needed = reception.MANDATORY[kind][0]
    assert reception.fault(Message(1, True, kind, (), truncated=needed)) == 100


def test_elements_that_cannot_be_read_count_as_absent() -> None:
    message = decode(bytes.fromhex("0802800107 080182 1801a9 1e0182 7000"))
    assert reception.fault(message) is None
    assert reception.spoiled(message)
    detail = reception.detail(message)
    assert (detail.cause, detail.channel, detail.in_band, detail.dialled) == (None, None, False, "")


def test_a_peer_one_message_behind_or_ahead_is_no_reason_to_clear() -> None:
    for ours, theirs in product((1, 2, 3, 4), (1, 2, 3, 4, 10)):
        assert reception.compatible(U(ours), theirs)
    for ours, theirs in product((6, 7, 8, 9), (6, 7, 8, 9, 25, 10)):
        assert reception.compatible(U(ours), theirs)
    for ours, theirs in product((11, 12, 19), range(1, 30)):
        assert reception.compatible(U(ours), theirs)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(10, 1), (10, 6), (10, 11), (10, 12), (10, 19), (3, 7), (7, 3), (4, 12)]
)
def test_a_peer_that_is_in_another_call_altogether_is(ours: int, theirs: int) -> None:
    assert not reception.compatible(U(ours), theirs)


def test_messages_of_no_use_are_known_and_have_no_row() -> None:
    assert set(reception.INPUTS).isdisjoint(reception.IGNORED)
    handled = set(reception.INPUTS) | reception.IGNORED | {M.STATUS, M.STATUS_ENQUIRY}
    assert set(M) - handled == {M.RESTART, M.RESTART_ACK}
