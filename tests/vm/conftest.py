"""These tests need the driver itself: they run in the virtual machine of ``make vm-test`` only."""

from __future__ import annotations

import ctypes
import os

import pytest

from tests.vm.ground import configure

MCL_CURRENT, MCL_FUTURE = 1, 2
"""Of mlockall(2)."""

collect_ignore_glob = [] if os.environ.get("ELINGATE_VM") else ["test_*.py"]


@pytest.fixture(autouse=True, scope="session")
def _no_page_is_waited_for() -> None:
    """A page that comes from the host's files stands this process still, and the guest's clock,
    which skips idle time, goes on: voice would run dry that no card would miss."""
    assert ctypes.CDLL(None).mlockall(MCL_CURRENT | MCL_FUTURE) == 0


@pytest.fixture(autouse=True, scope="module")
def _the_spans_are_as_configured() -> None:
    """What a module destroys is no trouble of the next."""
    configure()
