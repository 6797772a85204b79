"""The traps of the driver, on the driver: what the fake kernel is a model of."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.edge.drivers.dahdi_ground import Ground
from tests.edge.drivers.dahdi_traps import TRAPS
from tests.vm.ground import configure, real_ground


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.__name__)
def test_the_real_driver_has_the_trap(trap: Callable[[Ground], None]) -> None:
    with real_ground() as ground:
        trap(ground)
    if "destroyed" in trap.__name__:
        configure()
