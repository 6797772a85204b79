"""How one CAMA trunk is set up, as its carrier's interface sheet has it: every value with its
limits, and nothing that is looked up later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from edge_agent.cama.formats import FORMATS, TERMINATORS, Format, Part
from edge_agent.cama.signals import Tones
from edge_agent.cama.timers import T, seconds_of
from edge_agent.leg import Law
from edge_agent.line import CIRCUITS

_AREA = re.compile(r"[2-9]\d\d", re.ASCII)
_INFO = re.compile(r"\d{0,2}", re.ASCII)
_ROUTE, _NONE = "route", "none"
_CALLED = (_ROUTE, "911", "11", _NONE)
_ANI_DIGITS = (7, 10)
_LIMITS_MS = {
    "answer_delay_ms": (0, 60_000),
    "wink_least_ms": (20, 300),
    "wink_most_ms": (100, 1000),
    "flash_least_ms": (50, 1000),
    "flash_most_ms": (0, 2000),
}


class Supervising(StrEnum):
    """How the far end of a channel shows that it is off hook."""

    EM = "em"
    """The port says off hook and on hook (E&M, or robbed bits that the driver reads)."""
    LOOP = "loop"
    """It reverses the battery of our loop."""
    BITS = "bits"
    """Bit A of ABCD is 1 (T1 E&M: on hook 00, off hook 11)."""


class Start(StrEnum):
    """How the far end says that it is ready for digits."""

    WINK = "wink"
    IMMEDIATE = "immediate"
    """It says nothing."""
    DELAY_DIAL = "delay-dial"
    """It goes off hook, and on hook when it is ready."""


class Answering(StrEnum):
    """When a call counts as answered; never before its digits are out."""

    SUPERVISION = "supervision"
    CUT_THROUGH = "cut-through"
    DELAY = "delay"


@dataclass(frozen=True, slots=True)
class CamaSpan:
    """One span of a trunk: its CAS channels, and how they show what the far end does.

    Raises:
        ValueError: a value outside its limits; the text names field and limits.
    """

    span: str
    channels: tuple[int, ...]
    supervision: Supervising = Supervising.EM
    law: Law = Law.MU

    def __post_init__(self) -> None:
        if not self.span:
            raise ValueError("span must have a name")
        if not self.channels or len(set(self.channels)) != len(self.channels):
            raise ValueError("channels must be a list without repetition")
        if not all(0 < channel < CIRCUITS for channel in self.channels):
            raise ValueError(f"channels must be 1 to {CIRCUITS - 1}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CamaTrunkConfig:
    """One trunk; the meaning of each value is in ``[[cama]]`` of ``edge.toml``.

    Raises:
        ValueError: a value outside its limits; the text names field and limits.
    """

    trunk: str
    spans: tuple[CamaSpan, ...]
    format: str
    called: str = _ROUTE
    ani_digits: int = 7
    info: str = ""
    info_failed: str = ""
    terminator: str = ""
    """How the group with the number ends; empty, here and below: as the format has it."""
    called_terminator: str = ""
    """How the other group ends: the called digits', or the second number's."""
    home_area: str = ""
    npd: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    start: Start = Start.WINK
    answer: Answering | None = None
    """``None``: by supervision where the format has it, else at cut-through."""
    answer_delay_ms: int = 8000
    tones: Tones = field(default_factory=Tones)
    wink_least_ms: int = 100
    wink_most_ms: int = 350
    flash_least_ms: int = 300
    flash_most_ms: int = 1100
    timers: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """Seconds by the names of :class:`~edge_agent.cama.timers.T` that differ from its rows."""

    def __post_init__(self) -> None:
        if not self.trunk:
            raise ValueError("trunk must have a name")
        names = [span.span for span in self.spans]
        if not names or len(set(names)) != len(names):
            raise ValueError("spans must be a list without repetition")
        if self.format not in FORMATS:
            raise ValueError(f"format must be one of {', '.join(FORMATS)}")
        self._check_times()
        self._check_digits()
        self._check_areas()
        if self.answer is Answering.SUPERVISION and self.asks:
            raise ValueError(
                "answer cannot be supervision: the far end goes off hook to ask for the number"
            )

    @property
    def row(self) -> Format:
        """What is pulsed."""
        return FORMATS[self.format]

    @property
    def asks(self) -> bool:
        """Whether the far end asks for the number by going off hook."""
        return self.called != _NONE and any(group.on_request for group in self.row.groups)

    @property
    def says_called(self) -> bool:
        """Whether the digits of a route step are pulsed."""
        return self.row.has_called and self.called == _ROUTE

    def called_digits(self, asked: str) -> str:
        """What is pulsed of the digits that a call is for."""
        if self.called == _ROUTE:
            return "".join(re.findall(r"[0-9]", asked))
        return "" if self.called == _NONE else self.called

    def seconds(self) -> dict[T, float]:
        """Every timer of a circuit."""
        chosen = seconds_of(self.timers)
        chosen[T.FLASH] = self.flash_most_ms / 1000 + chosen[T.HEARING]
        chosen[T.ANSWER_DELAY] = self.answer_delay_ms / 1000
        return chosen

    def _check_times(self) -> None:
        for name, (least, most) in _LIMITS_MS.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} must be {least} to {most}")
        if self.wink_least_ms >= self.wink_most_ms:
            raise ValueError("wink_least_ms must be below wink_most_ms")
        if 0 < self.flash_most_ms <= self.flash_least_ms:
            raise ValueError("flash_least_ms must be below flash_most_ms")
        seconds_of(self.timers)

    def _check_digits(self) -> None:
        if self.called not in _CALLED:
            raise ValueError(f"called must be one of {', '.join(_CALLED)}")
        if self.ani_digits not in _ANI_DIGITS:
            raise ValueError("ani_digits must be 7 or 10")
        for name in ("info", "info_failed"):
            if not _INFO.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} must be one or two digits, or empty")
        for name in ("terminator", "called_terminator"):
            if getattr(self, name) not in ("", *TERMINATORS):
                raise ValueError(f"{name} must be one of {', '.join(TERMINATORS)}, or empty")

    def _check_areas(self) -> None:
        """A format that leaves the area code out needs to know of which area it speaks: else it
        would say the number of somebody else."""
        if self.home_area and not _AREA.fullmatch(self.home_area):
            raise ValueError("home_area must be an area code (425), or empty")
        if self.needs_home and not self.home_area:
            raise ValueError(f"home_area must be set: {self.format} sends seven digits")
        for area, digit in self.npd.items():
            if not _AREA.fullmatch(area) or not 0 <= digit <= 9:
                raise ValueError("npd must be one digit by area code (425 = 0)")
        if len(set(self.npd.values())) != len(self.npd):
            raise ValueError("npd must give each area code a digit of its own")
        if Part.NPD in self.row.parts and not self.npd:
            raise ValueError(f"npd must be set: {self.format} sends it for the area code")

    @property
    def needs_home(self) -> bool:
        """Whether numbers go out without their area code."""
        asked = Part.ASKED in self.row.parts and self.ani_digits == min(_ANI_DIGITS)
        return asked or Part.SEVEN in self.row.parts
