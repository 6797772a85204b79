"""What the DAHDI driver does with a whole sound that is queued at once: each trap on bare system
calls, as those of ``dahdi_traps``.
"""

from __future__ import annotations

import errno
from collections.abc import Callable

from edge_agent.drivers.dahdi import WHEN_FULL, Flush, Hook, Request, ask
from tests.edge.drivers.dahdi_ground import (
    EM_FAR,
    EM_NEAR,
    EM_NEXT_NEAR,
    Ground,
    buffers,
    hook,
    is_empty,
    opened,
    refused,
    stream,
)


def a_buffer_takes_no_more_than_its_size_and_a_full_channel_nothing(ground: Ground) -> None:
    with opened(ground, EM_NEAR) as (near,):
        buffers(ground, near, 2, 2000)
        assert ground.kernel.write(near, bytes(2500)) == 2000, "taken short, and no error"
        assert ground.kernel.write(near, bytes(2000)) == 2000
        assert refused(lambda: ground.kernel.write(near, bytes(2000))) == errno.EAGAIN


def with_the_policy_when_full_nothing_is_heard_before_all_is_written(ground: Ground) -> None:
    with opened(ground, EM_NEAR, EM_FAR) as (near, far):
        buffers(ground, far, 4, 160)
        buffers(ground, near, 2, 400, WHEN_FULL)
        assert ground.kernel.write(near, b"\x11" * 400) == 400
        ground.let_pass(0.15)
        ask(ground.kernel, far, Request.FLUSH, Flush.READ)
        assert 0x11 not in stream(ground, far, 4)
        assert ground.kernel.write(near, b"\x22" * 400) == 400
        assert b"\x11" * 400 + b"\x22" * 400 in stream(ground, far, 9)


def that_a_channel_has_played_everything_is_told_by_iomux(ground: Ground) -> None:
    with opened(ground, EM_NEAR) as (near,):
        buffers(ground, near, 2, 800, WHEN_FULL)
        assert is_empty(ground, near)
        for _ in range(2):
            ground.kernel.write(near, bytes(800))
        ground.let_pass(0.15)
        assert not is_empty(ground, near)
        ground.let_pass(0.1)
        assert is_empty(ground, near)


def a_hang_up_empties_the_channel_and_a_hook_beside_it_does_not(ground: Ground) -> None:
    with opened(ground, EM_NEAR, EM_NEXT_NEAR, EM_FAR) as (near, beside, far):
        hook(ground, near, Hook.OFFHOOK)
        buffers(ground, near, 2, 2000, WHEN_FULL)
        for _ in range(2):
            ground.kernel.write(near, bytes(2000))
        ground.let_pass(0.05)
        hook(ground, beside, Hook.OFFHOOK)
        hook(ground, beside, Hook.ONHOOK)
        hook(ground, far, Hook.OFFHOOK)
        hook(ground, near, Hook.OFFHOOK)
        assert not is_empty(ground, near)
        hook(ground, near, Hook.ONHOOK)
        assert is_empty(ground, near), "and nobody is told"


def new_buffers_forget_what_waits_either_way(ground: Ground) -> None:
    with opened(ground, EM_NEAR, EM_FAR) as (near, far):
        for descriptor in (near, far):
            buffers(ground, descriptor, 4, 160)
        ground.kernel.write(near, b"\x11" * 160)
        ground.let_pass(0.1)
        ground.kernel.write(near, b"\x22" * 160)
        buffers(ground, near, 4, 160)
        buffers(ground, far, 4, 160)
        assert is_empty(ground, near)
        assert not {0x11} & set(stream(ground, far, 4))


SOUND_TRAPS: tuple[Callable[[Ground], None], ...] = (
    a_buffer_takes_no_more_than_its_size_and_a_full_channel_nothing,
    with_the_policy_when_full_nothing_is_heard_before_all_is_written,
    that_a_channel_has_played_everything_is_told_by_iomux,
    a_hang_up_empties_the_channel_and_a_hook_beside_it_does_not,
    new_buffers_forget_what_waits_either_way,
)
