"""No log line says who called, whatever an exception says."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.ops.logs import open_log


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, as it was before."""
    logger = logging.getLogger()
    handlers, level = list(logger.handlers), logger.level
    yield logger
    for handler in logger.handlers:
        if handler not in handlers:
            handler.close()
    logger.handlers[:] = handlers
    logger.setLevel(level)


def test_an_exception_is_its_type_and_where_it_was_and_not_what_it_says(
    tmp_path: Path, root: logging.Logger
) -> None:
    path = tmp_path / "log" / "edge.log"
    open_log(str(path), "info")
    try:
        raise KeyError("sip:ana@pbx.example")
    except KeyError:
        logging.getLogger("edge").exception("step failed in %s", "gateway")
    logging.getLogger("edge").debug("too small to matter")
    text = path.read_text()
    assert "step failed in gateway" in text
    assert "KeyError" in text
    assert "test_logs.py" in text
    assert "ana" not in text
    assert "too small" not in text


def test_without_a_path_it_is_standard_error(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    open_log("", "warning")
    logging.getLogger("edge").warning("serial %d", 100)
    assert "serial 100" in capsys.readouterr().err
