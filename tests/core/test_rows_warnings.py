"""What may be published and is told all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.rows import ErlRow, PeerRow, RouteRow, RouteStep, Row, TrunkKind, TrunkRow
from e911.rows_check import check_rows
from e911.rows_warnings import warnings_of
from e911.snapshot import key_of
from tests.core.springfield import rows

CAMA = TrunkRow("spf-cama", "springfield", TrunkKind.CAMA)


def with_rows(*more: Row) -> list[Row]:
    """The organisation with rows added or replaced."""
    return list({key_of(row): row for row in (*rows(), *more)}.values())


def cama_alone() -> list[Row]:
    """Springfield with one CAMA trunk in the place of its two others."""
    kept = [row for row in rows() if key_of(row) != ("test-number", "readback")]
    kept = [row for row in kept if not (isinstance(row, TrunkRow) and row.branch == "springfield")]
    route = RouteRow("spf-911", "springfield", (RouteStep("spf-cama"),))
    return [CAMA, *[route if key_of(row) == key_of(route) else row for row in kept]]


def told(organisation: list[Row]) -> list[str]:
    return [fault.path for fault in warnings_of(organisation)]


def test_an_organisation_with_a_path_to_every_branch_is_not_warned() -> None:
    assert warnings_of(rows()) == []
    assert warnings_of(with_rows(CAMA)) == []


def test_a_branch_on_cama_alone_may_be_published_and_is_said_to_have_no_callback_path() -> None:
    """The other branch, which a sip trunk reaches, is not named."""
    organisation = cama_alone()
    assert check_rows(organisation) == []
    [warning] = warnings_of(organisation)
    assert warning.path == "branch/springfield"
    assert warning.reason.startswith("has no callback path: ")


def test_a_platform_that_delivers_callbacks_is_all_that_such_a_branch_needs() -> None:
    platform = PeerRow("lync", "springfield", "10.1.0.5", delivers_callbacks=True)
    organisation = [row for row in cama_alone() if not isinstance(row, PeerRow)]
    assert told([*organisation, platform]) == []
    assert told([*organisation, replace(platform, branch="shelbyville")]) == ["branch/springfield"]


@pytest.mark.parametrize("called", ["911", "11"])
def test_the_emergency_code_is_what_a_cama_trunk_is_for(called: str) -> None:
    route = RouteRow("spf-911", "springfield", (RouteStep("spf-cama", called),))
    assert told(with_rows(CAMA, route)) == []


def test_a_step_to_a_number_over_cama_is_told_by_its_place() -> None:
    number = (RouteStep("spf-pri", "4255550142"), RouteStep("spf-cama", "+14255550142"))
    route = RouteRow("spf-911", "springfield", number)
    assert told(with_rows(CAMA, route)) == ["route/spf-911.steps[1].called"]
    [lobby] = [row for row in rows() if isinstance(row, ErlRow) and row.id == "spf-f1"]
    own = replace(lobby, steps=number[1:])
    assert told(with_rows(CAMA, own)) == ["erl/spf-f1.steps[0].called"]


@given(st.permutations(cama_alone()))
def test_the_order_of_the_rows_changes_no_warning(shuffled: list[Row]) -> None:
    assert warnings_of(shuffled) == warnings_of(cama_alone())
