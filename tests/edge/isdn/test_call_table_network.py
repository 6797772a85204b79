"""The network side mirrors the user side: states of one call go together, whoever began it."""

from __future__ import annotations

import pytest

from edge_agent.isdn.call_table import USER
from edge_agent.isdn.call_table_network import NETWORK
from edge_agent.isdn.call_words import In, Table, U
from edge_agent.isdn.messages import M
from edge_agent.isdn.reception import INPUTS, compatible

FROM_USER = {U.INITIATED, U.OVERLAP_SENDING, U.PROCEEDING, U.DELIVERED}
TO_USER = {U.PRESENT, U.OVERLAP_RECEIVING, U.INCOMING_PROCEEDING, U.RECEIVED}


def test_each_side_holds_its_own_calls_in_the_states_of_the_standard() -> None:
    assert USER.ours == FROM_USER
    assert NETWORK.ours == TO_USER
    assert (USER.collecting, NETWORK.collecting) == (U.OVERLAP_RECEIVING, U.OVERLAP_SENDING)


@pytest.mark.parametrize(("sender", "hearer"), [(USER, NETWORK), (NETWORK, USER)])
def test_what_a_row_sends_leads_a_mirrored_peer_to_a_state_that_fits(
    sender: Table, hearer: Table
) -> None:
    """Every row that sends is heard by a peer in the same state of the same call."""
    heard = 0
    for (state, _), step in sender.rows.items():
        event = None if step.send is None else INPUTS.get(step.send)
        met = hearer.rows.get((state, event)) if event is not None else None
        if met is None or step.send is M.RELEASE_COMPLETE:
            continue
        heard += 1
        assert compatible(step.to, met.to.value) or met.to is U.NULL, (state, step, met)
    assert heard > 40


def test_only_the_user_waits_for_its_connect_to_be_acknowledged() -> None:
    """§5.1.8 and §5.2.8."""
    assert NETWORK.rows[U.DELIVERED, In.CONNECT_REQUEST].to is U.ACTIVE
    assert USER.rows[U.RECEIVED, In.CONNECT_REQUEST].to is U.CONNECT_REQUEST
