"""The fake kernel has every trap of the driver; the virtual machine plays them on the real one."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from edge_agent.drivers.dahdi import Hook
from tests.edge.drivers.dahdi_ground import EM_NEAR, Ground, dial, hook, opened, refused
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


def test_without_a_tone_zone_neither_a_start_nor_a_tone_begins() -> None:
    ground = FakeGround()
    with opened(ground, EM_NEAR) as (near,):
        ground.kernel.wire(EM_NEAR).zone_loaded = False
        assert hook(ground, near, Hook.START) == errno.ENODATA
        assert refused(lambda: dial(ground, near, "M*911#")) == errno.ENODATA
        ground.kernel.wire(EM_NEAR).zone_loaded = True
        assert hook(ground, near, Hook.START) == errno.EINPROGRESS
