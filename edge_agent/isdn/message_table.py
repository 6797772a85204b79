"""Which elements each message may carry and which it must: clause 3 of Q.931 as one table.

*Conditional* are those that clause 3 demands only in a case that the message alone does not show:
the channel in the first answer to a SETUP, the cause in the first message that clears, the channels
of a RESTART of class 0. Whoever receives one without it decides from the state of the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge_agent.isdn.ie import Ie
from edge_agent.isdn.messages import M


@dataclass(frozen=True, slots=True)
class Contents:
    """One row."""

    mandatory: frozenset[Ie] = frozenset()
    conditional: frozenset[Ie] = frozenset()
    optional: frozenset[Ie] = frozenset()

    @property
    def allowed(self) -> frozenset[Ie]:
        """Everything that the message may carry; what is not here counts as unknown
        (§5.8.7.3).
        """
        return self.mandatory | self.conditional | self.optional


def _row(mandatory: str = "", conditional: str = "", optional: str = "") -> Contents:
    """Display may be in every message, from the network."""
    sets = (mandatory, conditional, f"{optional} DISPLAY")
    return Contents(*(frozenset(Ie[name] for name in names.split()) for names in sets))


_COMPATIBLE = "BEARER HIGH_LAYER LOW_LAYER"
_SERVICES = "FACILITY NOTIFICATION USER_USER"
_ANSWERED = "CONNECTED CONNECTED_SUBADDRESS DATE_TIME"
_CALLERS = "CALLING CALLING_SUBADDRESS REDIRECTING"
_DIALLED = "CALLED CALLED_SUBADDRESS KEYPAD SENDING_COMPLETE TRANSIT_NETWORK NETWORK_FACILITIES"

MESSAGES: Mapping[int, Contents] = {
    # ---- establishing a call, §3.1
    M.SETUP: _row(
        "BEARER CHANNEL_ID",
        "",
        f"{_COMPATIBLE} {_CALLERS} {_DIALLED} {_SERVICES} PROGRESS DATE_TIME SIGNAL"
        " REPEAT_INDICATOR",
    ),
    M.SETUP_ACK: _row("", "CHANNEL_ID", f"{_SERVICES} PROGRESS SIGNAL"),
    M.CALL_PROCEEDING: _row("", "CHANNEL_ID", f"{_COMPATIBLE} {_SERVICES} PROGRESS"),
    M.PROGRESS: _row("PROGRESS", "", f"{_COMPATIBLE} {_SERVICES} CAUSE SIGNAL CHANNEL_ID"),
    M.ALERTING: _row("", "CHANNEL_ID", f"{_COMPATIBLE} {_SERVICES} PROGRESS SIGNAL"),
    M.CONNECT: _row("", "CHANNEL_ID", f"{_COMPATIBLE} {_SERVICES} {_ANSWERED} PROGRESS SIGNAL"),
    M.CONNECT_ACK: _row("", "", "CHANNEL_ID SIGNAL"),
    # ---- during a call
    M.USER_INFORMATION: _row("USER_USER", "", "MORE_DATA"),
    M.INFORMATION: _row("", "", f"{_DIALLED} CAUSE SIGNAL"),
    M.NOTIFY: _row("NOTIFICATION", "", "BEARER CONNECTED REDIRECTING"),
    M.FACILITY: _row("FACILITY", "", f"{_CALLERS} {_DIALLED} NOTIFICATION SIGNAL"),
    M.REGISTER: _row("", "", "FACILITY"),
    M.HOLD: _row(),
    M.HOLD_ACK: _row(),
    M.HOLD_REJECT: _row("CAUSE"),
    M.RETRIEVE: _row("", "", "CHANNEL_ID"),
    M.RETRIEVE_ACK: _row("", "CHANNEL_ID"),
    M.RETRIEVE_REJECT: _row("CAUSE"),
    M.SUSPEND: _row("", "", "CALL_IDENTITY"),
    M.SUSPEND_ACK: _row(),
    M.SUSPEND_REJECT: _row("CAUSE"),
    M.RESUME: _row("", "", "CALL_IDENTITY"),
    M.RESUME_ACK: _row("CHANNEL_ID"),
    M.RESUME_REJECT: _row("CAUSE"),
    # ---- clearing
    M.DISCONNECT: _row("CAUSE", "", f"{_SERVICES} PROGRESS SIGNAL"),
    M.RELEASE: _row("", "CAUSE", f"{_SERVICES} SIGNAL"),
    M.RELEASE_COMPLETE: _row("", "CAUSE", f"{_SERVICES} SIGNAL"),
    # ---- everything else, §3.1 and §3.2
    M.STATUS: _row("CAUSE CALL_STATE"),
    M.STATUS_ENQUIRY: _row(),
    M.CONGESTION_CONTROL: _row("CONGESTION_LEVEL CAUSE"),
    M.SEGMENT: _row("SEGMENTED"),
    M.RESTART: _row("RESTART_INDICATOR", "CHANNEL_ID"),
    M.RESTART_ACK: _row("RESTART_INDICATOR", "CHANNEL_ID"),
}
"""Every message type has a row."""
