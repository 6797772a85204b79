"""Every alarm that the product can raise has a page in the runbook; no page is about nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.tree import ROOT, Module, under

RUNBOOK = "infra/alarms"
PRODUCT = ("edge_agent/", "layers/")
SLUG = re.compile(r"[a-z]+(-[a-z]+)+")
HEADINGS = ["## What it means", "## What still works", "## What to do", "## When it clears"]

SPEAKERS = {
    "RaiseAlarm",
    "ClearAlarm",
    "WireAlarm",
    "SyncCondition",
    "Condition",
    "SnapshotRefused",
    "raise_",
    "raise_alarm",
    "alarm",
    "_alarm",
    "_condition",
    "_guarded",
    "_say",
    "_tell",
}
"""Whoever is called by one of these names gets a slug as first argument, if it is a slug at all."""

REMARKS = {"remarks", "_remarks"}
"""Names that hold the slugs of a call until its seizure is on the wire."""

FILLED = {
    "{name}-down": ("media", "sync"),
    "location-{located.note}": ("unknown", "other-branch"),
    "emergency-{emergency.note}": ("marked", "every-call"),
    "snapshot-{name}": ("deployment", "branch", "edge"),
}
"""What may stand in a slug that is put together; each word must be said somewhere as a constant."""

OTHERS = {"snapshot-deployment", "snapshot-branch", "snapshot-edge"}


def test_every_alarm_has_its_page_and_every_page_its_alarm() -> None:
    raised = {slug: where for module in under(*PRODUCT) for slug, where in spoken(module)}
    pages = {path.stem for path in (ROOT / RUNBOOK).glob("*.md")}
    missing = [f"{raised[slug]}: {RUNBOOK}/{slug}.md is missing" for slug in raised.keys() - pages]
    idle = [f"{RUNBOOK}/{slug}.md:1: nobody raises it" for slug in pages - raised.keys()]
    assert not missing + idle, "\n" + "\n".join(sorted(missing + idle))


def test_every_page_says_what_works_what_to_do_and_when_it_is_over() -> None:
    _none([finding for path in (ROOT / RUNBOOK).glob("*.md") for finding in page_findings(path)])


def test_no_slug_is_put_together_of_words_that_nobody_says() -> None:
    said = {
        node.value
        for module in under(*PRODUCT)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant)
    }
    assert not [word for words in FILLED.values() for word in words if word not in said]


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ('RaiseAlarm("call-failed", self.call)', {"call-failed"}),
        ('SLOW = "disk-slow"\nself._condition(SLUG, True)\nself._say(SLOW, True)', {"disk-slow"}),
        ('raise SnapshotRefused(f"snapshot-{name}", "")', OTHERS),
        ('Plan(located, remarks=("no-snapshot",))', {"no-snapshot"}),
        ('remarks = () if attempts else ("route-empty",)', {"route-empty"}),
        ('def _remarks() -> None:\n    found.append("location-odd")', {"location-odd"}),
        ('log.info("call-failed")\nstation.say(Refused(source, "framing-lost"))', set()),
    ],
)
def test_a_slug_is_found_however_it_is_said(text: str, slugs: set[str]) -> None:
    assert {slug for slug, _ in spoken(Module("edge_agent/x.py", text))} == slugs


def test_a_slug_put_together_of_what_is_not_in_the_table_is_found() -> None:
    with pytest.raises(AssertionError, match="unheard"):
        list(spoken(Module("edge_agent/x.py", 'RaiseAlarm(f"unheard-{of}")')))


def test_a_page_that_leaves_something_out_is_found(tmp_path: Path) -> None:
    page = tmp_path / "disk-slow.md"
    page.write_text("# disk-slow\n\n## What it means\n\nIt is slow.\n")
    assert page_findings(page)


def spoken(module: Module) -> Iterator[tuple[str, str]]:
    """Every slug that a module raises, and where."""
    constants = _constants(module.tree)
    for node in ast.walk(module.tree):
        for said in _said_by(node):
            for slug in _slugs(said, constants):
                yield slug, f"{module.path}:{said.lineno}"


def page_findings(path: Path) -> list[str]:
    """What a page of the runbook lacks."""
    text = path.read_text()
    lines = text.splitlines()
    findings = []
    if lines[0] != f"# {path.stem}":
        findings.append(f"{RUNBOOK}/{path.name}:1: the title is the slug")
    if [line for line in lines if line.startswith("## ")] != HEADINGS:
        findings.append(f"{RUNBOOK}/{path.name}:1: headings are {HEADINGS}")
    if any(not part.strip() for part in re.split(r"(?m)^#.*$", text)[2:]):
        findings.append(f"{RUNBOOK}/{path.name}:1: a heading with nothing below it")
    return findings


def _said_by(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions that stand where a slug stands."""
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2]
        if name in SPEAKERS and node.args:
            yield node.args[0]
        yield from (word.value for word in node.keywords if word.arg in REMARKS)
    elif isinstance(node, ast.Assign):
        if any(ast.unparse(target).rpartition(".")[2] in REMARKS for target in node.targets):
            yield node.value
    elif isinstance(node, ast.FunctionDef) and node.name in REMARKS:
        calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
        yield from (call.args[0] for call in calls if call.args)


def _slugs(said: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    match said:
        case ast.Constant(value=str(text)) if SLUG.fullmatch(text):
            yield text
        case ast.Name(id=name) if name in constants:
            yield constants[name]
        case ast.JoinedStr():
            yield from _put_together(said)
        case ast.Tuple(elts=parts):
            for part in parts:
                yield from _slugs(part, constants)
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            yield from _slugs(one, constants)
            yield from _slugs(other, constants)
        case _:
            pass  # a slug on its way from where it was said


def _put_together(said: ast.JoinedStr) -> Iterator[str]:
    pattern = ast.unparse(said)[2:-1]
    if not re.search(r"\w-\{|\}-\w", pattern):
        return
    assert pattern in FILLED, f"{pattern}: say in FILLED what may stand in it"
    for word in FILLED[pattern]:
        yield re.sub(r"\{.*\}", word, pattern)


def _constants(tree: ast.Module) -> dict[str, str]:
    """Slugs that the module gives a name."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and SLUG.fullmatch(node.value.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _none(findings: list[str]) -> None:
    assert not findings, "\n" + "\n".join(findings)
