"""The table tells a missed budget, and one that was not measured, from one that is held."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from bench.rig import report
from bench.rig.measures import Limit, Row

ABOUT = report.circumstances(datetime(2026, 3, 2, 12, tzinfo=UTC), 0.5, 12.3, quick=False)
HELD = Row("quick", "a -> b", "ms", {"p50": 0.5}, (Limit("p50", 1.0),), "p50 < 1", "a note")
MISSED = Row("slow | bar", "a -> b", "ms", {"p50": 2.0}, (Limit("p50", 1.0),), "p50 < 1")
SILENT = Row("gone", "", "", {}, unmeasured="no answer")


def test_every_verdict_can_be_read_from_the_table() -> None:
    text = report.plain([HELD, MISSED, SILENT], ABOUT)
    assert [line.split()[0] for line in text.splitlines() if "target" in line][:2] == [
        "ok",
        "MISSED",
    ]
    assert "not measured  gone" in text
    assert "2026-03-02 12:00 UTC" in text


def test_the_page_is_a_table_that_no_cell_breaks() -> None:
    lines = report.markdown([HELD, MISSED, SILENT], ABOUT).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert {line.count("|") for line in rows} == {7}
    assert "- quick: a note" in lines


def test_a_machine_reads_the_verdict_too(tmp_path: Path) -> None:
    report.keep(tmp_path / "results", [HELD, MISSED, SILENT], ABOUT)
    kept = json.loads((tmp_path / "results" / "latest.json").read_text())
    assert [row["ok"] for row in kept["rows"]] == [True, False, None]
    assert kept["about"]["load_before"] == 0.5
