"""In which state the B channels of a span are, apart from their calls: a state only says which are
tried last.

None is ever left out: a channel out of service is better than no call (R1).
"""

from __future__ import annotations

from collections.abc import Iterable


class Channels:
    """What the network, the operator and our own unanswered messages say of each channel."""

    def __init__(self, channels: tuple[int, ...]) -> None:
        self.all = channels
        self.restarting: frozenset[int] = frozenset()
        """A RESTART of these is out."""
        self.out_of_service: frozenset[int] = frozenset()
        """To be tried last."""
        self._taken_out: frozenset[int] = frozenset()
        self._laid_off: frozenset[int] = frozenset()
        self._doubtful: frozenset[int] = frozenset()

    def rank(self, channel: int) -> int:
        """0 in service, 1 under restart, 2 out of service."""
        if channel in self.out_of_service:
            return 2
        return 1 if channel in self.restarting else 0

    def take_out(self, channels: Iterable[int]) -> None:
        """The network takes channels out of service (SERVICE)."""
        self._taken_out |= self._ours(channels)
        self._sum_up()

    def put_in(self, channels: Iterable[int]) -> None:
        """The network puts channels in service again."""
        self._taken_out -= frozenset(channels)
        self._doubtful -= frozenset(channels)
        self._sum_up()

    def lay_off(self, channels: Iterable[int], *, in_service: bool) -> None:
        """The operator takes channels out of service, or puts them back, whoever took them: where
        the network still thinks otherwise it refuses them, and the call takes another.
        """
        chosen = self._ours(channels)
        self._laid_off = self._laid_off - chosen if in_service else self._laid_off | chosen
        if in_service:
            self.put_in(chosen)
        self._sum_up()

    def doubt(self, channels: Iterable[int]) -> None:
        """A RELEASE or a RESTART of these was never acknowledged (§5.3.2, §5.5.1)."""
        self._doubtful |= self._ours(channels)
        self._sum_up()

    def prove(self, channels: Iterable[int]) -> None:
        """These work: a call was answered there, or a RESTART acknowledged."""
        if self._doubtful:
            self._doubtful -= frozenset(channels)
            self._sum_up()

    def _ours(self, channels: Iterable[int]) -> frozenset[int]:
        return frozenset(channels) & frozenset(self.all)

    def _sum_up(self) -> None:
        self.out_of_service = self._taken_out | self._laid_off | self._doubtful
