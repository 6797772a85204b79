"""Who runs first on a busy box: voice, then signalling and what shares its interpreter, then all.

A thread that may be set aside for four milliseconds by somebody's backup cannot promise three.
"""

from __future__ import annotations

import os

VOICE = 10
"""Priority of the media process: a packet each 20 ms."""
SIGNALLING = 5
"""Priority of the agent's loop, and of the thread that shares its interpreter."""


def go_real_time(priority: int) -> bool:
    """Run the calling thread under SCHED_FIFO, what it starts not; ``False`` where we may not.

    It takes CAP_SYS_NICE; without it everything works, only later under load.
    """
    try:
        policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(priority))
    except PermissionError:
        return False
    return True
