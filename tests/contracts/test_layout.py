"""Where things are and how big they may get: the house's numbers, checked over every file."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath

import pytest

from tests.contracts.tree import Module, files, modules

FILE_LINES = 400
FUNCTION_LINES = 60
APP_LINES = 60

TESTS_OF = {
    "layers/core/e911/": "tests/core/",
    "layers/cloud/e911_cloud/": "tests/cloud/",
    "edge_agent/": "tests/edge/",
    "admin/elingate_admin/": "tests/admin/",
}
"""``x.py`` below the left is told about in ``test_x.py`` at the same place below the right."""

ENTRY_POINTS = {"__main__.py", "bootstrap.py", "media_process.py", "sync_process.py"}
"""They only put parts together, and are tested by running the process."""

BANNED_NAMES = {"util", "utils", "helper", "helpers", "common", "manager", "misc", "data"}


def test_the_files_are_where_the_house_puts_them() -> None:
    _none([*function_folder_findings(files()), *name_findings(files())])


def test_every_module_has_a_test_file_of_its_own() -> None:
    _none(untold_findings(list(modules()), files()))


def test_nothing_is_too_long() -> None:
    _none([finding for module in modules() for finding in length_findings(module)])


def test_every_module_begins_with_its_thesis() -> None:
    _none([finding for module in modules() for finding in thesis_findings(module)])


@pytest.mark.parametrize(
    "path",
    [
        "functions/record_call/stuff.py",
        "functions/record_call/requirements.txt",
        "functions/app.py",
    ],
)
def test_a_function_folder_with_a_second_file_is_found(path: str) -> None:
    assert function_folder_findings(("functions/record_call/app.py", path))
    assert not function_folder_findings(("functions/record_call/app.py",))


def test_a_name_that_collects_strangers_is_found() -> None:
    assert name_findings(("edge_agent/sip/utils.py",))
    assert name_findings(("lab/common/__init__.py",))
    assert not name_findings(("edge_agent/sip/uri.py", "tests/data/lab/app.py"))


def test_an_untold_module_is_found() -> None:
    behaving = "def f() -> None: ..."
    told, untold = (
        Module("layers/core/e911/a.py", behaving),
        Module("edge_agent/sip/b.py", behaving),
    )
    only_words = Module("edge_agent/sip/c.py", "class Word:\n    at: float")
    found = untold_findings([told, untold, only_words], ("tests/core/test_a.py",))
    assert found == ["edge_agent/sip/b.py:1: tests/edge/sip/test_b.py is missing"]


def test_a_file_a_function_and_a_handler_too_long_are_found() -> None:
    long_function = "def f() -> None:\n" + "    pass\n" * FUNCTION_LINES
    assert length_findings(Module("lab/x.py", long_function))
    assert length_findings(Module("lab/x.py", "x = 1\n" * (FILE_LINES + 1)))
    assert length_findings(Module("functions/f/app.py", "x = 1\n" * (APP_LINES + 1)))
    assert not length_findings(Module("lab/x.py", "x = 1\n" * FILE_LINES))


def test_a_module_without_a_thesis_is_found() -> None:
    assert thesis_findings(Module("lab/x.py", "x = 1"))
    assert thesis_findings(Module("lab/x.py", '"""No sentence"""'))
    assert not thesis_findings(Module("lab/x.py", '"""A sentence."""'))
    assert not thesis_findings(Module("lab/__init__.py", ""))


def function_folder_findings(listed: tuple[str, ...]) -> list[str]:
    """Files below ``functions/`` that are not the one ``app.py`` of a folder."""
    return [
        f"{path}:1: a function is one folder with app.py alone; shared code goes to e911_cloud"
        for path in listed
        if path.startswith("functions/")
        and (path.count("/") != 2 or PurePosixPath(path).name != "app.py")
    ]


def name_findings(listed: tuple[str, ...]) -> list[str]:
    """Python files and packages named after nothing in particular."""
    return [
        f"{path}:1: name the thing, not {sorted(strange)}"
        for path in listed
        if path.endswith(".py")
        and (
            strange := BANNED_NAMES
            & set(PurePosixPath(path.removeprefix("tests/data/")).with_suffix("").parts)
        )
    ]


def untold_findings(product: list[Module], listed: tuple[str, ...]) -> list[str]:
    """Modules that do something, without the test file that their place asks for."""
    return [
        f"{module.path}:1: {told} is missing"
        for module in product
        if (told := _test_of(module.path)) and told not in listed and _does_something(module)
    ]


def length_findings(module: Module) -> list[str]:
    """What is longer than the house allows."""
    most = APP_LINES if module.path.startswith("functions/") else FILE_LINES
    lines = len(module.lines)
    findings = [f"{module.path}:1: {lines} lines, at most {most}"] if lines > most else []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                findings.append(
                    f"{module.path}:{node.lineno}: {node.name} has {lines} lines,"
                    f" at most {FUNCTION_LINES}"
                )
    return findings


def thesis_findings(module: Module) -> list[str]:
    """A module that does not begin with a sentence; an empty package file needs none."""
    if not module.text.strip() and module.path.endswith("__init__.py"):
        return []
    docstring = ast.get_docstring(module.tree) or ""
    first = docstring.partition("\n\n")[0].replace("\n", " ")
    if "." in first or first.endswith((":", "?", "!")):
        return []
    return [f"{module.path}:1: the first sentence of a module is its thesis"]


def _test_of(path: str) -> str | None:
    """Where a module of the product is tested; None for packages, entry points and others."""
    if not path.endswith(".py") or PurePosixPath(path).name in {"__init__.py", *ENTRY_POINTS}:
        return None
    if path.endswith("_table.py"):
        return None  # every row of a table is played in the test of the machine that it drives
    if path.startswith("functions/"):
        return f"tests/functions/test_{PurePosixPath(path).parent.name}.py"
    for source, tests in TESTS_OF.items():
        if path.startswith(source):
            inner = PurePosixPath(path.removeprefix(source))
            return str(PurePosixPath(tests) / inner.with_name(f"test_{inner.name}"))
    return None


def _does_something(module: Module) -> bool:
    """Words alone, such as exceptions and frozen values, are tested where they are spoken."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "__init__"
        for node in ast.walk(module.tree)
    )


def _none(findings: list[str]) -> None:
    assert not findings, "\n" + "\n".join(findings)
