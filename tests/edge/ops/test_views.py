"""What an operator is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from e911.alarms import Alarm
from e911.bindings import Binding, CallKind, How
from e911.numbers import Caller, Elin
from edge_agent.ops.views import (
    alarm_document,
    binding_document,
    call_document,
    table,
)

AT = datetime(2026, 1, 1, tzinfo=UTC)
BINDING = Binding(
    "c1", Elin("4255550102"), Caller("sip:ana@pbx"), "floor-2", How.DEFAULT, CallKind.EMERGENCY, AT
)


@dataclass
class Call:
    call: str
    since: float


def test_whom_a_binding_rings_is_masked_unless_configured() -> None:
    assert binding_document(BINDING, numbers=False)["caller"] == "masked"
    shown = binding_document(BINDING.ended(AT), numbers=True)
    assert (shown["caller"], shown["expires_at"]) == ("sip:ana@pbx", "2026-01-01T03:00:00.000000Z")
    assert binding_document(BINDING, numbers=False)["expires_at"] is None


def test_a_call_shows_how_long_it_has_lived_and_an_alarm_whether_it_holds() -> None:
    assert call_document(Call("c1", 10.0), 12.34) == {"call": "c1", "seconds": 2.3}
    alarm = Alarm("disk-slow", AT, AT)
    assert alarm_document(alarm)["active"] is True
    assert alarm_document(replace(alarm, cleared=AT))["active"] is False


def test_a_table_is_aligned_and_says_none_where_there_is_none() -> None:
    rows: list[dict[str, Any]] = [
        {"trunk": "spf", "busy": [1, 23]},
        {"trunk": "carrier", "busy": []},
    ]
    assert table(rows).splitlines() == ["trunk    busy", "spf      1,23", "carrier  -"]
    assert table([]) == "none"
