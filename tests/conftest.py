"""What every test shares: repeatable hypothesis examples, and playbooks that end with silence."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.play import left_unheard

settings.register_profile(
    "house",
    derandomize=True,
    deadline=None,  # two shared cores: a slow example is no failure
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def every_output_is_expected() -> Iterator[None]:
    """A playbook whose last outputs nobody expected fails its test."""
    yield
    heard = left_unheard()
    assert not heard, f"at the end of the test: nobody expected {heard!r}"
