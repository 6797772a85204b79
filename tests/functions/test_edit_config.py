"""Configuration is for administrators, and importing the function does nothing."""

from __future__ import annotations

import pytest

from tests.cloud.places import BRANCH
from tests.functions.gateway import ADMIN, CLIENT, EDGE, VIEWER, ask, fresh, invoke, module


def test_an_import_builds_nothing() -> None:
    """The environment is empty here: whatever it needs, it asks for with its first call."""
    assert module("edit_config").wired.cache_info().currsize == 0 or fresh("edit_config")


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("who", [VIEWER, EDGE, CLIENT, {}])
def test_no_other_role_may_edit(who: dict[str, object]) -> None:
    assert ask("edit_config", "PUT", "/v1/draft/branch/b", BRANCH, who=who).status == 403
    assert ask("edit_config", "GET", "/v1/signing-key", who=who).status == 403
    assert ask("edit_config", "GET", "/v1/draft/branch", who=ADMIN).body == {"drafts": []}


@pytest.mark.usefixtures("stack")
def test_an_administrator_edits() -> None:
    answer = ask("edit_config", "PUT", "/v1/draft/branch/springfield", BRANCH, who=ADMIN)
    assert (answer.status, answer.body) == (200, {"version": 1})
    assert callable(invoke)
