"""One thread reads whatever the programs of a test say; a test waits for what it wants to hear."""

from __future__ import annotations

import os
import selectors
import threading
from collections.abc import Callable
from typing import Protocol

PATIENCE_S = 10.0


class HasFileno(Protocol):
    """A socket, a pipe, anything that can be read when it says so."""

    def fileno(self) -> int: ...


class Pump:
    """Readers run one at a time under one lock, and so do the conditions that tests wait for."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._heard = threading.Condition()
        self._wake_out, self._wake_in = os.pipe()
        self._selector.register(self._wake_out, selectors.EVENT_READ)
        self._readers: dict[int, Callable[[], None]] = {}
        self._thread = threading.Thread(target=self._work, name="pump", daemon=True)
        self._thread.start()

    def watch(self, source: HasFileno, read: Callable[[], None]) -> None:
        """Call ``read`` whenever ``source`` has something; it must not block."""
        with self._heard:
            self._readers[source.fileno()] = read
            self._selector.register(source.fileno(), selectors.EVENT_READ)

    def drop(self, source: HasFileno) -> None:
        """Read ``source`` no more; when this returns, its reader is not running."""
        with self._heard:
            if self._readers.pop(source.fileno(), None) is not None:
                self._selector.unregister(source.fileno())

    def until(
        self, met: Callable[[], bool], what: Callable[[], object], within_s: float = PATIENCE_S
    ) -> None:
        """Wait for something that a reader hears; fails with ``what`` was heard instead."""
        with self._heard:
            assert self._heard.wait_for(met, within_s), f"waited {within_s} s; heard {what()}"

    def close(self) -> None:
        """End the thread."""
        os.close(self._wake_in)
        self._thread.join()
        os.close(self._wake_out)
        self._selector.close()

    def _work(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fd == self._wake_out:
                    return
                with self._heard:
                    read = self._readers.get(key.fd)
                    if read is not None:
                        read()
                        self._heard.notify_all()
