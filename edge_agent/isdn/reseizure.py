"""A refusal that is of the channel or of the link, and not of the call, costs the call nothing: the
same SETUP goes out again in the same step, under a new reference (R1).

Either it was lost to an establishment that crossed it, and the network does not know the call (seen
with Asterisk where our SABME met a link that it held for established). Or the channel is taken
(cause 44), and another is free (RFC 3398 §7.2.4.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge_agent.isdn.call import Call, CallOutput, Detail
from edge_agent.isdn.call_words import In
from edge_agent.isdn.calls import Calls
from edge_agent.isdn.elements import Ie
from edge_agent.isdn.reception import CHANNEL_NOT_AVAILABLE
from edge_agent.isdn.setup import SetupForm

_NOT_KNOWN = frozenset({81, 101})
"""Invalid call reference, message not compatible with the state: the network has not seen the
SETUP.
"""
_FRESH_S = 3.0
"""So long after its establishment a link may have lost a SETUP to it."""
_MOST_ATTEMPTS = 3
_REFUSALS = frozenset({In.RELEASE, In.RELEASE_COMPLETE, In.STATUS_NULL})


@dataclass(frozen=True, slots=True)
class Again:
    """The input that sends the SETUP of a call again, and what is said to the refusal before it."""

    event: In
    detail: Detail
    first: tuple[CallOutput, ...]


class Reseizures:
    """Which refusals are answered by another SETUP; the call is made ready for it."""

    def __init__(self, form: SetupForm, calls: Calls) -> None:
        self._form, self._calls = form, calls
        self._established_at = float("-inf")

    def link_up(self, now: float) -> None:
        """The link is established."""
        self._established_at = now

    def answer(self, call: Call, event: In, detail: Detail, now: float) -> Again | None:
        """What follows a refusal of our SETUP that another SETUP mends; ``None`` for any other
        input.
        """
        if not call.unconfirmed or event not in _REFUSALS or call.attempts >= _MOST_ATTEMPTS:
            return None
        cause = 0 if detail.cause is None else detail.cause.value
        if cause == CHANNEL_NOT_AVAILABLE:
            other = self._other_channel(call)
            return None if other is None else self._again(call, event, other)
        fresh = now - self._established_at <= _FRESH_S and call.attempts == 1
        return self._again(call, event, None) if cause in _NOT_KNOWN and fresh else None

    def _again(self, call: Call, event: In, other: int | None) -> Again | None:
        """A RELEASE is acknowledged under the reference that it ends."""
        reference = self._calls.new_reference()
        if reference is None:
            return None
        first = (call.released(),) if event is In.RELEASE else ()
        self._calls.renumber(call, reference)
        call.attempts += 1
        if other is None:
            return Again(In.REFUSED_EARLY, Detail(), first)
        self._ask_for(call, other)
        return Again(In.CHANNEL_REFUSED, Detail(channel=other), first)

    def _other_channel(self, call: Call) -> int | None:
        other = self._calls.choose(None, but=call.channel)
        return None if other is None or self._calls.is_busy(other) else other

    def _ask_for(self, call: Call, channel: int) -> None:
        request = call.party.request
        assert request is not None
        wanted = self._form.channel(request, channel)
        setup = tuple(wanted if e.id == Ie.CHANNEL_ID else e for e in call.party.setup)
        call.party = replace(call.party, setup=setup)
