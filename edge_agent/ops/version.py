"""Which Elingate this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """The version of the installed distribution; empty where it runs from a bare tree."""
    try:
        return version("elingate")
    except PackageNotFoundError:
        return ""
