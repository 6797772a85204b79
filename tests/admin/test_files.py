"""A file is there whole or not at all, and one that is there stays unless told otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from elingate_admin.errors import BadInput
from elingate_admin.files import read, write


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a", b"one")
    write(tmp_path / "a", b"two")
    assert read(tmp_path / "a") == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    write(tmp_path / "a", b"one", replace=False)
    with pytest.raises(BadInput, match="already"):
        write(tmp_path / "a", b"two", replace=False)
    assert read(tmp_path / "a") == b"one"


def test_what_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no-folder"):
        write(tmp_path / "no-folder" / "a", b"one")
    with pytest.raises(BadInput, match=str(tmp_path)):
        read(tmp_path)


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(BadInput):
        write(tmp_path / "a", b"one")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
