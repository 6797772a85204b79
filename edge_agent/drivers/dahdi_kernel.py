"""The real driver: open, ioctl, read, write, close, and epoll for what asyncio cannot wait for.

A DAHDI event is POLLPRI, which asyncio's selector does not ask for. So the channels have an epoll
set of their own, and the loop waits for that: one callback then serves all channels that became
ready in the same tick of the card.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import select

from edge_agent.drivers.dahdi import OnReady, Poller, Ready, Request

AT_ONCE = 256
"""Descriptors told of in one turn of the loop."""

_WANTED = {Ready.DATA: select.EPOLLIN, Ready.EVENT: select.EPOLLPRI}
_BROKEN = select.EPOLLERR | select.EPOLLHUP


class LinuxKernel:
    """System calls on ``/dev/dahdi``; descriptors are non-blocking and are not inherited."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def open(self, path: str) -> int:
        """A new descriptor."""
        return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def ioctl(self, descriptor: int, request: Request, argument: bytearray) -> None:
        """Do ``request``; what it gives back is in ``argument`` afterwards."""
        fcntl.ioctl(descriptor, request, argument, True)

    def read(self, descriptor: int, count: int) -> bytes:
        """One block or frame."""
        return os.read(descriptor, count)

    def write(self, descriptor: int, data: bytes) -> int:
        """One block or frame."""
        return os.write(descriptor, data)

    def close(self, descriptor: int) -> None:
        """Give the descriptor back."""
        os.close(descriptor)

    def poller(self, on_ready: OnReady) -> Poller:
        """An epoll set on this loop."""
        return EpollPoller(self._loop, on_ready)


class EpollPoller:
    """An epoll set that the loop waits for as for any other descriptor."""

    def __init__(self, loop: asyncio.AbstractEventLoop, on_ready: OnReady) -> None:
        self._loop = loop
        self._on_ready = on_ready
        self._epoll = select.epoll()
        self._watched: set[int] = set()
        loop.add_reader(self._epoll.fileno(), self._look)

    def watch(self, descriptor: int, ready: Ready) -> None:
        """Tell of ``ready`` from now on."""
        mask = sum(bit for flag, bit in _WANTED.items() if flag in ready)
        if descriptor in self._watched:
            self._epoll.modify(descriptor, mask)
        else:
            self._epoll.register(descriptor, mask)
            self._watched.add(descriptor)

    def forget(self, descriptor: int) -> None:
        """Tell no more."""
        if descriptor in self._watched:
            self._watched.remove(descriptor)
            self._epoll.unregister(descriptor)

    def close(self) -> None:
        """Give the set back; what it watched stays open."""
        if not self._epoll.closed:
            self._loop.remove_reader(self._epoll.fileno())
            for descriptor in list(self._watched):
                self.forget(descriptor)
            self._epoll.close()

    def _look(self) -> None:
        for descriptor, found in self._epoll.poll(0, AT_ONCE):
            if descriptor not in self._watched:
                continue  # forgotten by what was told just before
            ready = Ready(0)
            for flag, bit in _WANTED.items():
                if found & bit:
                    ready |= flag
            if found & _BROKEN:
                ready |= Ready.GONE
            self._on_ready(descriptor, ready)
            if self._epoll.closed:
                return
