"""Which test calls are never placed: none that could reach a PSAP, and none that would be in a
call's way.

A test seizes a trunk that emergency calls need, with an ELIN that responders are sent by. So what
is not plainly a telephone number of somebody else is refused, and the reason is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from e911.numbers import Nanp
from e911.policy import ALWAYS
from e911.rows import RouteStep, TrunkKind, TrunkRow
from e911.snapshot import Snapshot
from edge_agent.gateway.exchange import Exchange
from edge_agent.gateway.requests import PlaceReadback
from edge_agent.gateway.routing import WITHOUT_SNAPSHOT
from edge_agent.gateway.trunks import ChannelState, Rank, Trunk

SHORTEST_PREFIX = 3
"""A switch may take the call after an emergency number that is as long as this or longer, whatever
digits follow it."""
LONGEST_LISTENING_S = 60.0
_NUMBER = re.compile(r"\+?[0-9]{7,15}", re.ASCII)
_PUNCTUATION = re.compile(r"[\s().\-]")


def why_refused(exchange: Exchange, ask: PlaceReadback) -> str:
    """Why the test call is not placed; empty where it may be."""
    snapshot = exchange.snapshot
    if snapshot is None:
        return "no snapshot is in use: what an emergency number is cannot be known"
    row = snapshot.trunks.get(ask.trunk)
    if row is None or ask.trunk not in exchange.trunks:
        return f"{ask.trunk} is no trunk of this edge"
    if row.trunk is TrunkKind.CAMA:
        return "a CAMA trunk leads to a selective router and nowhere else"
    if not 1 <= ask.seconds <= LONGEST_LISTENING_S:
        return f"seconds must be 1 to {LONGEST_LISTENING_S:.0f}"
    return (
        _why_not_this_elin(snapshot, row, ask)
        or _why_unsafe(exchange, snapshot, ask.number)
        or _why_in_the_way(exchange.trunks[ask.trunk], snapshot.branch.reserve)
    )


def spelled(number: str) -> str:
    """The number as it is sent: digits, with or without +."""
    return _PUNCTUATION.sub("", number)


def calling_form(snapshot: Snapshot, trunk: str) -> str:
    """The form in which emergency calls on this trunk write the ELIN: a test proves that one."""
    steps = (step for step in _steps(snapshot) if step.trunk == trunk)
    return next((step.calling_form for step in steps), RouteStep(trunk).calling_form)


def _why_not_this_elin(snapshot: Snapshot, row: TrunkRow, ask: PlaceReadback) -> str:
    """R2: the calling number of a test is an ELIN that this trunk may carry (R9), or nothing is
    sent."""
    elin = snapshot.elins.get(ask.elin)
    if elin is None:
        return f"{ask.elin.digits} is no ELIN of this snapshot"
    if elin.branch != row.branch and elin.erl not in row.erls:
        return f"{ask.elin.digits} is an ELIN of another branch, which this trunk does not carry"
    return ""


def _why_unsafe(exchange: Exchange, snapshot: Snapshot, number: str) -> str:
    sent = spelled(number)
    if _NUMBER.fullmatch(sent) is None:
        return "the number must be a plain telephone number of 7 to 15 digits"
    digits = _bare(sent)
    if digits in {_bare(called) for called in _called_in_emergencies(exchange, snapshot)}:
        return "a route step or the relay sends emergency calls to this number"
    for dial in _dials(snapshot):
        if len(dial) >= SHORTEST_PREFIX and _begins_with(sent.removeprefix("+"), dial):
            return f"the number begins with {dial}: a switch may take it for an emergency call"
    if digits in {elin.digits for elin in snapshot.elins}:
        return "the number is an ELIN: the call would come back as a callback"
    return ""


def _why_in_the_way(trunk: Trunk, reserve: int) -> str:
    """A test takes no channel of the reserve, and none that is in doubt (R8)."""
    if any(hold.rank is Rank.TEST for hold in trunk.holds.values()):
        return f"a test is under way on {trunk.id}"
    states = [state for span in trunk.spans for state in trunk.states(span).values()]
    room = states.count(ChannelState.IDLE) if trunk.channels else trunk.room()
    if room <= reserve:
        return f"{trunk.id} is busy: a test leaves its last {reserve} channel(s) alone"
    return ""


def _called_in_emergencies(exchange: Exchange, snapshot: Snapshot) -> Iterator[str]:
    yield exchange.last_resort.called
    yield from (step.called for step in _steps(snapshot))
    yield snapshot.branch.relay_number


def _steps(snapshot: Snapshot) -> Iterator[RouteStep]:
    for route in snapshot.routes.values():
        yield from route.steps
    for erl in snapshot.erls.values():
        yield from erl.steps


def _dials(snapshot: Snapshot) -> Iterator[str]:
    """Every emergency number and mask, as it is and behind what users dial for an outside line."""
    numbers = {ALWAYS.dial, *WITHOUT_SNAPSHOT}
    for policy in snapshot.policies:
        for number in policy.numbers:
            numbers |= {number.dial, *number.masks}
    prefixes = {"", *(peer.strip_prefix for peer in snapshot.peers.values())}
    yield from sorted(prefix + dial for prefix in prefixes for dial in numbers)


def _begins_with(digits: str, dial: str) -> bool:
    return digits.startswith((dial, f"1{dial}"))


def _bare(number: str) -> str:
    """One spelling for numbers that reach the same phone: ten digits in the North American plan."""
    found = Nanp.read(number)
    return found.digits if found else spelled(number).removeprefix("+")
