"""What a trunk may pulse is a table: a format is a row of groups, each from KP to ST.

The first five are Cisco's ``signal cama``, by Cisco's names. ``fgc`` is Feature Group C, whose far
end asks for the number by going off hook; ``fgd`` is Feature Group D; ``emf`` is the enhanced MF of
NENA 03-002. No two carriers have the same: what a row says of digits and terminators is a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from edge_agent.cama.signals import Signal

TERMINATORS: Mapping[str, Signal] = {
    "st": Signal.ST,
    "stp": Signal.STP,
    "st2p": Signal.ST2P,
    "st3p": Signal.ST3P,
}
"""How a group ends, by the names that an operator writes."""


class Part(Enum):
    """What stands between KP and ST."""

    CALLED = auto()
    """The digits that are called."""
    INFO = auto()
    """I or II digits: the number follows."""
    INFO_FAILED = auto()
    """I or II digits: the number could not be had (*ANI failure*)."""
    SEVEN = auto()
    """NXX-XXXX: the area code is the trunk's."""
    TEN = auto()
    """NPA-NXX-XXXX."""
    ASKED = auto()
    """Seven or ten digits, as the carrier has it."""
    NPD = auto()
    """The numbering plan digit that stands for the area code, then NXX-XXXX."""


class Kind(Enum):
    """What a group is for."""

    CALLED = auto()
    ANI = auto()
    SECOND = auto()
    """The number once more: ours is callback number and location (pANI) in one."""


@dataclass(frozen=True, slots=True)
class Group:
    """KP, these parts, and a terminator."""

    kind: Kind
    parts: tuple[Part, ...]
    end: str = "st"
    on_request: bool = False
    """Pulsed when the far end has asked for it: a steady off-hook after the group before."""


@dataclass(frozen=True, slots=True)
class Format:
    """One row."""

    groups: tuple[Group, ...]
    info: str = "0"
    info_failed: str = "2"

    @property
    def parts(self) -> frozenset[Part]:
        """All that it is made of."""
        return frozenset(part for group in self.groups for part in group.parts)

    @property
    def has_number(self) -> bool:
        """Whether it says the calling number at all."""
        return Part.INFO_FAILED not in self.parts

    @property
    def has_called(self) -> bool:
        """Whether it says what is called: else all that the trunk can reach is 9-1-1."""
        return Part.CALLED in self.parts

    def without_number(self) -> Format:
        """What is pulsed where the number cannot be: the failure digits in its place, once."""
        kept = tuple(group for group in self.groups if group.kind is not Kind.SECOND)
        return replace(self, groups=tuple(_failed(group) for group in kept))


def _failed(group: Group) -> Group:
    return replace(group, parts=(Part.INFO_FAILED,)) if group.kind is Kind.ANI else group


def _ani(*parts: Part, end: str = "st", on_request: bool = False) -> Group:
    return Group(Kind.ANI, parts, end, on_request)


_CALLED = Group(Kind.CALLED, (Part.CALLED,))
_SECOND = Group(Kind.SECOND, (Part.TEN,))
_FAILURE = _ani(Part.INFO_FAILED)

FORMATS: Mapping[str, Format] = {
    "kp-0-nxx-xxxx-st": Format((_ani(Part.INFO, Part.SEVEN),)),
    "kp-0-npa-nxx-xxxx-st": Format((_ani(Part.INFO, Part.TEN),)),
    "kp-npd-nxx-xxxx-st": Format((_ani(Part.NPD),)),
    "kp-0-npa-nxx-xxxx-st-kp-yyy-yyy-yyyy-st": Format((_ani(Part.INFO, Part.TEN), _SECOND)),
    "kp-2-st": Format((_FAILURE,)),
    "fgc": Format((_CALLED, _ani(Part.INFO, Part.ASKED, on_request=True))),
    "fgd": Format((_ani(Part.INFO, Part.TEN), _CALLED), "00", "02"),
    "emf-10": Format((_ani(Part.INFO, Part.TEN, end="stp"),), "40", "02"),
    "emf-20": Format((_ani(Part.INFO, Part.TEN), _SECOND), "40", "02"),
}
