"""The table of clause 3 against what it must agree with."""

from __future__ import annotations

import pytest

from edge_agent.isdn.ie import MOST_TIMES, Ie
from edge_agent.isdn.message_table import MESSAGES
from edge_agent.isdn.messages import M

IN_NO_MESSAGE = {Ie.CHANGE_STATUS}
"""Only in maintenance messages, which are of another protocol."""


def test_every_message_has_a_row() -> None:
    assert set(MESSAGES) == set(M)


def test_every_element_may_be_in_some_message() -> None:
    carried = {ie for row in MESSAGES.values() for ie in row.allowed}
    assert carried == set(Ie) - IN_NO_MESSAGE


@pytest.mark.parametrize("kind", M)
def test_an_element_is_mandatory_or_conditional_or_optional(kind: M) -> None:
    row = MESSAGES[kind]
    together = len(row.mandatory) + len(row.conditional) + len(row.optional - row.mandatory)
    assert together == len(row.allowed)
    assert Ie.DISPLAY in row.allowed


@pytest.mark.parametrize(
    ("kind", "mandatory"),
    [
        (M.SETUP, {Ie.BEARER, Ie.CHANNEL_ID}),
        (M.PROGRESS, {Ie.PROGRESS}),
        (M.DISCONNECT, {Ie.CAUSE}),
        (M.STATUS, {Ie.CAUSE, Ie.CALL_STATE}),
        (M.RESTART, {Ie.RESTART_INDICATOR}),
        (M.RESTART_ACK, {Ie.RESTART_INDICATOR}),
        (M.NOTIFY, {Ie.NOTIFICATION}),
        (M.CONNECT, set()),
        (M.RELEASE, set()),
    ],
)
def test_what_a_message_cannot_be_read_without(kind: M, mandatory: set[Ie]) -> None:
    assert MESSAGES[kind].mandatory == mandatory


@pytest.mark.parametrize(
    ("kind", "ie"),
    [
        (M.REGISTER, Ie.FACILITY),
        (M.SETUP, Ie.REDIRECTING),
        (M.DISCONNECT, Ie.PROGRESS),
        (M.PROGRESS, Ie.CAUSE),
        (M.INFORMATION, Ie.CALLED),
        (M.CONNECT, Ie.CONNECTED),
    ],
)
def test_what_networks_do_send_is_allowed(kind: M, ie: Ie) -> None:
    assert ie in MESSAGES[kind].optional


def test_nothing_is_repeatable_that_no_message_carries() -> None:
    carried = {ie for row in MESSAGES.values() for ie in row.allowed}
    assert set(MOST_TIMES) <= carried
    assert all(times > 1 for times in MOST_TIMES.values())
