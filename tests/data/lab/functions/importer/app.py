"""Tells which of the modules named in the event can be imported here."""

import importlib
import os
from typing import Any


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Module name to the file it came from, or None; and the environment's names."""
    found = {name: _where(name) for name in event["modules"]}
    return {"modules": found, "environment": dict(os.environ)}


def _where(name: str) -> str | None:
    try:
        return str(importlib.import_module(name).__file__)
    except ModuleNotFoundError:
        return None
