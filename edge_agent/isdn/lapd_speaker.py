"""Frames out, under the TEI of the moment, and the one timer that watches them (Q.921 §5.9.8)."""

from __future__ import annotations

from collections.abc import Callable

from edge_agent.deadlines import Deadlines
from edge_agent.isdn.lapd_config import LinkConfig
from edge_agent.isdn.lapd_frame import (
    BROADCAST,
    CALL_CONTROL,
    MANAGEMENT,
    POINT_TO_POINT,
    Address,
    Frame,
    Side,
    U,
    Unnumbered,
    encode,
)
from edge_agent.isdn.lapd_words import Heard, SendFrame
from edge_agent.isdn.timers import LinkTimer


class Speaker:
    """One side of a link, speaking. T200, T203 and REST never run together."""

    def __init__(self, config: LinkConfig, side: Side, tei: Callable[[], int | None]) -> None:
        self.tries = 0
        """How often the command that T200 watches was said; every change of state begins anew."""
        self._side = side
        self._tei = tei
        self._address = POINT_TO_POINT
        self._due: Deadlines[LinkTimer] = Deadlines()
        self._n200 = config.n200
        self._seconds = {
            LinkTimer.T200: config.t200_s,
            LinkTimer.T203: config.t203_s,
            LinkTimer.REST: config.rest_s,
        }

    @property
    def again(self) -> bool:
        """Whether N200 leaves a try."""
        return self.tries <= self._n200

    def put(self, frame: Frame, heard: Heard) -> None:
        """Say ``frame`` once, on the link."""
        tei = self._tei()
        assert tei is not None
        if tei != self._address.tei:
            self._address = Address(CALL_CONTROL, tei)
        data = encode(frame, self._side, self._address)
        heard.outputs.append(SendFrame(data))

    def command(self, frame: Frame, heard: Heard) -> None:
        """Say a command whose answer T200 waits for."""
        self.put(frame, heard)
        self.tries += 1
        self.run(LinkTimer.T200, heard)

    def manage(self, info: bytes, heard: Heard) -> None:
        """Say something about TEIs, to the network's management."""
        frame = Unnumbered(U.UI, info=info)
        data = encode(frame, self._side, Address(MANAGEMENT, BROADCAST))
        heard.outputs.append(SendFrame(data))

    def run(self, timer: LinkTimer, heard: Heard) -> None:
        """Start ``timer`` alone."""
        self._due.stop_all()
        self._due.start(timer, heard.now + self._seconds[timer])

    def watch(self, heard: Heard) -> None:
        """Start T200 where it does not run: something is out."""
        if not self._due.runs(LinkTimer.T200):
            self.run(LinkTimer.T200, heard)

    def idle(self, heard: Heard) -> None:
        """Nothing is out: T203 asks after the peer in a while."""
        self.run(LinkTimer.T203, heard)

    def stop(self) -> None:
        """Wait for nothing."""
        self._due.stop_all()

    def expire(self, now: float) -> LinkTimer | None:
        """Return what is due, once."""
        return self._due.expire(now)

    def next_deadline(self) -> float | None:
        """When that is; ``None`` where nothing runs."""
        return self._due.next_deadline()
