"""What one call breaks in a core ends neither the other calls nor the agent, and least of all a 911
call: it is tried once more with less, and then given to whoever can still place it (R1).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from edge_agent.gateway.outputs import GatewayOutput
from edge_agent.leg import (
    Clear,
    Cleared,
    LegId,
    LegRequest,
    Offered,
    RingParty,
    SeizeTrunk,
    WireEvent,
)

log = logging.getLogger(__name__)

TEMPORARY_FAILURE = 41
Said = TypeVar("Said")


class Supervisor:
    """Asks the cores, and says something in the place of one that breaks."""

    def __init__(
        self, failed: Callable[[str, str], None], trace: Callable[[str, str, object], None]
    ) -> None:
        self._failed = failed
        """Told which core broke, and over what kind of error."""
        self._trace = trace

    def guarded(
        self,
        name: str,
        feed: Callable[[], Iterable[Said]],
        rescue: Callable[[], Iterable[Said]] = tuple,
    ) -> list[Said]:
        """What a core says; where it breaks, what ``rescue`` says."""
        try:
            return list(feed())
        except Exception as error:
            # The supervisor of a step: what one call breaks in a core must end neither the other
            # calls nor the agent (R1). The trace keeps the error whole, the log where it was.
            log.exception("step failed in %s", name)
            self._trace("failed", name, error)
            self._failed(name, type(error).__name__)
            return list(rescue())

    def tell(
        self, event: WireEvent, hear: Callable[[WireEvent], Iterable[GatewayOutput]]
    ) -> list[GatewayOutput]:
        """The gateway's answer to an event; a new call that breaks it is offered again, bare."""
        bare = _bare(event)
        if bare is None:
            return self.guarded("gateway", lambda: hear(event), partial(_turned_away, event))
        refusal: GatewayOutput = Clear(bare.leg, TEMPORARY_FAILURE, failover=True)
        return self.guarded(
            "gateway",
            lambda: hear(event),
            lambda: self.guarded("gateway", lambda: hear(bare), lambda: [refusal]),
        )


def refused_by_failure(request: LegRequest, leg: LegId) -> list[Cleared]:
    """What the gateway hears when a wire breaks over a request: that leg is over, move on."""
    if not isinstance(request, SeizeTrunk | RingParty | Clear):
        return []
    sent = isinstance(request, Clear)
    return [Cleared(leg, TEMPORARY_FAILURE, text="step-failed", sent=sent)]


def _bare(event: WireEvent) -> Offered | None:
    """A platform's call without what is not needed to place it; ``None`` for all else."""
    if not isinstance(event, Offered) or event.from_trunk:
        return None
    return replace(event, location=None, location_fault="step-failed", address=None, replaces=None)


def _turned_away(event: WireEvent) -> list[GatewayOutput]:
    """A trunk's call that breaks the gateway is not left ringing at nobody (R7)."""
    if isinstance(event, Offered) and event.from_trunk:
        return [Clear(event.leg, TEMPORARY_FAILURE)]
    return []
