"""The product of states and inputs: a pair in the table does what its row says, any other does
nothing.
"""

from __future__ import annotations

from itertools import product

import pytest

from edge_agent.sip.message import Headers, Request, Response
from edge_agent.sip.outputs import Destination, Send
from edge_agent.sip.timers import Deadlines, T, Timing
from edge_agent.sip.transactions import (
    CLIENT,
    FIRST,
    INVITE_CLIENT,
    INVITE_SERVER,
    SERVER,
    In,
    S,
    Step,
    Table,
    Transaction,
    Transactions,
    ack_of,
    client_key,
    server_key,
)

UDP = Destination("udp", "192.0.2.9", 5060)
TABLES = {
    "invite client": INVITE_CLIENT,
    "invite server": INVITE_SERVER,
    "client": CLIENT,
    "server": SERVER,
}
CLIENTS = (INVITE_CLIENT, CLIENT)


class Ear:
    """Hears what comes up."""

    def __init__(self) -> None:
        self.responses: list[int] = []
        self.failures = 0

    def on_response(self, transaction: Transaction, response: Response, now: float) -> None:
        self.responses.append(response.status)

    def on_failure(self, transaction: Transaction, now: float) -> None:
        self.failures += 1


class Bench:
    """One transaction of a kind, in any state that is wanted."""

    def __init__(self, table: Table, to: Destination = UDP) -> None:
        self.wire: list[Send] = []
        self.deadlines = Deadlines()
        self.layer = Transactions(Timing(), self.deadlines, self.wire.append)
        self.ear = Ear()
        invite = table in (INVITE_CLIENT, INVITE_SERVER)
        headers = Headers([("via", "SIP/2.0/UDP h;branch=z9hG4bK1"), ("cseq", "1 X")])
        request = Request("INVITE" if invite else "BYE", "sip:a@h", headers)
        if table in CLIENTS:
            self.transaction = self.layer.ask(("k",), request, to, self.ear, 0.0)
        else:
            self.transaction = self.layer.serve(("k",), request, to)
        self.transaction.message = b"message"
        self.transaction.ack = b"ack"
        self.wire.clear()

    def running(self) -> set[T]:
        at, found = 1e9, set()
        while (due := self.deadlines.pop_due(at)) is not None:
            found.add(due[1])
        return found


@pytest.mark.parametrize(("name", "state", "event"), list(product(TABLES, S, In)))
def test_every_pair_does_what_its_row_says_or_nothing(name: str, state: S, event: In) -> None:
    table = TABLES[name]
    bench = Bench(table)
    bench.transaction.state = state
    before = set(FIRST[id(table)][1])
    step = table.get((state, event))
    up = bench.layer.feed(bench.transaction, event, 0.0)
    if step is None:
        assert (up, bench.wire, bench.transaction.state) == (False, [], state)
        assert bench.running() == before
        return
    assert (up, bench.transaction.state) == (step.up, step.to)
    data = {"": [], "message": [b"message"], "ack": [b"ack"]}[step.send]
    assert [send.data for send in bench.wire] == data
    kept = before if step.to is state else before & set(step.keep)
    assert bench.running() == kept | set(step.start)
    assert (bench.layer.find(("k",)) is None) == (step.to is S.TERMINATED)
    assert bench.ear.failures == (step.up and step.to is S.TERMINATED and table in CLIENTS)


@pytest.mark.parametrize("name", TABLES)
def test_every_state_can_be_left_and_the_end_is_reached(name: str) -> None:
    table = TABLES[name]
    states = {state for state, _ in table} | {step.to for step in table.values()}
    reached, todo = set(), [FIRST[id(table)][0]]
    while todo:
        state = todo.pop()
        reached.add(state)
        todo += [
            step.to for (at, _), step in table.items() if at is state and step.to not in reached
        ]
    assert reached == states
    assert S.TERMINATED in reached
    assert all(isinstance(step, Step) for step in table.values())


def run(bench: Bench, until: float) -> list[float]:
    """Let timers fire; when something went on the wire."""
    times = []
    while (at := bench.deadlines.next()) is not None and at <= until:
        due = bench.deadlines.pop_due(at)
        assert due is not None
        before = len(bench.wire)
        due[0].expired(due[1], at)
        times += [at] * (len(bench.wire) - before)
    return times


def test_an_unanswered_invite_is_repeated_at_doubling_intervals_and_given_up_after_32_s() -> None:
    bench = Bench(INVITE_CLIENT)
    assert run(bench, 100.0) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert bench.ear.failures == 1
    assert len(bench.layer) == 0


def test_an_unanswered_request_is_repeated_at_most_every_4_s() -> None:
    bench = Bench(CLIENT)
    assert run(bench, 100.0) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert bench.ear.failures == 1


def test_after_a_provisional_a_request_is_repeated_every_4_s() -> None:
    bench = Bench(CLIENT)
    bench.layer.hear(bench.transaction, Response(100), 0.1)
    assert run(bench, 20.0) == [0.5, 4.5, 8.5, 12.5, 16.5]


def test_on_a_stream_nothing_is_repeated() -> None:
    bench = Bench(INVITE_CLIENT, Destination("tcp", "192.0.2.9", 5060))
    assert run(bench, 100.0) == []
    assert bench.ear.failures == 1


def test_a_refusal_is_repeated_until_its_ack() -> None:
    bench = Bench(INVITE_SERVER)
    bench.layer.respond(bench.transaction, Response(486), 0.0)
    bench.wire.clear()
    assert run(bench, 4.0) == [0.5, 1.5, 3.5]
    bench.layer.feed(bench.transaction, In.ACK, 4.0)
    assert run(bench, 100.0) == []
    assert len(bench.layer) == 0


def test_a_lost_connection_gives_back_only_what_waited_on_it() -> None:
    stream = Destination("tcp", "192.0.2.9", 5060)
    waiting, other = Bench(INVITE_CLIENT, stream), Bench(INVITE_CLIENT, UDP)
    for bench in (waiting, other):
        bench.layer.lose(Destination("tcp", "192.0.2.9", 5060, 3), 1.0)
    assert (waiting.ear.failures, other.ear.failures) == (1, 0)
    assert (waiting.transaction.lost, waiting.transaction.unsent) == (True, False)


def test_a_response_finds_its_way_by_the_via_when_the_connection_is_gone() -> None:
    bench = Bench(SERVER, Destination("tcp", "192.0.2.9", 43210, 3))
    bench.layer.lose(Destination("tcp", "192.0.2.9", 43210, 3), 1.0)
    bench.layer.respond(bench.transaction, Response(200), 1.1)
    assert bench.wire[0].destination == UDP.__class__("tcp", "192.0.2.9", 5060)


def test_keys_tell_cancel_from_invite_and_take_old_elements_by_their_headers() -> None:
    invite = Request("INVITE", "sip:a", Headers([("call-id", "c"), ("cseq", "1 INVITE")]))
    ack = Request("ACK", "sip:a", Headers([("call-id", "c"), ("cseq", "1 ACK")]))
    assert server_key(invite, "z9hG4bK1", "h:1") == server_key(ack, "z9hG4bK1", "h:1")
    assert server_key(invite, "1", "h:1") == server_key(ack, "1", "h:1")
    assert server_key(invite, "z9hG4bK1", "h:1") != server_key(invite, "z9hG4bK1", "h:2")
    assert client_key("z9hG4bK1", "INVITE") != client_key("z9hG4bK1", "CANCEL")


def test_the_ack_of_a_refusal_repeats_the_invites_head_and_the_responses_to() -> None:
    headers = [("via", "v"), ("route", "<sip:p;lr>"), ("from", "f"), ("to", "t"), ("call-id", "c")]
    invite = Request("INVITE", "sip:a@h", Headers([*headers, ("cseq", "7 INVITE")]))
    ack = ack_of(invite, Response(486, headers=Headers([("to", "t;tag=1")])))
    assert (ack.method, ack.uri, ack.headers.get("via")) == ("ACK", "sip:a@h", "v")
    assert (ack.headers.get("to"), ack.headers.get("cseq")) == ("t;tag=1", "7 ACK")
    assert ack.headers.get("route") == "<sip:p;lr>"
