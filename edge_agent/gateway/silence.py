"""Which calls have a B channel on which nobody is heard, and for how long that is an alarm.

Before an answer a trunk may rightly be silent: some networks have nothing to say while they look
for the PSAP. Only a call whose PSAP has answered is alarmed.
"""

from __future__ import annotations

from edge_agent.gateway.outputs import ClearAlarm, GatewayOutput, RaiseAlarm
from edge_agent.gateway.requests import CallView
from edge_agent.leg import Silence

LIVE = frozenset({"talking", "held", "psap-alone"})
"""States of calls in which the PSAP is on the line."""


class Silences:
    """The calls that are alarmed."""

    def __init__(self) -> None:
        self._calls: set[str] = set()

    def hear(self, event: Silence, view: CallView) -> list[GatewayOutput]:
        """A leg of a call is silent, or is heard again."""
        if not event.seconds:
            return self.end(view.call)
        if view.state not in LIVE:
            return []
        self._calls.add(view.call)
        where = f"{view.trunk} channel {view.channel}, {event.seconds:.0f} s"
        return [RaiseAlarm("voice-silent", view.call, where)]

    def end(self, call: str) -> list[GatewayOutput]:
        """The call is heard again, or over."""
        if call not in self._calls:
            return []
        self._calls.discard(call)
        return [ClearAlarm("voice-silent", call)]
