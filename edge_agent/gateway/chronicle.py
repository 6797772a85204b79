"""The running account of one call: each step becomes a record for the cloud and, where people must
know, a notice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from e911.bindings import Binding, CallKind
from e911.notice import Notice, NoticeStep
from e911.records import CallRecord, CallStep
from edge_agent.gateway.exchange import Exchange
from edge_agent.gateway.outputs import GatewayOutput, Report
from edge_agent.gateway.telling import Teller, notice_of

CUT_OFF = "cut off by a restart of the gateway; the caller may need to be rung"


class Chronicle:
    """Writes down one call; facts once known stay in every later record."""

    def __init__(
        self, exchange: Exchange, teller: Teller, call: str, kind: CallKind, desk: tuple[str, ...]
    ) -> None:
        self._exchange, self._teller, self._desk = exchange, teller, desk
        self._steps = 0
        self.record = CallRecord(
            id="",
            call=call,
            incident=f"i-{call}",
            step=CallStep.STARTED,
            kind=kind,
            at=datetime.min,
            edge=exchange.edge,
            branch=exchange.branch(),
        )

    def know(self, **facts: Any) -> None:
        """Facts that every record from now on carries."""
        self.record = replace(self.record, **facts)

    def know_binding(self, binding: Binding) -> None:
        """The binding's facts."""
        self.know(
            incident=binding.incident or self.record.incident,
            erl=binding.erl,
            how=binding.how,
            elin=binding.elin,
            caller=binding.caller,
            bound_at=binding.bound_at,
            window_s=binding.window_s,
            forced=binding.forced,
            platform_call_id=binding.platform_call_id,
        )

    def report(self, step: CallStep, now: float, **facts: Any) -> Report:
        """The record of this step; ids count up, so that a repeat changes nothing (R12)."""
        self._steps += 1
        self.know(**facts)
        self.record = replace(
            self.record,
            id=f"{self.record.call}-{self._steps}",
            step=step,
            at=self._exchange.clock.read(now),
        )
        return Report(self.record)

    def tell(self, step: NoticeStep, now: float, remark: str = "") -> list[GatewayOutput]:
        """Tell the desk; a notice is the last thing in any step."""
        at = self._exchange.clock.read(now)
        notice = notice_of(self._exchange, self.record, step, at, remark)
        return self._teller.tell(self._exchange, notice, self._desk, now)


def cut_off(exchange: Exchange, binding: Binding, utc: datetime) -> CallRecord:
    """The record of a call that a restart cut off: its window starts now, in the cloud too (R6).

    A callback may hold the same binding again and be cut off again: each start has a record of its
    own.
    """
    return CallRecord(
        id=f"{binding.call}-cut-off-{exchange.boot}",
        call=binding.call,
        incident=binding.incident,
        step=CallStep.ENDED,
        kind=binding.kind,
        at=utc,
        edge=exchange.edge,
        branch=exchange.branch(),
        erl=binding.erl,
        how=binding.how,
        elin=binding.elin,
        caller=binding.caller,
        trunk=binding.trunk,
        channel=binding.channel,
        bound_at=binding.bound_at,
        ended_at=binding.ended_at,
        window_s=binding.window_s,
        platform_call_id=binding.platform_call_id,
    )


def cut_off_notice(exchange: Exchange, binding: Binding, targets: tuple[str, ...]) -> Notice:
    """What the desk is told of such a call: its caller may be waiting (R11)."""
    at = binding.ended_at or binding.bound_at
    record = replace(cut_off(exchange, binding, at), targets=targets)
    return notice_of(exchange, record, NoticeStep.ENDED, at, CUT_OFF)
