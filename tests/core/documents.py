"""Every document that crosses a wire, and how hypothesis makes any value of it."""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from e911.alarms import Alarm
from e911.bindings import Binding
from e911.manifest import Manifest
from e911.notice import Notice
from e911.numbers import Caller, Nanp
from e911.pidf import PidfLocation
from e911.places import CivicAddress, Point
from e911.records import CallRecord, HealthRecord
from e911.rows import KINDS
from e911.snapshot import Header

DOCUMENTS: tuple[type[Any], ...] = (
    *KINDS.values(),
    Header,
    Manifest,
    Binding,
    CallRecord,
    HealthRecord,
    Notice,
    Alarm,
    Caller,
    CivicAddress,
    Point,
    PidfLocation,
)
"""Snapshot rows, header, manifest, journal, records up, notices, and the values inside them."""

_SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=8),
    int: st.integers(-(2**63), 2**63),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    datetime: st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)),
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
"""Whatever a stranger may send."""


def values(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of a dataclass, field by field, defaults as often as anything else."""
    hints = get_type_hints(kind)
    drawn = {field.name: _of(hints[field.name]) for field in fields(kind)}
    return st.fixed_dictionaries(drawn).map(_built(kind))


def _built(kind: type[Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda drawn: kind(**drawn)


def _of(hint: Any) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return st.one_of(*(st.none() if a is type(None) else _of(a) for a in arguments))
    if origin is tuple:
        return st.lists(_of(arguments[0]), max_size=3).map(tuple)
    if isinstance(hint, type) and issubclass(hint, Nanp):
        return st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True).map(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    if isinstance(hint, type) and is_dataclass(hint):
        return values(hint)
    return _SCALARS[hint]
