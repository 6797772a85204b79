"""What one switch wants differently from another: rows of data, chosen per trunk.

Facts marked *read in source* come from libpri and Wireshark; the others are what carriers'
interface documents usually ask for, and every one of them can be set per trunk. What only a
carrier's order can say (network facility, octet 5 of the bearer, numbering of E1 channels) is set
per trunk and has no column here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge_agent.isdn.elements import Npi, Screening, Ton
from edge_agent.isdn.maintenance import Coding


class SwitchType(StrEnum):
    """The variants of signalling that a carrier may order."""

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
    says_not_isdn: bool = False
    """SETUP says by progress 3 that whoever calls is no ISDN terminal (*read in source*)."""
    maintenance: Coding | None = None
    """How the switch writes SERVICE (*read in source*); ``None`` where it has no such message."""


SWITCHES: dict[SwitchType, Switch] = {
    SwitchType.NI2: Switch(says_not_isdn=True, maintenance=Coding.NATIONAL),
    SwitchType.LUCENT_5ESS: Switch(maintenance=Coding.ATT),
    SwitchType.ATT_4ESS: Switch(
        called_ton=Ton.NATIONAL, screening_forced=Screening.NETWORK, maintenance=Coding.ATT
    ),
    SwitchType.DMS100: Switch(screening_forced=Screening.NETWORK, maintenance=Coding.ATT),
    SwitchType.EURO: Switch(sending_complete=True),
}
