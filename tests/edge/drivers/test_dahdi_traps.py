"""The fake kernel has every trap of the driver; the virtual machine plays them on the real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.edge.drivers.dahdi_ground import Ground
from tests.edge.drivers.dahdi_traps import TRAPS
from tests.fakes.dahdi_kernel import FakeKernel


@dataclass
class FakeGround:
    """The fake kernel, on time that only the story moves."""

    kernel: FakeKernel = field(default_factory=FakeKernel)

    def let_pass(self, seconds: float) -> None:
        self.kernel.advance(seconds)


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.__name__)
def test_the_fake_kernel_has_the_trap(trap: Callable[[Ground], None]) -> None:
    ground = FakeGround()
    trap(ground)
    assert ground.kernel.open_descriptors == 0
