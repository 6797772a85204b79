"""Configuration is for administrators, and importing the function does nothing."""

from __future__ import annotations

import pytest

from tests.cloud.places import BRANCH
from tests.functions.gateway import ADMIN, CLIENT, EDGE, VIEWER, ask, fresh


def test_an_import_builds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it needs of its environment, it asks for with its first call."""
    monkeypatch.delenv("STACK", raising=False)
    with pytest.raises(KeyError, match="STACK"):
        fresh("edit_config").wired()


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("who", [VIEWER, EDGE, CLIENT, {}])
def test_no_other_role_may_edit(who: dict[str, object]) -> None:
    assert ask("edit_config", "PUT", "/v1/draft/branch/b", BRANCH, who=who).status == 403
    assert ask("edit_config", "GET", "/v1/signing-key", who=who).status == 403
    assert ask("edit_config", "GET", "/v1/draft/branch", who=ADMIN).body == {
        "drafts": [],
        "next": "",
    }


@pytest.mark.usefixtures("stack")
def test_an_administrator_edits() -> None:
    answer = ask("edit_config", "PUT", "/v1/draft/branch/springfield", BRANCH, who=ADMIN)
    assert (answer.status, answer.body) == (200, {"version": 1})
