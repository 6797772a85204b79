"""Where a phone is, from what its network says: one read over the keys that its clues can match,
best clue first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from e911.errors import E911Error
from e911.hints import LocationHint, fold_mac, read_address
from e911.numbers import Elin
from e911.pidf import ANONYMOUS, PidfLocation, write_pidf
from e911.places import CivicAddress
from e911.wire import from_document, stamp
from e911_cloud.lookups import Published, hint_keys, place_in


class LocationUnknown(E911Error):
    """No clue matches anything published."""

    http_status = 404


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of the location service."""

    erl: str
    how: str
    pidf: str
    elins: tuple[str, ...]
    refresh_hours: int


def read_hint(bssid: str, chassis: str, port: str, address: str) -> LocationHint:
    """The clues of one request, each in its one spelling.

    Raises:
        InvalidDocument: the address is none.
    """
    return LocationHint(
        bssid=fold_mac(bssid),
        chassis=fold_mac(chassis),
        port=port.strip().lower(),
        address=read_address(address) if address else None,
    )


class Locations:
    """Answers where phones are, from what is published."""

    def __init__(self, published: Published) -> None:
        self._published = published

    def find(self, hint: LocationHint, contact: str, utc: datetime, branch: str = "") -> Found:
        """The ERL that the best clue names, as PIDF-LO with its ELINs in pool order. ``branch`` is
        the asker's: which place a network means that several branches use.

        Raises:
            LocationUnknown: no clue matches, or the best one means several other branches.
        """
        keys = hint_keys(hint, self._published.current(utc).lengths)
        found = self._published.get([key for _, key in keys], utc) if keys else {}
        for kind, key in keys:
            if key in found:
                place = place_in(found[key], branch)
                if place is None:
                    break
                return _answer(place, kind.value, contact, utc)
        raise LocationUnknown("no clue matches a published element")


def _answer(place: dict[str, Any], how: str, contact: str, utc: datetime) -> Found:
    elins = tuple(Elin(digits) for digits in place["elins"])
    location = PidfLocation(
        civic=from_document(CivicAddress, place["civic"], "civic"),
        elins=elins,
        method="LIS",
        timestamp=stamp(utc),
    )
    return Found(
        erl=str(place["erl"]),
        how=how,
        pidf=write_pidf(location, entity=contact or ANONYMOUS).decode(),
        elins=tuple(elin.digits for elin in elins),
        refresh_hours=int(place["refresh_hours"]),
    )
