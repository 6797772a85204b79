"""What one switch wants differently from another: rows of data, chosen per trunk.

Facts marked *read in source* come from libpri and Wireshark; the others are what carriers'
interface documents usually ask for, and every one of them can be set per trunk.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge_agent.isdn.elements import Npi, Screening, Ton


class SwitchType(StrEnum):
    """The variants of primary rate signalling that a carrier may order."""

    NI2 = "ni2"
    LUCENT_5ESS = "5ess"
    ATT_4ESS = "4ess"
    DMS100 = "dms100"
    EURO = "euro"


@dataclass(frozen=True, slots=True)
class Switch:
    """One row."""

    called_ton: Ton = Ton.UNKNOWN
    called_npi: Npi = Npi.E164
    calling_ton: Ton = Ton.NATIONAL
    calling_npi: Npi = Npi.E164
    screening_forced: Screening | None = None
    """Octet 3a must say this where presentation is allowed, or the call is refused (*read in
    source*).
    """
    sending_complete: bool = False
    """SETUP says that no digits follow: where overlap dialling is possible."""
    network_facility: bytes = b""
    """Content of Network-specific facilities in SETUP, where the service asks for one."""


SWITCHES: dict[SwitchType, Switch] = {
    SwitchType.NI2: Switch(),
    SwitchType.LUCENT_5ESS: Switch(),
    SwitchType.ATT_4ESS: Switch(called_ton=Ton.NATIONAL, screening_forced=Screening.NETWORK),
    SwitchType.DMS100: Switch(screening_forced=Screening.NETWORK),
    SwitchType.EURO: Switch(sending_complete=True),
}
