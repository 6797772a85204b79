"""dahdi_cfg itself reads the examples that a technician starts from.

It only reads them here: a dynamic span takes no ``span=`` line (dahdi_cfg sets spans up before
it makes the dynamic ones), so framing and coding are tried on a card and nowhere else.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "infra" / "edge" / "dahdi"

CHANNELS = {
    "t1.conf": ["Channel 01: Clear channel", "Channel 23: Clear", "Channel 24: D-channel"],
    "e1.conf": ["Channel 15: Clear", "Channel 16: D-channel", "Channel 31: Clear"],
    "bri.conf": ["Channel 02: Clear", "Channel 03: Hardware assisted D-channel"],
    "em.conf": ["Channel 01: E & M", "Channel 24: E & M"],
}


def test_every_example_is_tried() -> None:
    assert {each.name for each in EXAMPLES.glob("*.conf")} == set(CHANNELS)


@pytest.mark.parametrize("name", CHANNELS)
def test_dahdi_cfg_reads_the_example(name: str) -> None:
    done = read_by_dahdi_cfg(EXAMPLES / name)
    assert done.returncode == 0, done.stdout + done.stderr
    for channel in CHANNELS[name]:
        assert channel in done.stdout


def test_dahdi_cfg_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    bad = tmp_path / "bad.conf"
    bad.write_text((EXAMPLES / "t1.conf").read_text().replace("esf", "esx"))
    assert read_by_dahdi_cfg(bad).returncode != 0


def read_by_dahdi_cfg(path: Path) -> subprocess.CompletedProcess[str]:
    """Test mode: nothing is applied."""
    command = ["dahdi_cfg", "-t", "-vv", "-c", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)
