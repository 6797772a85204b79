"""Every pair of state and input, written out a second time beside the SDL of Q.921 Annex B.

A cell says the state after it and the frames that leave; a dot says that nothing changes and the
input is counted.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edge_agent.isdn.lapd_frame import (
    Address,
    Frame,
    Information,
    S,
    Side,
    Supervisory,
    U,
    Unnumbered,
    decode,
    encode,
)
from edge_agent.isdn.lapd_link import Link, LinkOutput, SendFrame
from edge_agent.isdn.lapd_table import STEPS, In, State
from edge_agent.isdn.lapd_words import Heard
from edge_agent.leg import Discarded
from tests.edge.isdn.line import ASSIGNED, DENIED, REMOVE_ALL, UA_64, A, at, hears, on_a_bus

MATRIX = """
input                1      2      3        4        5        6        7        8
ESTABLISH_REQUEST    3:UI   3:     3:UI     5:SABME  5:SABME  5:SABME  7:       8:
RELEASE_REQUEST      1:     2:     2:       4:       6:DISC   6:       6:DISC   6:DISC
SPAN_DOWN            1:     1:     1:       4:       4:       4:       4:       4:
OWN_BUSY             1:     2:     3:       4:       5:       6:       7:RNR    8:RNR
OWN_READY            1:     2:     3:       4:       5:       6:       7:RR     8:RR
TEI_ASSIGNED         .      4:     5:SABME  .        .        .        .        .
TEI_REMOVED          .      .      .        1:       3:UI     1:       3:UI     3:UI
TEI_FAILED           .      1:     1:       .        .        .        .        .
SABME                .      .      .        7:UA     5:UA     6:DM     7:UA     7:UA
DISC                 .      .      .        4:DM     5:DM     6:UA     4:UA     4:UA
UA_F1                .      .      .        4:UI     7:       4:       7:UI     8:UI
UA_F0                .      .      .        4:UI     5:UI     6:UI     7:UI     8:UI
DM_F1                .      .      .        .        4:       4:       .        5:SABME
DM_F0                .      .      .        5:SABME  .        .        5:SABME  5:SABME
FRMR                 .      .      .        .        .        .        5:SABME  5:SABME
INFORMATION          .      .      .        .        .        .        7:RR     8:RR
INFORMATION_BAD_NR   .      .      .        .        .        .        5:SABME  5:SABME
SUPERVISORY          .      .      .        .        .        .        7:       8:
SUPERVISORY_F1       .      .      .        .        .        .        7:       7:
BAD_NR               .      .      .        .        .        .        5:SABME  5:SABME
BAD_FRAME            .      .      .        .        .        .        5:SABME  5:SABME
T200_AGAIN           .      .      .        .        5:SABME  6:DISC   8:RR     8:RR
T200_LAST            .      .      .        .        4:       4:       .        5:SABME
T200_LAST_AUTOMATIC  .      .      .        .        3:UI     1:       .        5:SABME
T203_LAST            .      .      .        .        .        .        8:RR     .
REST_LAST            3:UI   .      .        5:SABME  .        .        .        .
"""


def cells() -> list[tuple[State, In, str]]:
    """State, input and what the matrix says of them."""
    head, *rows = [line.split() for line in MATRIX.strip().splitlines()]
    states = [State(int(number)) for number in head[1:]]
    return [
        (state, In[name], cell)
        for name, *row in rows
        for state, cell in zip(states, row, strict=True)
    ]


def asks(link: Link) -> None:
    link.establish(0.0)


def is_assigned(link: Link) -> None:
    hears(link, ASSIGNED)


def comes_up(link: Link) -> None:
    hears(link, UA_64)


def releases(link: Link) -> None:
    link.release(0.0)


def falls_idle(link: Link) -> None:
    at(link, 10.0)


REACHED: dict[State, tuple[Callable[[Link], None], ...]] = {
    State.TEI_UNASSIGNED: (),
    State.ASSIGN_AWAITING_TEI: (asks, releases),
    State.ESTABLISH_AWAITING_TEI: (asks,),
    State.TEI_ASSIGNED: (asks, releases, is_assigned),
    State.AWAITING_ESTABLISHMENT: (asks, is_assigned),
    State.AWAITING_RELEASE: (asks, is_assigned, releases),
    State.ESTABLISHED: (asks, is_assigned, comes_up),
    State.TIMER_RECOVERY: (asks, is_assigned, comes_up, falls_idle),
}

FRAMES: dict[In, Frame] = {
    In.SABME: Unnumbered(U.SABME, final=True),
    In.DISC: Unnumbered(U.DISC, final=True),
    In.UA_F1: Unnumbered(U.UA, final=True),
    In.UA_F0: Unnumbered(U.UA),
    In.DM_F1: Unnumbered(U.DM, final=True),
    In.DM_F0: Unnumbered(U.DM),
    In.FRMR: Unnumbered(U.FRMR, info=bytes(5)),
    In.INFORMATION: Information(0, 0, A),
    In.INFORMATION_BAD_NR: Information(0, 50, A),
    In.SUPERVISORY: Supervisory(S.RR, 0, command=True),
    In.SUPERVISORY_F1: Supervisory(S.RR, 0, command=False, final=True),
    In.BAD_NR: Supervisory(S.RR, 50, command=True),
}
OCTETS = {
    **{event: encode(frame, Side.NETWORK, Address(0, 64)).hex() for event, frame in FRAMES.items()},
    In.BAD_FRAME: "02810d00",
    In.TEI_ASSIGNED: ASSIGNED,
    In.TEI_REMOVED: REMOVE_ALL,
    In.TEI_FAILED: DENIED,
}


def happens(link: Link, event: In) -> list[LinkOutput]:
    """The input as it comes from outside, or as the table sees it where only time brings it."""
    if event in OCTETS:
        return hears(link, OCTETS[event], 10.0)
    return link._handle(event, Heard(10.0))


def leaving(outputs: list[LinkOutput]) -> list[str]:
    """The kinds of the frames that leave."""
    kinds = []
    for output in outputs:
        if isinstance(output, SendFrame):
            frame = decode(output.data, Side.USER)
            kinds.append("I" if isinstance(frame, Information) else frame.kind.name)
    return kinds


@pytest.mark.parametrize(("state", "event", "cell"), cells())
def test_every_input_in_every_state_does_what_the_standard_says(
    state: State, event: In, cell: str
) -> None:
    link = on_a_bus()
    for act in REACHED[state]:
        act(link)
    assert link.state is state
    deadline = link.next_deadline()
    if event is In.OWN_BUSY:
        outputs = link.set_own_busy(True, 10.0)
    else:
        outputs = happens(link, event)
    if cell == ".":
        assert (link.state, link.next_deadline()) == (state, deadline)
        assert {type(output) for output in outputs} == {Discarded}
        return
    to, _, frames = cell.partition(":")
    assert link.state is State(int(to))
    assert leaving(outputs) == [frame for frame in [frames] if frame]


def test_the_matrix_and_the_table_have_the_same_pairs() -> None:
    written = {(state, event) for state, event, cell in cells() if cell != "."}
    assert {event for _, event, _ in cells()} == set(In)
    assert set(STEPS) == written


@pytest.mark.parametrize("state", list(State))
def test_a_working_link_is_watched_by_one_timer_and_a_released_one_by_none(state: State) -> None:
    link = on_a_bus()
    for act in REACHED[state]:
        act(link)
    silent = state in (State.TEI_UNASSIGNED, State.TEI_ASSIGNED)
    assert (link.next_deadline() is None) == silent
