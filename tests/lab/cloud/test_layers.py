"""A function of template.yaml imports what its layers install, and twilio only where it is due."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.cloud.errors import UnsupportedTemplate
from lab.cloud.layers import install_layer, install_runtime
from lab.cloud.template import FunctionSpec, read

TEMPLATE = read(Path(__file__).parents[3] / "template.yaml")
FUNCTIONS = {function.name: function for function in TEMPLATE.functions}
SCRIPT = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        print(name)
"""


def missing(function: FunctionSpec, folder: Path, *modules: str) -> list[str]:
    """The modules that a function with these layers cannot import."""
    path = [install_layer(TEMPLATE.layer(name), folder / name) for name in function.layers]
    path.append(install_runtime(folder / "runtime"))
    told = subprocess.run(
        [sys.executable, "-S", "-s", "-c", SCRIPT, *modules],
        env={"PYTHONPATH": os.pathsep.join(map(str, path))},
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return told.stdout.split()


def test_the_notifier_has_twilio(tmp_path: Path) -> None:
    assert not missing(FUNCTIONS["NotifySecurity"], tmp_path, "twilio.rest", "e911", "e911_cloud")


def test_a_function_without_the_twilio_layer_has_none(tmp_path: Path) -> None:
    function = FUNCTIONS["RecordCall"]
    strangers = ("twilio", "moto", "cryptography", "numpy", "edge_agent", "lab", "pytest")
    assert missing(function, tmp_path, "e911", "e911_cloud.tables", "pynamodb", "pydantic") == []
    assert missing(function, tmp_path / "again", *strangers) == list(strangers)


def test_only_the_notifier_lists_the_twilio_layer() -> None:
    assert [f.name for f in TEMPLATE.functions if "TwilioLayer" in f.layers] == ["NotifySecurity"]


def test_a_requirement_that_is_not_installed_is_named(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "requirements.txt").write_text("# why\nno-such-distribution>=1  # none\n")
    with pytest.raises(UnsupportedTemplate, match="no-such-distribution"):
        install_layer(layer, tmp_path / "out")
