"""Records of one call as an edge would send them, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from e911.bindings import CallKind, How
from e911.numbers import Caller, Did, Elin
from e911.records import CallRecord, CallStep

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ELIN = Elin("2175550121")
CALLER = Caller("sip:homer@pbx.example", Did("2175550177"), name="Homer Simpson", peer="spf-pbx")


def record(step: CallStep = CallStep.STARTED, n: int = 1, **changed: Any) -> CallRecord:
    """Step ``n`` of the call ``edge-springfield-b1-1``, bound at noon."""
    call = changed.pop("call", "edge-springfield-b1-1")
    given: dict[str, Any] = {
        "id": f"{call}-{n}",
        "call": call,
        "incident": "edge-springfield-b1-i1",
        "step": step,
        "kind": CallKind.EMERGENCY,
        "at": NOON + timedelta(seconds=n),
        "edge": "edge-springfield",
        "branch": "springfield",
        "erl": "spf-2",
        "how": How.SUBNET,
        "elin": ELIN,
        "caller": CALLER,
        "dialled": "911",
        "bound_at": NOON,
        "window_s": 3600,
        "targets": ("spf-desk",),
    }
    return CallRecord(**{**given, **changed})
