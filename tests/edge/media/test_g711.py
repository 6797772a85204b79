"""G.711 against the values of its own standard."""

from __future__ import annotations

import numpy as np
import pytest

from edge_agent.leg import Law
from edge_agent.media.g711 import SILENT_BLOCK, from_linear, is_quiet, to_linear, translate
from edge_agent.media.tones import tone

EVERY = bytes(range(256))


@pytest.mark.parametrize("law", list(Law))
def test_decoding_and_coding_again_changes_no_code(law: Law) -> None:
    again = from_linear(to_linear(EVERY, law), law)
    changed = {a for a, b in zip(EVERY, again, strict=True) if a != b}
    assert changed == ({0x7F} if law is Law.MU else set()), "mu-law has a negative zero"


def test_known_values_of_both_laws() -> None:
    # G.711 tables 1a and 2a, in 16-bit form: the largest values, the smallest, silence.
    assert to_linear(b"\x80\x00\xff\xfe", Law.MU).tolist() == [32124, -32124, 0, 8]
    assert to_linear(b"\xaa\x2a\xd5\x55", Law.A).tolist() == [32256, -32256, 8, -8]


@pytest.mark.parametrize("law", list(Law))
def test_coding_keeps_38_db_between_signal_and_noise(law: Law) -> None:
    ramp = np.arange(-30000, 30000, 7, dtype=np.int32)
    heard = to_linear(from_linear(ramp, law), law).astype(np.int32)
    loud = np.abs(ramp) > 2000
    assert (np.abs(heard - ramp)[loud] <= np.abs(ramp)[loud] / 28).all()


def test_out_of_range_is_clipped() -> None:
    loud = np.array([100_000, -100_000], np.int32)
    assert to_linear(from_linear(loud, Law.MU), Law.MU).tolist() == [32124, -32124]


def test_the_same_law_is_the_same_bytes() -> None:
    assert translate(EVERY, Law.MU, Law.MU) is EVERY


def test_translation_is_the_nearest_value_of_the_other_law() -> None:
    for law, to in ((Law.MU, Law.A), (Law.A, Law.MU)):
        expected = from_linear(to_linear(EVERY, law), to)
        assert translate(EVERY, law, to) == expected
    assert translate(SILENT_BLOCK[Law.MU], Law.MU, Law.A)[0] in (0xD5, 0x55)


@pytest.mark.parametrize("law", list(Law))
def test_a_quiet_line_is_quiet_and_a_modem_far_away_is_not(law: Law) -> None:
    assert is_quiet(SILENT_BLOCK[law], law)
    assert is_quiet(from_linear(tone([180.0], 0.02, -46.0), law), law)
    assert not is_quiet(from_linear(tone([1400.0], 0.02, -43.0), law), law)
