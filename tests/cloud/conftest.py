"""Every store is tested against the template's tables in moto."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from e911_cloud.tables import bind_tables
from tests.cloud.stack import STACK, running_stack
from tests.functions.conftest import FUNCTIONS
from tests.functions.gateway import fresh


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty stack; the models point at its tables."""
    with running_stack(monkeypatch):
        bind_tables(STACK)
        yield


@pytest.fixture
def functions_stack(stack: None) -> None:
    """The same, every function in a new container."""
    for name in FUNCTIONS:
        fresh(name)
