"""These tests need the driver itself: they run in the virtual machine of ``make vm-test`` only."""

from __future__ import annotations

import os

import pytest

from tests.vm.ground import configure

collect_ignore_glob = [] if os.environ.get("ELINGATE_VM") else ["test_*.py"]


@pytest.fixture(autouse=True, scope="module")
def _the_spans_are_as_configured() -> None:
    """What a module destroys is no trouble of the next."""
    configure()
