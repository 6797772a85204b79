"""A PSAP that answers a call whose caller has hung up gets that caller rung at once, and whoever
else a callback would ring (R7, R13).

It is a callback that nobody had to dial: the PSAP is on the trunk leg already. What it hears while
nobody answers, and who learns that nobody did, is here; when the call ends is the emergency call's.
"""

from __future__ import annotations

from e911.notice import NoticeStep
from e911.numbers import Caller
from edge_agent.gateway.chronicle import Chronicle
from edge_agent.gateway.exchange import Exchange
from edge_agent.gateway.ladder import Ladder, Pace
from edge_agent.gateway.outputs import Announce, GatewayOutput, RaiseAlarm
from edge_agent.leg import Cleared, LegEvent, LegId, RingParty, SeizeTrunk


class RingBack:
    """Rings people for the PSAP of one abandoned call; the legs that it makes join ``legs``."""

    def __init__(
        self,
        exchange: Exchange,
        chronicle: Chronicle,
        caller: Caller,
        desk: tuple[str, ...],
        legs: set[LegId],
    ) -> None:
        self._chronicle, self._legs = chronicle, legs
        self._call = chronicle.record.call
        branch = exchange.snapshot.branch if exchange.snapshot else None
        pace = Pace(branch.alternates_s, branch.desk_s, branch.give_up_s) if branch else Pace()
        elin = chronicle.record.elin
        shown = elin.digits if elin else ""
        self._ladder = Ladder(exchange, self._call, shown, (caller,), desk, pace)
        self.hung_up = False
        """Whether the human who had answered has hung up."""

    @property
    def human(self) -> LegId | None:
        """The leg that answered and still has the PSAP."""
        return self._ladder.human

    def owns(self, leg: LegId) -> bool:
        """Whether the leg is one that rings, or that answered."""
        return self._ladder.owns(leg)

    def begin(self, now: float) -> list[GatewayOutput]:
        """Ring the caller."""
        return self._own(self._ladder.start(now))

    def hear(self, event: LegEvent, now: float) -> list[GatewayOutput]:
        """What a rung leg says."""
        if isinstance(event, Cleared) and event.leg == self._ladder.human:
            self._ladder.human = None
            self.hung_up = True
            return []
        return self._own(self._ladder.hear(event, now))

    def handle_timeout(self, psap: LegId | None, now: float) -> list[GatewayOutput]:
        """The rungs that are due; after the last one the PSAP hears the recorded voice."""
        out = self._own(self._ladder.handle_timeout(now))
        if self._ladder.given_up and psap:
            self._ladder.given_up = False
            out += self._announce(psap, now)
        return out

    def next_deadline(self) -> float | None:
        """When the next rung is due."""
        return self._ladder.next_deadline()

    def stop(self, cause: int) -> list[GatewayOutput]:
        """The PSAP is gone: nobody rings any more."""
        return self._ladder.stop(cause)

    def _announce(self, psap: LegId, now: float) -> list[GatewayOutput]:
        out: list[GatewayOutput] = [Announce(self._call, psap, self._chronicle.record.erl)]
        out.append(RaiseAlarm("callback-unanswered", self._call))
        remark = "the PSAP hears the recording"
        return out + self._chronicle.tell(NoticeStep.UNANSWERED, now, remark)

    def _own(self, outputs: list[GatewayOutput]) -> list[GatewayOutput]:
        self._legs |= {o.leg for o in outputs if isinstance(o, RingParty | SeizeTrunk)}
        return outputs
