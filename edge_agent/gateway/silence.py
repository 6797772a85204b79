"""Which calls have a B channel on which nobody is heard, and for how long that is an alarm.

Before an answer a trunk may rightly be silent: some networks have nothing to say while they look
for the PSAP. Only a call whose PSAP has answered is alarmed, and only for what is silent since: the
channel's own silence may have begun long before.
"""

from __future__ import annotations

from edge_agent.gateway.outputs import ClearAlarm, GatewayOutput, RaiseAlarm
from edge_agent.gateway.requests import CallView
from edge_agent.leg import Silence

LIVE = frozenset({"talking", "held", "psap-alone"})
"""States of calls in which the PSAP is on the line."""
SILENT_S = 10.0
"""An answered call is silent after this; a person says something sooner."""


class Silences:
    """When calls were answered, and those that are alarmed."""

    def __init__(self) -> None:
        self._answered_at: dict[str, float] = {}
        self._alarmed: set[str] = set()

    def answered(self, call: str, now: float) -> None:
        """Somebody has answered in a call; who joins it later changes nothing."""
        self._answered_at.setdefault(call, now)

    def hear(self, event: Silence, view: CallView, now: float) -> list[GatewayOutput]:
        """A leg of a call is silent, or is heard again."""
        if not event.seconds:
            return self._heard_again(view.call)
        silent_s = min(event.seconds, now - self._answered_at.get(view.call, now))
        if view.state not in LIVE or silent_s < SILENT_S:
            return []
        self._alarmed.add(view.call)
        where = f"{view.trunk} channel {view.channel}, {silent_s:.0f} s"
        return [RaiseAlarm("voice-silent", view.call, where)]

    def end(self, call: str) -> list[GatewayOutput]:
        """The call is over."""
        self._answered_at.pop(call, None)
        return self._heard_again(call)

    def _heard_again(self, call: str) -> list[GatewayOutput]:
        if call not in self._alarmed:
            return []
        self._alarmed.discard(call)
        return [ClearAlarm("voice-silent", call)]
