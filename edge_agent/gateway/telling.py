"""Telling security from the edge itself, so that a cut WAN silences nobody (R11).

Each notice goes to every SIP desk of its policy, again and again along a ladder until the desk's
platform took it. A call never waits for any of this: texts are the last outputs of a step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class Pending:
    """A text on its way to one desk; ``due`` is ``None`` while an answer is awaited."""

    send: SendText
    subject: str
    tries: int = 0
    due: float | None = None


class Teller:
    """Sends notices as SIP MESSAGEs and repeats those that were not taken."""

    def __init__(self) -> None:
        self._pending: dict[str, Pending] = {}
        self._told: dict[str, None] = {}

    def tell(
        self, exchange: Exchange, notice: Notice, desk: tuple[str, ...]
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
            peer = peer_of(exchange.snapshot, contact)
            send = SendText(name, peer, contact, text(notice))
            self._pending[name] = Pending(send, target)
            out.append(send)
        for oldest in list(self._told)[: max(0, len(self._told) - REMEMBERED)]:
            del self._told[oldest]
        return out

    def settled(self, event: TextSettled, now: float) -> list[GatewayOutput]:
        """A desk took the text, or it must be tried again; after the last rung an alarm stays."""
        held = self._pending.pop(event.notice, None)
        if held is None:
            return []
        if event.delivered:
            return [ClearAlarm("desk-not-told", held.subject)]
        if held.tries >= len(LADDER_S):
            return [RaiseAlarm("desk-not-told", held.subject)]
        due = now + LADDER_S[held.tries]
        self._pending[event.notice] = replace(held, tries=held.tries + 1, due=due)
        return []

    def handle_timeout(self, now: float) -> list[GatewayOutput]:
        """Texts whose next try is due."""
        out: list[GatewayOutput] = []
        for name, held in list(self._pending.items()):
            if held.due is not None and held.due <= now:
                self._pending[name] = replace(held, due=None)
                out.append(held.send)
        return out

    def next_deadline(self) -> float | None:
        """When the next try is due."""
        return min((p.due for p in self._pending.values() if p.due is not None), default=None)


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


def peer_of(snapshot: Snapshot | None, contact: str) -> str:
    """The peer that a SIP contact is reached through: the one whose address it names, else any,
    else none."""
    if snapshot is None or not snapshot.peers:
        return ""
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
