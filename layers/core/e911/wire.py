"""Values to documents and back: one codec for everything that crosses a boundary, so both halves
cannot disagree.

A document is what JSON can hold. Absent fields take the value's default, unknown fields are ignored
(a new field is optional for one release), a wrong type is refused with the path of the field.
"""

from __future__ import annotations

import json
import sys
import types
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from e911.errors import InvalidDocument, InvalidNumber
from e911.numbers import Nanp

V = TypeVar("V")
Document = dict[str, Any]
LARGEST_FLOAT = sys.float_info.max
_AS_IT_IS = frozenset({str, int, bool})
"""Types that JSON has too. Most fields are of these, and a start reads 60,000 rows."""


def to_document(value: object) -> Document:
    """The document of a dataclass value; fields that hold their default are left out."""
    document = {}
    for field, _ in _shape(cast(type, type(value))):
        held = getattr(value, field.name)
        if held != _default(field):
            document[field.name] = held if type(held) in _AS_IT_IS else _plain(held)
    return document


def from_document(kind: type[V], document: object, path: str = "") -> V:
    """The value of ``kind`` that ``document`` describes.

    Raises:
        InvalidDocument: a field is missing or of another type; ``field`` is its path.
    """
    if not isinstance(document, dict):
        raise InvalidDocument(path or kind.__name__, "must be an object")
    given = {}
    for field, hint in _shape(cast(type, kind)):
        where = f"{path}.{field.name}" if path else field.name
        if field.name in document:
            raw = document[field.name]
            as_it_is = hint in _AS_IT_IS and type(raw) is hint
            given[field.name] = raw if as_it_is else _value(hint, raw, where)
        elif _default(field) is MISSING:
            raise InvalidDocument(where, "is missing")
    return kind(**given)


def to_line(document: Document) -> bytes:
    """One JSON line: keys sorted, no blanks, UTF-8; the same document gives the same bytes
    anywhere.
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # A lone surrogate (a name that came in another encoding) becomes its JSON escape, not an error.
    return text.encode("utf-8", "backslashreplace") + b"\n"


def from_line(line: bytes, path: str = "line") -> Document:
    """The object on one JSON line.

    Raises:
        InvalidDocument: the line is no JSON object.
    """
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidDocument(path, "is not JSON") from error
    if not isinstance(document, dict):
        raise InvalidDocument(path, "must be an object")
    return document


def stamp(utc: datetime) -> str:
    """An instant as text: UTC, microseconds, sortable."""
    return utc.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_stamp(text: object, path: str = "at") -> datetime:
    """An instant from text; one without a zone is taken as UTC.

    Raises:
        InvalidDocument: the text is no ISO 8601 instant.
    """
    try:
        utc = datetime.fromisoformat(cast(str, text))
        return utc.replace(tzinfo=UTC) if utc.tzinfo is None else utc.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidDocument(path, "is not an ISO 8601 instant") from error


def _plain(value: object) -> Any:
    if isinstance(value, Nanp):
        return value.digits
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return stamp(value)
    if is_dataclass(value):
        return to_document(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _value(hint: Any, raw: object, path: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        inner = [kind for kind in get_args(hint) if kind is not type(None)]
        return None if raw is None else _value(inner[0], raw, path)
    if origin is tuple:
        if not isinstance(raw, list):
            raise InvalidDocument(path, "must be a list")
        item = get_args(hint)[0]
        return tuple(_value(item, each, f"{path}[{n}]") for n, each in enumerate(raw))
    if origin is dict:
        if not isinstance(raw, dict):
            raise InvalidDocument(path, "must be an object")
        item = get_args(hint)[1]
        return {str(key): _value(item, each, f"{path}.{key}") for key, each in raw.items()}
    return _scalar(hint, raw, path)


def _scalar(hint: Any, raw: object, path: str) -> Any:
    if isinstance(hint, type) and issubclass(hint, Nanp):
        return _number(hint, raw, path)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _member(hint, raw, path)
    if hint is datetime:
        return read_stamp(raw, path)
    if is_dataclass(hint):
        return from_document(cast(type[Any], hint), raw, path)
    if hint is float:
        return _finite(raw, path)
    if type(raw) is not hint:
        raise InvalidDocument(path, f"must be {_NAMES.get(hint, hint.__name__)}")
    return raw


def _number(hint: type[Nanp], raw: object, path: str) -> Nanp:
    try:
        return hint.parse(raw if isinstance(raw, str) else "")
    except InvalidNumber as error:
        raise InvalidDocument(path, str(error)) from error


def _finite(raw: object, path: str) -> float:
    """A number that can be written again: JSON has no NaN and no infinity."""
    if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) <= LARGEST_FLOAT:
        return float(raw)
    raise InvalidDocument(path, "must be a number")


def _member(hint: type[Enum], raw: object, path: str) -> Enum:
    try:
        return hint(raw)
    except ValueError as error:
        known = ", ".join(str(member.value) for member in hint)
        raise InvalidDocument(path, f"must be one of {known}") from error


_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


@cache
def _shape(kind: type) -> tuple[tuple[Field[Any], Any], ...]:
    hints = get_type_hints(kind)
    return tuple((field, hints[field.name]) for field in fields(kind))


def _default(field: Field[Any]) -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default
