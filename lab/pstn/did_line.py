"""Ordinary lines into an enterprise: a number of the platform's own range is delivered to it (DID).

How a PSAP calls back where the 911 trunks carry calls out only: the carrier hands the call to the
platform, and the platform to whoever has the number.
"""

from __future__ import annotations

from lab.phones.bulletin import Bulletin
from lab.phones.platform import Platform
from lab.pstn.circuit import Circuit
from lab.pstn.sip_trunk import SipCircuit


class DidLine:
    """The carrier's way to one platform."""

    def __init__(self, trunk: str, platform: Platform) -> None:
        self.trunk, self._platform = trunk, platform
        self.news: Bulletin = platform.agent.news

    async def place(self, calling: str, called: str) -> Circuit:
        """Call the enterprise."""
        call = await self._platform.deliver(calling, called)
        return SipCircuit(call, self.trunk, calling, called)
