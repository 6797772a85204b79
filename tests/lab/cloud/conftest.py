"""One local cloud over a small template for all tests of lab.cloud."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cloud import LocalCloud

TEMPLATE = Path(__file__).parents[2] / "data" / "lab" / "template.yaml"


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud.start(TEMPLATE) as running:
        yield running
