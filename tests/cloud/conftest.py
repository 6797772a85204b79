"""Every store is tested against the template's tables in moto."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from e911_cloud.tables import bind_tables
from tests.cloud.stack import STACK, running_stack


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty stack; the models point at its tables."""
    with running_stack(monkeypatch):
        bind_tables(STACK)
        yield
