"""What the house never does: catch all, silence a checker, skip, sleep, mock, name its machine."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.contracts.tree import ROOT, Module, files, modules, under

PRODUCT = ("layers/", "functions/", "edge_agent/", "admin/")
PURE_TESTS = ("tests/core/", "tests/edge/", "tests/flows/", "tests/sim/")

BROAD_EXCEPTS = {
    "edge_agent/supervisor.py": "one call's error must not take the others with it",
    "edge_agent/bootstrap.py": "the supervisor of a task outlives the task",
    "layers/cloud/e911_cloud/web.py": "the edge of a Lambda answers 500 and tells why in the log",
}
"""Where ``except Exception`` may stand, once each, with a comment that says why."""

SILENCED = re.compile(
    r"#\s*(noqa|type:\s*ignore|ruff:\s*noqa|mypy:|pylint:|pragma:)|fmt:\s*(off|skip)"
)
PROMISED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")

MACHINE = re.compile(
    "|".join(
        [
            r"(?<![\w.}-])/(?:work|root|home)/\w",
            r"/tmp/(?:team|bash_jobs)",
            r"\.pyenv\b",
            r"/opt/pypi",
        ]
        + [r"\bpypi\.(?:org|python)", r"pythonhosted\.", r"registry\.(?:npmjs|yarnpkg)\."]
        + [r"(?:--|PIP_)(?:extra[-_])?index[-_]url", r"proxy\.golang\."],
    ),
    re.IGNORECASE,
)
SELF = "tests/contracts/test_house.py"


def test_a_broad_except_stands_only_where_a_call_a_lambda_or_a_task_ends() -> None:
    _none(broad_findings(under(*PRODUCT)))


def test_no_checker_is_silenced_and_nothing_is_promised_in_a_comment() -> None:
    _none([finding for module in modules() for finding in comment_findings(module)])


def test_no_test_is_skipped_sleeps_or_replaces_a_part_by_a_mock() -> None:
    _none([finding for module in under("tests/") for finding in evasion_findings(module)])


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    listed = [(path, _text(path)) for path in files() if path != SELF]
    _none([finding for path, text in listed for finding in machine_findings(path, text)])


WHY = "    # It ends here.\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("edge_agent/sip/x.py", f"try:\n    f()\n{WHY}except Exception:\n    pass"),
        ("edge_agent/sip/x.py", "try:\n    f()\nexcept:\n    pass"),
        ("edge_agent/sip/x.py", "try:\n    f()\nexcept (OSError, BaseException):\n    pass"),
        ("edge_agent/bootstrap.py", "try:\n    f()\nexcept Exception:\n    pass"),
        ("edge_agent/bootstrap.py", f"try:\n    f()\n{WHY}except Exception:\n    pass\n" * 2),
    ],
)
def test_a_broad_except_is_found(path: str, text: str) -> None:
    assert broad_findings([Module(path, text)])


def test_one_broad_except_with_its_why_is_allowed_at_its_place() -> None:
    text = f"try:\n    f()\n{WHY}except Exception:\n    pass"
    assert not broad_findings([Module("edge_agent/bootstrap.py", text)])


@pytest.mark.parametrize(
    "comment", ["# noqa: E501", "# type: ignore[misc]", "# TODO later", "# fmt: off"]
)
def test_a_silenced_checker_or_a_promise_is_found(comment: str) -> None:
    assert comment_findings(Module("lab/x.py", f"x = 1  {comment}\n"))
    assert not comment_findings(Module("lab/x.py", f"x = {comment!r}  # said in a string\n"))


@pytest.mark.parametrize(
    "text",
    [
        "@pytest.mark.skip\ndef test() -> None: ...",
        "@pytest.mark.skipif(True, reason='x')\ndef test() -> None: ...",
        "@pytest.mark.xfail\ndef test() -> None: ...",
        "pytest.importorskip('x')",
        "time.sleep(1)",
        "await asyncio.sleep(0)",
        "sleep(1)",
        "from unittest import mock",
        "from unittest.mock import Mock",
        "def test(monkeypatch) -> None:\n    monkeypatch.setattr('edge_agent.x', 1)",
    ],
)
def test_a_skip_a_sleep_or_a_mock_is_found(text: str) -> None:
    assert evasion_findings(Module("tests/edge/test_x.py", text))


@pytest.mark.parametrize(
    "text",
    [
        "cd " + "/work" + "/main",
        "see " + "/root" + "/x",
        "pip install --index" + "-url x",
        "py" + "pi.org",
    ],
)
def test_a_machine_path_or_a_registry_is_found(text: str) -> None:
    assert machine_findings("README.md", text)


def test_ordinary_paths_are_no_machine_paths() -> None:
    text = (
        "layers/work/x framework/ /opt/elingate /etc/elingate/edge.toml https://example.com/home/x"
    )
    assert not machine_findings("README.md", text)


def broad_findings(product: list[Module]) -> list[str]:
    """Handlers that catch everything, where none may, or twice, or without saying why."""
    findings, seen = [], Counter[str]()
    for module in product:
        for handler in ast.walk(module.tree):
            if not (isinstance(handler, ast.ExceptHandler) and _catches_all(handler)):
                continue
            seen[module.path] += 1
            where = f"{module.path}:{handler.lineno}"
            if module.path not in BROAD_EXCEPTS or seen[module.path] > 1:
                findings.append(f"{where}: catch a name, or let the supervisor act")
            elif "#" not in "".join(module.lines[max(0, handler.lineno - 2) : handler.lineno + 1]):
                findings.append(f"{where}: say why everything is caught here")
    return findings


def comment_findings(module: Module) -> list[str]:
    """Comments that silence a checker or put something off."""
    return [
        f"{module.path}:{line}: {comment}"
        for line, comment in _comments(module)
        if SILENCED.search(comment) or PROMISED.search(comment)
    ]


def evasion_findings(module: Module) -> list[str]:
    """Skips and sleeps in any test; mocks and patched modules in tests of pure parts."""
    pure = module.path.startswith(PURE_TESTS)
    findings = []
    for node in ast.walk(module.tree):
        said = _banned_in_tests(node) or (_banned_in_pure_tests(node) if pure else None)
        if said:
            findings.append(f"{module.path}:{getattr(node, 'lineno', 1)}: {said}")
    return findings


def machine_findings(path: str, text: str) -> list[str]:
    """Lines that name a folder of one machine, or where packages are fetched from."""
    return [
        f"{path}:{number}: {found[0]}"
        for number, line in enumerate(text.splitlines(), 1)
        if (found := MACHINE.search(line))
    ]


def _catches_all(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(ast.unparse(each) in {"Exception", "BaseException"} for each in caught)


def _comments(module: Module) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _banned_in_tests(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute):
        name = ast.unparse(node)
        if name in {"pytest.skip", "pytest.xfail", "pytest.importorskip"} or name.startswith(
            ("pytest.mark.skip", "pytest.mark.xfail", "unittest.skip")
        ):
            return f"{name}: a test runs or is not there"
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "sleep":
        return "wait for an event with a deadline, or move the clock"
    return None


def _banned_in_pure_tests(node: ast.AST) -> str | None:
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = {alias.name for alias in node.names} | {getattr(node, "module", None) or ""}
        if any("mock" in name.split(".") for name in names):
            return "a mock stands where a seam is missing"
    if isinstance(node, ast.Attribute) and ast.unparse(node) == "monkeypatch.setattr":
        return "a test that patches a module wants a seam moved"
    return None


def _text(path: str) -> str:
    return (ROOT / path).read_bytes().decode("utf-8", "replace")


def _none(findings: list[str]) -> None:
    assert not findings, "\n" + "\n".join(findings)
