"""The version is that of the distribution."""

from __future__ import annotations

import tomllib
from pathlib import Path

from edge_agent.ops.version import own_version


def test_it_is_the_version_of_pyproject_or_nothing() -> None:
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    assert own_version() in (tomllib.loads(text)["project"]["version"], "")
