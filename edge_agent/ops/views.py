"""What the operator is shown, as documents: ids in the open, callers masked unless configured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from e911.alarms import Alarm
from e911.bindings import Binding
from e911.wire import stamp

Document = dict[str, Any]


def call_document(view: Any, now: float) -> Document:
    """One call; ``seconds`` is how long it has lived."""
    document = asdict(view)
    document["seconds"] = round(now - document.pop("since"), 1)
    return document


def binding_document(binding: Binding, *, numbers: bool) -> Document:
    """One binding; whom it rings only where the trace shows numbers too."""
    expires = binding.expires_at()
    return {
        "call": binding.call,
        "elin": binding.elin.digits,
        "erl": binding.erl,
        "how": binding.how.value,
        "kind": binding.kind.value,
        "caller": binding.caller.contact if numbers else "masked",
        "bound_at": stamp(binding.bound_at),
        "ended_at": stamp(binding.ended_at) if binding.ended_at else None,
        "expires_at": stamp(expires) if expires else None,
        "incident": binding.incident,
        "trunk": binding.trunk,
        "channel": binding.channel,
        "forced": binding.forced,
    }


def alarm_document(alarm: Alarm) -> Document:
    """One alarm."""
    return {
        "slug": alarm.slug,
        "subject": alarm.subject,
        "active": alarm.is_active,
        "first": stamp(alarm.first),
        "last": stamp(alarm.last),
        "count": alarm.count,
        "cleared": stamp(alarm.cleared) if alarm.cleared else None,
        "detail": alarm.detail,
    }


def table(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows of one kind as aligned columns, for a terminal."""
    shown = [{key: _cell(value) for key, value in row.items()} for row in rows]
    if not shown:
        return "none"
    widths = {key: max(len(key), *(len(row[key]) for row in shown)) for key in shown[0]}
    lines = ["  ".join(key.ljust(width) for key, width in widths.items())]
    lines += ["  ".join(row[key].ljust(width) for key, width in widths.items()) for row in shown]
    return "\n".join(line.rstrip() for line in lines)


def _cell(value: object) -> str:
    if value is None or value == "" or value == []:
        return "-"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
