"""The fifteen MF signals of R1 (ITU-T Q.320), written as DAHDI and Asterisk write them, and how
long they take.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum

_LIMITS = {
    "kp_ms": (60, 150),
    "digit_ms": (50, 120),
    "st_ms": (50, 150),
    "gap_ms": (40, 120),
    "level_dbm0": (-20.0, -3.0),
}


class Signal(Enum):
    """One signal by its letter: two of six frequencies, which media knows."""

    DIGIT_0 = "0"
    DIGIT_1 = "1"
    DIGIT_2 = "2"
    DIGIT_3 = "3"
    DIGIT_4 = "4"
    DIGIT_5 = "5"
    DIGIT_6 = "6"
    DIGIT_7 = "7"
    DIGIT_8 = "8"
    DIGIT_9 = "9"
    KP = "*"
    ST = "#"
    STP = "A"
    """ST', and so on below: which end of pulsing a trunk's sheet asks for."""
    ST2P = "B"
    ST3P = "C"


@dataclass(frozen=True, slots=True)
class Tones:
    """How a trunk's signals sound: milliseconds (Q.322 §2.4), and dBm0 of each of two frequencies.

    Raises:
        ValueError: a value outside its limits; the text names field and limits.
    """

    kp_ms: int = 100
    digit_ms: int = 68
    st_ms: int = 68
    gap_ms: int = 68
    level_dbm0: float = -7.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value, (least, most) = getattr(self, field.name), _LIMITS[field.name]
            if not least <= value <= most:
                raise ValueError(f"{field.name} is {value}; it must be {least} to {most}")

    def length_ms(self, signals: str) -> int:
        """From the first sample of ``signals`` to the last; no gap follows the last signal."""
        gaps = self.gap_ms * max(0, len(signals) - 1)
        return gaps + sum(self._tone_ms(Signal(signal)) for signal in signals)

    def _tone_ms(self, signal: Signal) -> int:
        if signal is Signal.KP:
            return self.kp_ms
        return self.digit_ms if signal.value.isdigit() else self.st_ms
