"""A calling number becomes spills, or is refused with the reason: never is a wrong number said.

Where an area code does not go on the line it must be the one that the far end will put in its
place; a number of any other area would be somebody else's there (R2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from e911.numbers import Nanp
from edge_agent.cama.config import CamaTrunkConfig
from edge_agent.cama.formats import TERMINATORS, Format, Group, Kind, Part
from edge_agent.cama.signals import Signal

_AREA = 3
"""Digits of an area code."""


LONGEST_MS = 4000
"""So much of a spill can a channel hold at once (DAHDI: 32768 octets, 4.1 s)."""


@dataclass(frozen=True, slots=True)
class Spill:
    """Signals that go out in one piece."""

    signals: str
    on_request: bool = False
    """Only when the far end has asked for it."""


@dataclass(frozen=True, slots=True)
class NotCarried:
    """The trunk's format cannot say the calling number."""

    why: str
    """For the operator: never the number itself."""


def spell(config: CamaTrunkConfig, calling: str, called: str) -> tuple[Spill, ...] | NotCarried:
    """What is pulsed for a call from ``calling``, or why it cannot be."""
    if not config.row.has_number:
        return _spills(config, config.row, "", called)
    number = Nanp.read(calling)
    if number is None:
        return NotCarried("the calling number has not ten digits")
    area = number.digits[:_AREA]
    if config.needs_home and area != config.home_area:
        return NotCarried(f"area code {area} is not the trunk's, and {config.format} leaves it out")
    if Part.NPD in config.row.parts and area not in config.npd:
        return NotCarried(f"area code {area} has no numbering plan digit")
    return _spills(config, config.row, number.digits, called)


def spell_failure(config: CamaTrunkConfig, called: str) -> tuple[Spill, ...]:
    """What is pulsed for a call whose number cannot be said: it goes through without (ANI
    failure)."""
    return _spills(config, config.row.without_number(), "", called)


def longest_ms(config: CamaTrunkConfig) -> int:
    """How long the longest spill of a trunk is, with ten digits called where the route says them:
    more than :data:`LONGEST_MS` would never go out."""
    area = next(iter(config.npd), config.home_area) or "000"
    spills = _spills(config, config.row, f"{area}5550142", "5550142000")
    return max(config.tones.length_ms(spill.signals) for spill in spills)


def _spills(config: CamaTrunkConfig, row: Format, number: str, called: str) -> tuple[Spill, ...]:
    """Groups that nothing is waited for between are one spill. What is empty is not said; a group
    with nothing before it is not asked for either: it goes out on the start signal."""
    texts: dict[Part, Callable[[], str]] = {
        Part.CALLED: lambda: config.called_digits(called),
        Part.INFO: lambda: config.info or row.info,
        Part.INFO_FAILED: lambda: config.info_failed or row.info_failed,
        Part.SEVEN: lambda: number[_AREA:],
        Part.TEN: lambda: number,
        Part.ASKED: lambda: number[-config.ani_digits :],
        Part.NPD: lambda: f"{config.npd[number[:_AREA]]}{number[_AREA:]}",
    }
    spills: list[Spill] = []
    for group in row.groups:
        signals = _pulsed(config, group, texts)
        if not signals:
            continue
        if not spills:
            spills.append(Spill(signals))
        elif group.on_request:
            spills.append(Spill(signals, on_request=True))
        else:
            spills[-1] = Spill(spills[-1].signals + signals, spills[-1].on_request)
    return tuple(spills)


def _pulsed(config: CamaTrunkConfig, group: Group, texts: Mapping[Part, Callable[[], str]]) -> str:
    digits = "".join(texts[part]() for part in group.parts)
    if not digits:
        return ""
    chosen = config.terminator if group.kind is Kind.ANI else config.called_terminator
    return f"{Signal.KP.value}{digits}{TERMINATORS[chosen or group.end].value}"
