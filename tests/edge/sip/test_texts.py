"""A text to the desk is settled exactly once, whatever becomes of it."""

from __future__ import annotations

import pytest

from edge_agent.leg import SendText, TextSettled
from edge_agent.sip.outputs import Source
from tests.edge.sip.scene import LYNC, answer, endpoint, events, requests

TEXT = SendText("n1", "lync", "sip:desk@contoso.example", "911 from Flr 2: é")


@pytest.mark.parametrize(
    ("status", "taken"), [(200, True), (202, True), (404, False), (503, False)]
)
def test_the_answer_settles_it(status: int, taken: bool) -> None:
    core = endpoint()
    [message] = requests(core.handle(TEXT, 0.0))
    assert (message.method, message.uri) == ("MESSAGE", "sip:desk@contoso.example")
    assert message.body.decode() == "911 from Flr 2: é"
    assert core.receive(answer(message, 100), LYNC, 0.1) == []
    assert core.receive(answer(message, status), LYNC, 0.2) == [
        TextSettled("n1", taken, f"SIP {status}")
    ]
    assert core.receive(answer(message, status), LYNC, 0.3) == []


def test_silence_settles_it_after_32_s() -> None:
    core = endpoint()
    core.handle(TEXT, 0.0)
    heard = []
    while (at := core.next_deadline()) is not None:
        heard += [(at, event) for event in events(core.handle_timeout(at))]
    assert heard == [(32.0, TextSettled("n1", False, "no response"))]


def test_a_peer_that_is_unknown_or_unreachable_settles_it() -> None:
    nobody = SendText("n2", "gone", "sip:d@h", "x")
    assert endpoint().handle(nobody, 0.0) == [TextSettled("n2", False, "no such remote")]
    core = endpoint()
    core.handle(SendText("n3", "sbc", "sip:d@h", "x"), 0.0)
    assert core.connection_lost(Source("tcp", "192.0.2.30", 5060), 0.1) == [
        TextSettled("n3", False, "no response")
    ]
