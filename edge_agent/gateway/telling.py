"""Telling security from the edge itself, so that a cut WAN silences nobody (R11).

Each notice goes to every SIP desk of its policy, again and again along a ladder until the desk's
platform took it. A call never waits for any of this: texts are the last outputs of a step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from heapq import heappop, heappush

from e911.notice import Notice, NoticeStep, text
from e911.records import CallRecord
from e911.rows import TargetKind
from e911.snapshot import Snapshot
from edge_agent.gateway.exchange import Exchange
from edge_agent.gateway.outputs import ClearAlarm, GatewayOutput, RaiseAlarm
from edge_agent.leg import SendText, TextSettled

LADDER_S = (2.0, 5.0, 15.0, 60.0, 300.0)
"""Seconds between one try to reach a desk and the next."""

REMEMBERED = 10_000
"""So many sent notices are remembered, so that none is sent twice."""


ANSWERED_BY_S = 40.0
"""A text of whose fate no wire has told for so long was not taken; SIP itself gives up after 32."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A text on its way to one desk, or waiting to be sent again."""

    send: SendText
    subject: str
    due: float
    under_way: bool = True
    """Sent, and its answer is awaited until ``due``; else it is sent again at ``due``."""
    tries: int = 0


class Teller:
    """Sends notices as SIP MESSAGEs and repeats those that were not taken."""

    def __init__(self) -> None:
        self._pending: dict[str, Pending] = {}
        self._due: list[tuple[float, str]] = []
        self._told: dict[str, None] = {}

    def tell(
        self, exchange: Exchange, notice: Notice, desk: tuple[str, ...], now: float
    ) -> list[GatewayOutput]:
        """Send ``notice`` to each of its SIP targets, or to the branch's ``desk`` where it names
        none.

        One (incident, call, target, step) is sent once, however often it is asked for.
        """
        out: list[GatewayOutput] = []
        for target, contact in _addresses(exchange.snapshot, notice.targets, desk):
            name = f"{notice.incident}/{notice.call}/{target}/{notice.step}"
            if name in self._told:
                continue
            self._told[name] = None
            peer = peer_of(exchange.snapshot, contact, exchange.last_resort.peers)
            send = SendText(name, peer, contact, text(notice))
            self._wait(name, Pending(send, target, now + ANSWERED_BY_S))
            out.append(send)
        while len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]
        return out

    def settled(self, event: TextSettled, now: float) -> list[GatewayOutput]:
        """A desk took the text, or it must be tried again; after the last rung an alarm stays."""
        held = self._pending.get(event.notice)
        if held is None:
            return []
        if event.delivered:
            del self._pending[event.notice]
            return [ClearAlarm("desk-not-told", held.subject)]
        return self._not_taken(event.notice, held, now) if held.under_way else []

    def handle_timeout(self, now: float) -> list[GatewayOutput]:
        """Texts whose next try is due."""
        out: list[GatewayOutput] = []
        while self._due and self._due[0][0] <= now:
            name = self._due[0][1]
            held = self._pending.get(name)
            if self._is_stale():
                heappop(self._due)
            elif held is not None and held.under_way:
                out += self._not_taken(name, held, now)
            elif held is not None:
                self._wait(name, replace(held, due=now + ANSWERED_BY_S, under_way=True))
                out.append(held.send)
        return out

    def next_deadline(self) -> float | None:
        """When the next try is due."""
        while self._due and self._is_stale():
            heappop(self._due)
        return self._due[0][0] if self._due else None

    def _not_taken(self, name: str, held: Pending, now: float) -> list[GatewayOutput]:
        if held.tries >= len(LADDER_S):
            del self._pending[name]
            return [RaiseAlarm("desk-not-told", held.subject)]
        due = now + LADDER_S[held.tries]
        self._wait(name, replace(held, due=due, under_way=False, tries=held.tries + 1))
        return []

    def _wait(self, name: str, held: Pending) -> None:
        self._pending[name] = held
        heappush(self._due, (held.due, name))

    def _is_stale(self) -> bool:
        """Whether what is due first was settled or put off since."""
        at, name = self._due[0]
        held = self._pending.get(name)
        return held is None or held.due != at


def notice_of(
    exchange: Exchange,
    record: CallRecord,
    step: NoticeStep,
    at: datetime,
    remark: str = "",
) -> Notice:
    """The notice about one step of a call: who, from where, seen as which ELIN, when."""
    snapshot = exchange.snapshot
    erl = snapshot.erls.get(record.erl) if snapshot else None
    caller = record.caller
    return Notice(
        incident=record.incident,
        call=record.call,
        step=step,
        at=at,
        branch=record.branch,
        erl=record.erl,
        place=f"{erl.name}: {erl.civic.one_line()}" if erl else "",
        name=caller.name if caller else "",
        number=caller.spoken if caller else "",
        elin=record.elin.digits if record.elin else "",
        dialled=record.dialled,
        zone=snapshot.branch.zone if snapshot else "UTC",
        how=record.how.value,
        remark=remark,
        targets=record.targets,
    )


def peer_of(snapshot: Snapshot | None, contact: str, spare: tuple[str, ...] = ()) -> str:
    """The peer that a SIP contact is reached through: the one whose address it names, else any,
    else the first of ``spare`` (the last resort's), else none."""
    if snapshot is None or not snapshot.peers:
        return next(iter(spare), "")
    host, _, port = contact.split("@")[-1].removeprefix("sip:").split(";")[0].partition(":")
    for peer in snapshot.peers.values():
        if peer.host == host and str(peer.port) == (port or "5060"):
            return peer.id
    return next(iter(sorted(snapshot.peers)))


def _addresses(
    snapshot: Snapshot | None, targets: tuple[str, ...], desk: tuple[str, ...]
) -> list[tuple[str, str]]:
    rows = [snapshot.targets[t] for t in targets if snapshot and t in snapshot.targets]
    told = [(row.id, row.address) for row in rows if row.target is TargetKind.SIP_MESSAGE]
    return told or [(contact, contact) for contact in desk if contact.startswith("sip:")]
