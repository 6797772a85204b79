"""A log that names a caller is found, in any case, and told without naming them again."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.phones.bulletin import Unmet
from lab.story.silence import look_through

SECRETS = ("Quimbleton", "4255550142")


def test_logs_that_name_nobody_are_counted(tmp_path: Path) -> None:
    log = tmp_path / "edge.log"
    log.write_text("call edge-1-2 from spf-f2\n")
    assert look_through([log, tmp_path], SECRETS) == (1, 26)


@pytest.mark.parametrize("line", ["name QUIMBLETON", "tel:+14255550142", "quimbleton"])
def test_a_log_that_names_a_caller_is_told_without_the_name(tmp_path: Path, line: str) -> None:
    log = tmp_path / "edge.log"
    log.write_text(f"all is well\n{line}\n")
    with pytest.raises(Unmet, match=r"edge\.log:2: .*<caller>") as fault:
        look_through([log], SECRETS)
    assert not any(secret.lower() in str(fault.value).lower() for secret in SECRETS)


def test_no_logs_at_all_prove_nothing(tmp_path: Path) -> None:
    (tmp_path / "edge.log").touch()
    with pytest.raises(Unmet, match="logs to look through"):
        look_through([tmp_path / "edge.log"], SECRETS)
