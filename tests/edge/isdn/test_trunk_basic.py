"""Stories of a basic rate line: two channels, short references, and other terminals beside us."""

from __future__ import annotations

import pytest

from edge_agent.isdn.elements import Ie
from edge_agent.isdn.lapd_config import LinkConfig
from edge_agent.isdn.lapd_frame import Address, Side, Unnumbered, encode
from edge_agent.isdn.lapd_frame import U as Kind
from edge_agent.isdn.lapd_link import SendFrame
from edge_agent.isdn.messages import M
from edge_agent.isdn.switches import SwitchType
from edge_agent.isdn.trunk import Trunk
from edge_agent.leg import Answered, Cleared, Discarded, LegId, Offered, Proceeding, Ring
from tests.edge.isdn.span import FROM_PSAP, SPEECH, TO_ELIN, A, Ids, Span, a_config, media, seize

ALL = Address(0, 127)
SETUP = f"08010905{SPEECH}180189{FROM_PSAP}{TO_ELIN}"


def a_line() -> Span:
    """Point to point, with TEI 0."""
    config = a_config(channels=(1, 2), link=LinkConfig.basic(), switch=SwitchType.EURO)
    return Span(config)


def a_shared_line() -> Trunk:
    """A terminal among others, to which the network has given TEI 64."""
    config = a_config(channels=(1, 2), link=LinkConfig.multipoint(), switch=SwitchType.EURO)
    trunk = Trunk(config, Ids(911))
    (asked,) = [output for output in trunk.start(0.0) if isinstance(output, SendFrame)]
    reference = asked.data[4:6].hex()
    trunk.receive(bytes.fromhex("feff030f" + reference + "0281"), 0.1)
    return trunk


def said_to_all(message: str) -> bytes:
    frame = Unnumbered(Kind.UI, info=bytes.fromhex(message))
    return encode(frame, Side.NETWORK, ALL)


def frames(outputs: list[object]) -> list[str]:
    return [output.data.hex() for output in outputs if isinstance(output, SendFrame)]


def test_the_channel_is_in_one_octet_and_the_reference_too() -> None:
    span = a_line()
    span.ask(seize(channel=2))
    assert span.frames[-1][4:8].hex() == "08010105"
    assert span.take_sent()[0].find(Ie.CHANNEL_ID) == b"\x82"
    span.says("08018102" + "18018a")
    assert span.take() == [Proceeding(A, 2), media(A, 2)]
    span.says("08018107")
    assert span.take() == [Answered(A)]


def test_a_callback_takes_the_channel_that_the_network_says() -> None:
    span = a_line()
    span.says(SETUP)
    (offered,) = span.take(Offered)
    assert isinstance(offered, Offered)
    assert offered.channel == 1
    assert span.take_sent()[0].find(Ie.CHANNEL_ID) == b"\x89"


def test_a_message_in_the_form_of_a_primary_rate_line_is_not_for_us() -> None:
    span = a_line()
    span.says("0802000905" + SPEECH)
    assert span.take() == [Discarded("message-reference")]
    span.says("080009" + "05")
    assert span.take() == [Discarded("message-dummy")]


def test_both_channels_and_no_more() -> None:
    span = a_line()
    span.ask(seize(A, 1), seize(LegId("b"), 2), seize(LegId("c"), 1))
    assert span.take(Cleared) == [Cleared(LegId("c"), 34, text="no-channel", sent=False)]


def test_a_call_offered_to_all_terminals_is_answered_on_our_own_link() -> None:
    """§5.2.1: SETUP comes in a UI frame to everybody; the answer needs a link, which is asked for
    in the same step.
    """
    trunk = a_shared_line()
    trunk.receive(bytes.fromhex("008173"), 0.2)
    outputs = trunk.receive(said_to_all(SETUP), 1.0)
    assert [type(word) for word in outputs][1] is Offered
    assert frames(list(outputs)) == ["00810000" + "0801890218" + "0189"]
    assert trunk.receive(said_to_all(SETUP), 1.1) == [Discarded("message-unused")]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (f"08010905{'04028890'}180189{TO_ELIN}", [Discarded("message-unused")]),
        ("0801094d08028290", [Discarded("message-unused")]),
        ("08010046790187", [Discarded("message-unused")]),
    ],
    ids=["data-for-another", "no-setup", "restart"],
)
def test_what_is_said_to_all_and_not_meant_for_us_is_passed_over(
    message: str, said: list[Discarded]
) -> None:
    """§5.2.2: a terminal that a call does not suit says nothing; another one may take it."""
    trunk = a_shared_line()
    trunk.receive(bytes.fromhex("008173"), 0.2)
    assert trunk.receive(said_to_all(message), 1.0) == said


def test_another_terminal_that_answers_first_ends_our_ringing() -> None:
    """§5.2.9: non-selected user clearing."""
    trunk = a_shared_line()
    trunk.receive(bytes.fromhex("008173"), 0.2)
    leg = LegId("in-1")
    trunk.receive(said_to_all(SETUP), 1.0)
    trunk.handle(Ring(leg), 1.1)
    outputs = trunk.receive(bytes.fromhex("02810002" + "0801094d0802829a"), 1.3)
    assert outputs[-1] == Cleared(leg, 26, 2, text="release")
    last = trunk.receive(bytes.fromhex("00810104"), 1.4)
    assert frames(list(last)) == ["00810402" + "0801895a" + "0802809a"]
    assert not trunk.legs | trunk.busy_channels


def test_no_restart_is_sent_on_a_basic_rate_line() -> None:
    span = Span(a_config(channels=(1, 2), link=LinkConfig.basic(), restart=True))
    span.at(600.0)
    assert M.RESTART not in span.kinds()
