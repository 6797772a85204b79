"""TTY passes: minimodem at both ends, 1,000 characters each way at once, and none is lost.

What people type on a text telephone is 45.45 baud Baudot; a block of 20 ms that is stretched,
clamped, mixed or missing is a wrong letter in somebody's call for help.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.leg import Law
from tests.wires.tty.media import VoiceProcess, on_a_moved_clock
from tests.wires.tty.minimodem import keyed, lines, printed

pytestmark = pytest.mark.wire

LAWS = [(Law.MU, Law.MU), (Law.A, Law.A), (Law.MU, Law.A)]


@pytest.mark.parametrize("laws", LAWS, ids=lambda laws: "-".join(laws))
@pytest.mark.parametrize("ppm", [200.0, -200.0])
def test_a_thousand_characters_pass_each_way_through_jitter_and_drift(
    laws: tuple[Law, Law], ppm: float, tmp_path: Path
) -> None:
    """The clocks are twice as far apart as those of any line, so that slips are due: between
    lines.
    """
    phone_law, trunk_law = laws
    typed_at_phone, typed_at_psap = lines(1000, seed=1), lines(1000, seed=2)
    at_phone, at_psap = on_a_moved_clock(
        keyed(tmp_path, typed_at_phone, phone_law),
        keyed(tmp_path, typed_at_psap, trunk_law),
        laws,
        jitter_s=0.025,
        ppm=ppm,
    )
    assert printed(tmp_path / "psap.wav", at_psap, trunk_law) == typed_at_phone
    assert printed(tmp_path / "phone.wav", at_phone, phone_law) == typed_at_psap


def test_text_passes_the_real_process_at_its_real_pace(tmp_path: Path) -> None:
    typed_at_phone, typed_at_psap = lines(40, seed=3), lines(40, seed=4)
    with VoiceProcess(Law.MU, Law.MU) as voice:
        at_phone, at_psap = voice.carry(
            keyed(tmp_path, typed_at_phone, Law.MU), keyed(tmp_path, typed_at_psap, Law.MU)
        )
    assert printed(tmp_path / "psap.wav", at_psap, Law.MU) == typed_at_phone
    assert printed(tmp_path / "phone.wav", at_phone, Law.MU) == typed_at_psap
