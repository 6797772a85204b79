"""A trunk is asked whether it is there; only a change is said."""

from __future__ import annotations

from edge_agent.leg import LinkChanged
from edge_agent.sip.endpoint import Endpoint
from edge_agent.sip.message import Request
from edge_agent.sip.timers import Timing
from tests.edge.sip.scene import PSTN, REMOTES, answer, endpoint, events, requests

TIMING = Timing(ping=30.0)


def watching() -> tuple[Endpoint, Request]:
    core = endpoint(timing=TIMING)
    [options] = requests(core.adopt(REMOTES, 0.0))
    return core, options


def until(core: Endpoint, end: float) -> tuple[list[object], list[Request]]:
    """What was said, and the questions asked for the first time."""
    heard: list[object] = []
    asked: dict[str, Request] = {}
    while (at := core.next_deadline()) is not None and at <= end:
        outputs = core.handle_timeout(at)
        heard += events(outputs)
        asked |= {request.headers.get("call-id"): request for request in requests(outputs)}
    return heard, list(asked.values())


def test_only_trunks_are_asked_and_an_answer_says_nothing_new() -> None:
    core, options = watching()
    assert (options.method, options.uri) == ("OPTIONS", "sip:192.0.2.20")
    assert core.receive(answer(options, 404), PSTN, 0.1) == []
    heard, asked = until(core, 30.0)
    assert (heard, len(asked)) == ([], 1)


def test_silence_is_a_link_down_and_the_next_answer_a_link_up() -> None:
    core, _ = watching()
    heard, asked = until(core, 30.0)
    assert heard == [LinkChanged("provider", False, "no answer to OPTIONS")]
    again = core.receive(answer(asked[-1], 200), PSTN, 30.1)
    assert again == [LinkChanged("provider", True, "SIP 200")]


def test_a_trunk_that_takes_no_calls_is_down() -> None:
    core, options = watching()
    assert core.receive(answer(options, 503), PSTN, 0.1) == [
        LinkChanged("provider", False, "SIP 503")
    ]


def test_a_trunk_that_is_configured_away_is_asked_no_more() -> None:
    core, options = watching()
    assert core.adopt(REMOTES, 1.0) == []
    core.receive(answer(options, 200), PSTN, 1.1)
    core.adopt((), 2.0)
    assert until(core, 500.0) == ([], [])


def test_nobody_is_asked_unless_configured() -> None:
    assert endpoint().adopt(REMOTES, 0.0) == []
