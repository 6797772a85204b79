"""docs/openapi.json is made from the routes: ``python -m e911_cloud.openapi FILE MODULE...``.

Each module has a ``build_app``; the stores that it takes are not used for describing.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

TITLE = "Elingate"
VERSION = "1"


def describe(modules: Iterable[str]) -> dict[str, Any]:
    """One OpenAPI 3.1 document of the routes of all modules."""
    merged: dict[str, Any] = {"paths": {}, "components": {"schemas": {}}}
    for name in sorted(modules):
        document = _document(name)
        for path, methods in document["paths"].items():
            merged["paths"].setdefault(path, {}).update(methods)
        merged["components"]["schemas"].update(document.get("components", {}).get("schemas", {}))
        head = {key: document[key] for key in ("openapi", "info")}
    return {**head, **merged}


def render(modules: Iterable[str]) -> str:
    """The document as it is kept in the repository."""
    return json.dumps(describe(modules), indent=1, sort_keys=True) + "\n"


def _document(name: str) -> dict[str, Any]:
    build = importlib.import_module(name).build_app
    stores = [None] * len(inspect.signature(build).parameters)
    schema = build(*stores).get_openapi_json_schema(title=TITLE, version=VERSION)
    document: dict[str, Any] = json.loads(schema)
    return document


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(sys.argv[2:]))
