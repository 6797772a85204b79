"""The sample events of infra/events are ones that the functions take."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cloud.stack import ROOT
from tests.functions.gateway import invoke

SAMPLES = sorted((ROOT / "infra/events").glob("*.json"))
FUNCTION_OF = {"sweep": "publish_snapshot"}


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_taken(path: Any) -> None:
    outcome = invoke(FUNCTION_OF.get(path.stem, path.stem), json.loads(path.read_text()))
    assert outcome is None or outcome.get("statusCode", 200) in (200, 202)
