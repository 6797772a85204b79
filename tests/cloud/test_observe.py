"""A function's log is JSON and holds what it was given, not the event."""

from __future__ import annotations

import json

import pytest

from e911_cloud.observe import logger


def test_a_line_is_json_with_its_service(capsys: pytest.CaptureFixture[str]) -> None:
    logger("some-function").info("done", extra={"call": "c1"})
    line = json.loads(capsys.readouterr().out)
    assert (line["service"], line["message"], line["call"]) == ("some-function", "done", "c1")
