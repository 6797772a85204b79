"""How one trunk is set up, primary or basic rate: every value with its limits, and nothing that is
looked up later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from edge_agent.isdn.elements import Access, Npi, Presentation, Screening, Ton, Transfer
from edge_agent.isdn.lapd_config import Interface, LinkConfig
from edge_agent.isdn.lapd_frame import Side
from edge_agent.isdn.messages import (
    BASIC_REFERENCE,
    MOST_BASIC_REFERENCE,
    MOST_REFERENCE,
    PRIMARY_REFERENCE,
)
from edge_agent.isdn.switches import SWITCHES, Switch, SwitchType
from edge_agent.isdn.timers import ChannelTimer, LinkTimer, T, check
from edge_agent.leg import Law

T1_CHANNELS = tuple(range(1, 24))
E1_CHANNELS = (*range(1, 16), *range(17, 32))
BRI_CHANNELS = (1, 2)
MOST_DIGITS = 20


class Line(StrEnum):
    """What a primary rate interface runs on."""

    T1 = "t1"
    E1 = "e1"

    @property
    def channels(self) -> tuple[int, ...]:
        """Every B channel, by time slot."""
        return T1_CHANNELS if self is Line.T1 else E1_CHANNELS


class Speech(StrEnum):
    """Which bearer a voice call asks for: *speech*, or *3.1 kHz audio* where a switch wants it."""

    SPEECH = "speech"
    AUDIO = "3.1k"

    @property
    def transfer(self) -> Transfer:
        """The code point of Bearer capability."""
        return Transfer.SPEECH if self is Speech.SPEECH else Transfer.AUDIO_3K1


@dataclass(frozen=True, slots=True)
class IsdnTrunkConfig:
    """One trunk. ``None`` in a numbering field takes the switch's own row.

    Raises:
        ValueError: a value outside its limits; the text names field and limits.
    """

    trunk: str
    span: str
    channels: tuple[int, ...] = T1_CHANNELS
    """Those that carry calls, by time slot; of a basic rate interface 1 and 2."""
    side: Side = Side.USER
    """Which side of the interface we are: the network side is for our own trunks back to back."""
    line: Line | None = None
    """``None``: an E1 where a channel is above 23, else a T1."""
    switch: SwitchType = SwitchType.NI2
    law: Law = Law.MU
    speech: Speech = Speech.SPEECH
    called_ton: Ton | None = None
    called_npi: Npi | None = None
    calling_ton: Ton | None = None
    calling_npi: Npi | None = None
    presentation: Presentation = Presentation.ALLOWED
    screening: Screening = Screening.USER_NOT_SCREENED
    exclusive: bool = True
    """Whether an ordinary call insists on its channel; an emergency call only prefers one."""
    bearer_layer1: bool = True
    """Whether SETUP says the law (octet 5 of the bearer); some 4ESS trunks want none."""
    network_facility: bytes = b""
    """Content of Network-specific facilities in SETUP, where the carrier's service asks for one."""
    logical_channels: bool = False
    """E1 whose switch numbers channels 1 to 30 without a gap."""
    overlap: bool = False
    """SETUP without the called number, which follows when the network asks for it (§5.1.3)."""
    overlap_digits: int = 0
    """Digits that make a called number whole where the network sends them one by one (§5.2.4); 0
    where every SETUP is whole.
    """
    announces: bool = False
    """Network side: a call of the user's that has not been answered is cleared with an announcement
    in its ear (§5.4.1).
    """
    restart: bool = True
    """Whether we send RESTART: for channels without a call when the link comes up for the first
    time, and for those in doubt.
    """
    t316_s: float = ChannelTimer.T316.value.seconds
    t309_s: float = LinkTimer.T309.value.seconds
    link: LinkConfig = field(default_factory=LinkConfig)
    timers: Mapping[T, float] = field(default_factory=lambda: MappingProxyType({}))
    """Seconds of ordinary calls that differ from the rows of :class:`~edge_agent.isdn.timers.T`."""
    emergency_timers: Mapping[T, float] = field(default_factory=lambda: MappingProxyType({}))
    """The same for emergency calls."""

    def __post_init__(self) -> None:
        if not self.trunk or not self.span:
            raise ValueError("trunk and span must have names")
        self._check_channels()
        if not 0 <= self.overlap_digits <= MOST_DIGITS:
            raise ValueError(f"overlap_digits must be 0 to {MOST_DIGITS}")
        if self.presentation is Presentation.NOT_AVAILABLE:
            raise ValueError(
                "presentation must be allowed or restricted: the number is the location"
            )
        check(LinkTimer.T309, self.t309_s)
        check(ChannelTimer.T316, self.t316_s)
        for timer, seconds in (*self.timers.items(), *self.emergency_timers.items()):
            check(timer, seconds)

    @property
    def row(self) -> Switch:
        """What this trunk's switch wants."""
        return SWITCHES[self.switch]

    @property
    def basic(self) -> bool:
        """Whether it is a basic rate interface: B1 and B2, and short call references."""
        return self.link.interface is not Interface.PRIMARY

    @property
    def access(self) -> Access:
        """How channels are named to the switch."""
        return Access(self.basic, self.logical_channels)

    @property
    def reference_octets(self) -> int:
        """How long a call reference is (§4.3)."""
        return BASIC_REFERENCE if self.basic else PRIMARY_REFERENCE

    @property
    def most_reference(self) -> int:
        """The highest call reference."""
        return MOST_BASIC_REFERENCE if self.basic else MOST_REFERENCE

    def _check_channels(self) -> None:
        if not self.channels or len(set(self.channels)) != len(self.channels):
            raise ValueError("channels must be a list without repetition")
        if self.basic:
            if not set(self.channels) <= set(BRI_CHANNELS):
                raise ValueError("channels of a basic rate interface must be 1 and 2")
            return
        line = self.line or (Line.E1 if max(self.channels) > T1_CHANNELS[-1] else Line.T1)
        if not set(self.channels) <= set(line.channels):
            raise ValueError("channels must be within 1 to 23 (T1), or 1 to 15 and 17 to 31 (E1)")
        if self.logical_channels and line is Line.T1:
            raise ValueError("logical_channels is for an E1")
