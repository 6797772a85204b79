"""What legs stand on: outputs leave in order, once, and what is forgotten leaves nothing behind."""

from __future__ import annotations

from edge_agent.leg import Clear
from edge_agent.sip.message import Request
from edge_agent.sip.outputs import Destination, Send
from edge_agent.sip.parser import read_message
from edge_agent.sip.station import Station
from edge_agent.sip.timers import Timing
from tests.edge.sip.scene import CONFIG, LYNC, PHONE_SDP, SeededIds, endpoint, offered, request


def test_outputs_are_drained_once_in_the_order_in_which_they_were_made() -> None:
    station = Station(CONFIG, SeededIds(), Timing())
    to = Destination("udp", "h", 1)
    station.send(b"1", to)
    station.send(b"2", to)
    assert station.drain() == [Send(b"1", to), Send(b"2", to)]
    assert station.drain() == []


def test_a_request_leaves_with_our_via_on_top_and_our_name_below() -> None:
    station = Station(CONFIG, SeededIds(), Timing())
    station.ask(Request("OPTIONS", "sip:h"), Destination("tcp", "h", 1), None, 0.0)
    [send] = station.drain()
    assert isinstance(send, Send)
    lines = [key for key, _ in read_message(send.data).headers]
    assert (lines[0], lines[-2]) == ("via", "user-agent")


def test_nothing_is_left_of_a_call_that_is_over() -> None:
    core = endpoint()
    leg = offered(core.receive(request(body=PHONE_SDP), LYNC, 0.0)).leg
    core.handle(Clear(leg, 16), 0.1)
    while (at := core.next_deadline()) is not None:
        core.handle_timeout(at)
    station = core._station
    assert (station.legs, station.by_dialog, station.by_call_id) == ({}, {}, {})
    assert len(station.transactions) == 0
