"""Whose voice meets whose: the ports of one call, said anew whenever one of them changes."""

from __future__ import annotations

from edge_agent.gateway.outputs import CloseRoom, GatewayOutput, Room, RoomPort
from edge_agent.leg import LegId, Media


class Voices:
    """The voice paths of one call by leg, and the room that is open now."""

    def __init__(self, call: str) -> None:
        self._call = call
        self._media: dict[LegId, Media] = {}
        self._room: Room | None = None

    def moved(self, leg: LegId, media: Media) -> None:
        """The leg's voice is there now."""
        self._media[leg] = media

    def gone(self, leg: LegId) -> None:
        """The leg has no voice any more."""
        self._media.pop(leg, None)

    def meet(self, *legs: LegId | None) -> list[GatewayOutput]:
        """Let ``legs`` hear each other, as far as their voices are known; says nothing when nothing
        changed."""
        ports = tuple(RoomPort(leg, self._media[leg]) for leg in legs if leg and leg in self._media)
        if not ports:
            return self.close()
        room = Room(self._call, ports)
        if room == self._room:
            return []
        self._room = room
        return [room]

    def close(self) -> list[GatewayOutput]:
        """Nobody talks any more."""
        if self._room is None:
            return []
        self._room = None
        return [CloseRoom(self._call)]
