"""Where the dice enter: everything that must be unique or unguessable comes from here."""

from __future__ import annotations

import secrets
from itertools import count

from edge_agent.leg import LegId


class RandomIds:
    """The ``Ids`` of every core of one process; ``boot`` tells this run from all others."""

    def __init__(self) -> None:
        self.boot = secrets.token_hex(4)
        self._legs = count(1)

    def branch(self) -> str:
        """A Via branch (RFC 3261 §8.1.1.7)."""
        return f"z9hG4bK{secrets.token_hex(12)}"

    def tag(self) -> str:
        """A From or To tag: at least 32 random bits (RFC 3261 §19.3)."""
        return secrets.token_hex(8)

    def call_id(self) -> str:
        """A Call-ID; holds no address of ours and no number."""
        return secrets.token_hex(16)

    def leg_id(self) -> LegId:
        """A leg id never used before by this process."""
        return LegId(f"{self.boot}-{next(self._legs)}")

    leg = leg_id

    def call_reference(self) -> int:
        """Where Q.931 call references of this run begin (Q.931 §4.3, two octets)."""
        return secrets.randbelow(0x7FFF) + 1

    def session_id(self) -> int:
        """An SDP session id (RFC 8866 §5.2)."""
        return secrets.randbits(61)

    def jitter(self) -> float:
        """A number from 0 to 1 that spreads polls and retries of many edges."""
        return secrets.randbelow(1 << 20) / (1 << 20)
