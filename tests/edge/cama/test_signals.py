"""The fifteen signals by their letters, and how long a spill is."""

from __future__ import annotations

from typing import Any

import pytest

from edge_agent.cama.signals import Signal, Tones


def test_there_are_fifteen_signals_written_as_dahdi_and_asterisk_write_them() -> None:
    assert "".join(sorted(signal.value for signal in Signal)) == "#*0123456789ABC"


@pytest.mark.parametrize(("signals", "length_ms"), [("*05550142#", 1324), ("*2#", 372)])
def test_a_spill_lasts_from_its_first_tone_to_its_last(signals: str, length_ms: int) -> None:
    """The vectors of the reference: no gap follows the last tone."""
    assert Tones().length_ms(signals) == length_ms


def test_each_kind_of_signal_has_a_length_of_its_own() -> None:
    tones = Tones(kp_ms=120, digit_ms=60, st_ms=100, gap_ms=50)
    assert [tones.length_ms(signal) for signal in "*7#ABC"] == [120, 60, 100, 100, 100, 100]
    assert tones.length_ms("*7#") == 120 + 50 + 60 + 50 + 100


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kp_ms", 59),
        ("kp_ms", 151),
        ("digit_ms", 49),
        ("st_ms", 151),
        ("gap_ms", 39),
        ("level_dbm0", -2.9),
        ("level_dbm0", -20.1),
    ],
)
def test_a_tone_outside_its_limits_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{field} is {value}; it must be"):
        Tones(**{field: value})
