"""How a phone learns where it is: it asks the location service, as its branch's client."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Location:
    """What the service answered."""

    erl: str
    how: str
    pidf: str
    elins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LocationService:
    """The cloud's location service, as one branch may ask it."""

    url: str
    branch: str
    token: str

    def ask(self, contact: str, address: str) -> Location | None:
        """Where a client with this address is; ``None`` where the service does not know.

        Blocks. Raises urllib.error.HTTPError where it refuses.
        """
        body = json.dumps({"contact": contact, "address": address}).encode()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "x-elingate-branch": self.branch,
            "Content-Type": "application/json",
        }
        asked = urllib.request.Request(f"{self.url}/v1/location", body, headers, method="POST")
        try:
            with urllib.request.urlopen(asked, timeout=10) as reply:
                found: dict[str, Any] = json.load(reply)
        except urllib.error.HTTPError as refusal:
            with refusal:
                if refusal.code == 404:
                    return None
                raise
        elins = tuple(str(elin) for elin in found["elins"])
        return Location(str(found["erl"]), str(found["how"]), str(found["pidf"]), elins)
