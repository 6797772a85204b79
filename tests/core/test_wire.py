"""What goes over a wire comes back as it was; what does not fit is refused by the path of its
field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e911.errors import InvalidDocument
from e911.places import Point
from e911.records import CallRecord
from e911.rows import ErlRow, PolicyRow, RouteRow
from e911.wire import from_document, from_line, read_stamp, stamp, to_document, to_line
from tests.core.documents import DOCUMENTS, JSON, values


@pytest.mark.parametrize("kind", DOCUMENTS)
@given(data=st.data())
@settings(max_examples=25)
def test_every_document_comes_back_as_it_was(kind: type[Any], data: st.DataObject) -> None:
    value = data.draw(values(kind))
    line = to_line(to_document(value))
    assert from_document(kind, from_line(line)) == value
    assert to_line(to_document(from_document(kind, from_line(line)))) == line
    assert line.count(b"\n") == 1


@pytest.mark.parametrize("kind", DOCUMENTS)
@given(data=st.data())
@settings(max_examples=25)
def test_a_stranger_gets_a_value_or_a_path_and_nothing_else(
    kind: type[Any], data: st.DataObject
) -> None:
    """One field of a good document is overwritten with anything."""
    document = to_document(data.draw(values(kind)))
    document[data.draw(st.sampled_from([*document, "else"]))] = data.draw(JSON)
    value = _read(lambda: from_document(kind, document, "doc"))
    if isinstance(value, InvalidDocument):
        assert value.field.startswith("doc.")
        assert value.reason
        return
    assert from_document(kind, from_line(to_line(to_document(value)))) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_refused(line: bytes) -> None:
    document = _read(lambda: from_line(line, "line 3"))
    if isinstance(document, InvalidDocument):
        assert document.field == "line 3"
    else:
        assert isinstance(document, dict)


def _read(read: Callable[[], Any]) -> Any:
    """What was read, or the refusal; any other exception is a defect."""
    try:
        return read()
    except InvalidDocument as refused:
        return refused


def test_nesting_without_end_is_refused_like_any_other_rubbish() -> None:
    with pytest.raises(InvalidDocument, match="is not JSON"):
        from_line(b'{"a":' * 100_000)


def test_a_lone_surrogate_in_a_name_is_carried_and_stops_nothing() -> None:
    line = to_line({"name": "Ana \udce9"})
    assert line == b'{"name":"Ana \\udce9"}\n'
    assert from_line(line) == {"name": "Ana \udce9"}


def test_defaults_are_left_out_and_come_back() -> None:
    assert to_document(Point(1.5, 2.0)) == {"latitude": 1.5, "longitude": 2.0}
    assert from_document(Point, {"latitude": 1, "longitude": 2}) == Point(1.0, 2.0)


ERL = {"id": "e", "branch": "b", "name": "n", "civic": {}}


@pytest.mark.parametrize(
    ("kind", "document", "field", "reason"),
    [
        (ErlRow, [], "ErlRow", "must be an object"),
        (ErlRow, {}, "id", "is missing"),
        (ErlRow, {**ERL, "name": 7}, "name", "must be text"),
        (ErlRow, {**ERL, "civic": {"HNO": 7}}, "civic.HNO", "must be text"),
        (ErlRow, {**ERL, "steps": {}}, "steps", "must be a list"),
        (ErlRow, {**ERL, "steps": [{"trunk": "t"}, {}]}, "steps[1].trunk", "is missing"),
        (ErlRow, {**ERL, "point": {"latitude": "x"}}, "point.latitude", "must be a number"),
        (ErlRow, {**ERL, "point": {"latitude": True}}, "point.latitude", "must be a number"),
        (Point, {"latitude": float("nan")}, "latitude", "must be a number"),
        (Point, {"latitude": 10**400}, "latitude", "must be a number"),
        (
            PolicyRow,
            {"id": "p", "scope": "all"},
            "scope",
            "must be one of network-site, user, branch, global",
        ),
        (
            PolicyRow,
            {"id": "p", "scope": "global", "enhanced": 1},
            "enhanced",
            "must be true or false",
        ),
        (
            PolicyRow,
            {"id": "p", "scope": "global", "refresh_hours": True},
            "refresh_hours",
            "must be a whole number",
        ),
        (CallRecord, {"id": "r", "elin": "911"}, "call", "is missing"),
    ],
)
def test_what_does_not_fit_is_told_by_path_and_reason(
    kind: type[Any], document: object, field: str, reason: str
) -> None:
    with pytest.raises(InvalidDocument) as refused:
        from_document(kind, document)
    assert (refused.value.field, refused.value.reason) == (field, reason)


def test_a_path_goes_on_from_where_it_was() -> None:
    with pytest.raises(
        InvalidDocument, match=r"^line 4\.steps\[0\]\.seconds: must be a whole number$"
    ):
        from_document(
            RouteRow,
            {"id": "r", "branch": "b", "steps": [{"trunk": "t", "seconds": "9"}]},
            "line 4",
        )


def test_unknown_fields_are_for_a_later_release() -> None:
    document = {"latitude": 1.0, "longitude": 2.0, "altitude": 3.0}
    assert from_document(Point, document) == Point(1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Labelled:
    labels: dict[str, int]


def test_a_mapping_is_checked_by_its_values() -> None:
    assert from_document(Labelled, {"labels": {"a": 1}}) == Labelled({"a": 1})
    assert to_document(Labelled({"a": 1})) == {"labels": {"a": 1}}
    with pytest.raises(InvalidDocument, match=r"labels\.a: must be a whole number"):
        from_document(Labelled, {"labels": {"a": "1"}})
    with pytest.raises(InvalidDocument, match="labels: must be an object"):
        from_document(Labelled, {"labels": []})


def test_an_instant_is_utc_sorts_as_text_and_needs_no_zone() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert stamp(noon) == "2026-03-02T12:00:00.000000Z"
    assert stamp(noon.astimezone(timezone(timedelta(hours=-8)))) == stamp(noon)
    assert read_stamp("2026-03-02T04:00:00-08:00") == noon
    assert read_stamp("2026-03-02T12:00:00") == noon


@pytest.mark.parametrize("text", ["", "noon", None, 7, "2026-13-01", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_instant_is_refused(text: object) -> None:
    with pytest.raises(InvalidDocument, match="when: is not an ISO 8601 instant"):
        read_stamp(text, "when")


@given(values(CallRecord), values(CallRecord))
def test_lines_are_equal_exactly_when_values_are(one: CallRecord, other: CallRecord) -> None:
    assert (to_line(to_document(one)) == to_line(to_document(other))) == (one == other)
