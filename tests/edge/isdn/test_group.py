"""Several spans are one trunk: circuits are numbered across them, and each word finds its span."""

from __future__ import annotations

import pytest

from edge_agent.isdn.config import IsdnTrunkConfig
from edge_agent.isdn.group import GroupOutput, SpanFrame, TrunkGroup
from edge_agent.isdn.lapd_frame import Side
from edge_agent.isdn.lapd_link import Link, SendFrame
from edge_agent.isdn.trunk import Trunk
from edge_agent.leg import (
    Answer,
    ChannelsChanged,
    Clear,
    Cleared,
    Discarded,
    LegId,
    LinkChanged,
    Offered,
    SendText,
)
from edge_agent.line import circuit
from tests.edge.isdn.span import TRUNK, Ids, callback, seize

A, B = LegId("a"), LegId("b")


class Networks:
    """A group of two spans, and the network's link on each."""

    def __init__(self) -> None:
        ids = Ids()
        self.group = TrunkGroup(
            [Trunk(IsdnTrunkConfig(TRUNK, name), ids) for name in ("pri-1", "pri-2")]
        )
        self._links = {name: Link(side=Side.NETWORK) for name in self.group.spans}
        self.said: list[GroupOutput] = []
        self.sent: list[str] = []
        """Spans that frames went out on."""

    def feed(self, outputs: list[GroupOutput]) -> None:
        for output in outputs:
            if not isinstance(output, SpanFrame):
                self.said.append(output)
                continue
            self.sent.append(output.span)
            link = self._links[output.span]
            answers = [*link.receive(output.data, 0.0), *link.settle(0.0)]
            for answer in answers:
                if isinstance(answer, SendFrame):
                    self.feed(self.group.receive(output.span, answer.data, 0.0))

    def says(self, span: str, message: str) -> None:
        for output in self._links[span].send(bytes.fromhex(message), 0, 0.0):
            if isinstance(output, SendFrame):
                self.feed(self.group.receive(span, output.data, 0.0))

    def take(self, kind: type) -> list[GroupOutput]:
        said, self.said = self.said, []
        return [word for word in said if isinstance(word, kind)]


def started() -> Networks:
    networks = Networks()
    networks.feed(networks.group.start(0.0))
    networks.sent.clear()
    return networks


def test_every_link_is_established_and_says_which_span_it_is() -> None:
    networks = Networks()
    networks.feed(networks.group.start(0.0))
    assert networks.take(LinkChanged) == [
        LinkChanged(TRUNK, True, span="pri-1"),
        LinkChanged(TRUNK, True, span="pri-2"),
    ]


def test_a_circuit_is_a_channel_of_the_span_that_carries_it() -> None:
    group = Networks().group
    assert group.circuits("pri-1") == tuple(range(1, 24))
    assert group.circuits("pri-2") == tuple(range(101, 124))
    assert circuit(1, 7) == 107


def test_a_call_goes_out_on_the_span_of_its_circuit_and_is_followed_there() -> None:
    networks = started()
    networks.feed(networks.group.handle(seize(A, 105), 0.0))
    networks.feed(networks.group.handle(seize(B, 5), 0.0))
    assert networks.sent == ["pri-2", "pri-1"]
    networks.sent.clear()
    networks.feed(networks.group.handle(Clear(A, 16), 0.0))
    assert networks.sent == ["pri-2"]


def test_a_callback_is_offered_on_its_circuit_and_answered_on_its_span() -> None:
    networks = started()
    networks.says("pri-2", callback(channel="1803a98387"))
    (offered,) = networks.take(Offered)
    assert isinstance(offered, Offered)
    assert offered.channel == 107
    networks.sent.clear()
    networks.feed(networks.group.handle(Answer(offered.leg), 0.0))
    assert set(networks.sent) == {"pri-2"}


def test_a_call_without_a_circuit_goes_where_a_link_is_up() -> None:
    networks = started()
    networks.feed(networks.group.span_down("pri-1", 0.0))
    assert networks.take(LinkChanged)[-1] == LinkChanged(TRUNK, False, "span-down", "pri-1")
    networks.sent.clear()
    networks.feed(networks.group.handle(seize(A, None), 0.0))
    assert networks.sent == ["pri-2"]
    networks.feed(networks.group.span_up("pri-1", 0.0))
    assert networks.take(LinkChanged) == [LinkChanged(TRUNK, True, span="pri-1")]


@pytest.mark.parametrize("numbers", [{3, 22}, {103, 122}])
def test_an_operator_names_channels_of_a_span_or_their_circuits(numbers: set[int]) -> None:
    networks = started()
    networks.take(LinkChanged)
    laid_off = networks.group.set_service("pri-2", frozenset(numbers), 0.0, in_service=False)
    networks.feed(laid_off)
    assert networks.sent == ["pri-2", "pri-2"]  # a SERVICE each
    assert networks.take(ChannelsChanged) == [
        ChannelsChanged(TRUNK, "pri-2", frozenset({103, 122}))
    ]
    networks.feed(networks.group.set_service("pri-2", frozenset({3}), 0.0, in_service=True))
    assert networks.take(ChannelsChanged) == [ChannelsChanged(TRUNK, "pri-2", frozenset({122}))]


@pytest.mark.parametrize("number", [0, 24, 124, 3 + 200])
def test_a_channel_that_the_span_does_not_have_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="pri-2 has no channel"):
        started().group.set_service("pri-2", frozenset({5, number}), 0.0, in_service=False)


def test_a_leg_that_is_over_is_forgotten_and_a_strange_one_is_counted() -> None:
    networks = started()
    networks.feed(networks.group.handle(seize(A, 105), 0.0))
    networks.says("pri-2", "080280015a" + "080281a2")
    assert networks.take(Cleared)
    assert networks.group.handle(Clear(A, 16), 0.0) == [Discarded("request-leg-unknown")]
    text = SendText("n", "desk", "sip:desk@x", "")
    assert networks.group.handle(text, 0.0) == [Discarded("request-leg-unknown")]


def test_time_passes_for_the_spans_that_wait_for_it() -> None:
    networks = started()
    networks.feed(networks.group.handle(seize(A, 105), 0.0))
    due = networks.group.next_deadline()
    assert due is not None
    networks.sent.clear()
    networks.feed(networks.group.handle_timeout(due))
    assert set(networks.sent) == {"pri-2"}


def test_a_group_that_stops_lets_go_of_every_link_and_says_nothing_of_it() -> None:
    networks = started()
    networks.take(LinkChanged)
    networks.feed(networks.group.stop(5.0))
    assert networks.sent == ["pri-1", "pri-2"]
    assert networks.said == []
