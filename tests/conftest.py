"""What every test shares: a seed for hypothesis's examples, so that a red run is red again."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "house",
    derandomize=True,
    deadline=None,  # two shared cores: a slow example is no failure
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")
