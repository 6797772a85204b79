"""How one primary rate trunk is set up: every value with its limits, and nothing that is looked up
later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from edge_agent.isdn.elements import Npi, Presentation, Screening, Ton, Transfer
from edge_agent.isdn.lapd_link import LinkConfig
from edge_agent.isdn.switches import SWITCHES, Switch, SwitchType
from edge_agent.isdn.timers import LinkTimer, T, check
from edge_agent.leg import Law

T1_CHANNELS = tuple(range(1, 24))
E1_CHANNELS = (*range(1, 16), *range(17, 32))


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
    t309_s: float = LinkTimer.T309.value.seconds
    link: LinkConfig = field(default_factory=LinkConfig)
    timers: Mapping[T, float] = field(default_factory=lambda: MappingProxyType({}))
    """Seconds of ordinary calls that differ from the rows of :class:`~edge_agent.isdn.timers.T`."""
    emergency_timers: Mapping[T, float] = field(default_factory=lambda: MappingProxyType({}))
    """The same for emergency calls."""

    def __post_init__(self) -> None:
        if not self.trunk or not self.span:
            raise ValueError("trunk and span must have names")
        if not self.channels or len(set(self.channels)) != len(self.channels):
            raise ValueError("channels must be a list without repetition")
        if not set(self.channels) <= set(T1_CHANNELS) and not set(self.channels) <= set(
            E1_CHANNELS
        ):
            raise ValueError("channels must be within 1 to 23 (T1), or 1 to 15 and 17 to 31 (E1)")
        if self.presentation is Presentation.NOT_AVAILABLE:
            raise ValueError(
                "presentation must be allowed or restricted: the number is the location"
            )
        check(LinkTimer.T309, self.t309_s)
        for timer, seconds in (*self.timers.items(), *self.emergency_timers.items()):
            check(timer, seconds)

    @property
    def row(self) -> Switch:
        """What this trunk's switch wants."""
        return SWITCHES[self.switch]
