"""Who may import whom is a table, and this is it: the longest matching row holds for a module.

A row allows our own packages by dotted prefix, third parties by name, and bans part of the standard
library. A module of the product that no row covers is a finding too: the table is complete.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.contracts.tree import Module, under

OURS = {"e911", "e911_cloud", "edge_agent", "elingate_admin", "functions", "lab", "bench", "tests"}

CLOCKS_DICE_AND_IO = frozenset(
    {"asyncio", "concurrent", "ctypes", "fcntl", "http", "logging", "multiprocessing", "os"}
    | {"pathlib", "random", "secrets", "select", "selectors", "shutil", "signal", "socket", "ssl"}
    | {"subprocess", "tempfile", "threading", "time", "uuid"}
)
"""What a core may not import: everything in it comes in as an argument."""

CLOCKS_AND_DICE = CLOCKS_DICE_AND_IO - {"os", "pathlib", "logging"}
"""The store touches the disk, but no clock, no dice, no thread and no network of its own."""

NOTHING: frozenset[str] = frozenset()

WIRE_WORDS = (
    "edge_agent.leg edge_agent.line edge_agent.causes edge_agent.errors edge_agent.deadlines"
)
EDGE_WORDS = f"{WIRE_WORDS} edge_agent.messages edge_agent.gateway.outputs"
WIRE_VALUES = "e911.numbers e911.pidf e911.places e911.hints"
AWS = "boto3 botocore"
POWERTOOLS = "aws_lambda_powertools pydantic"


@dataclass(frozen=True, slots=True)
class Row:
    """What one package, or one module, may import; ``never`` wins over ``own``."""

    package: str
    own: str = ""
    third: str = ""
    banned: frozenset[str] = NOTHING
    never: str = ""

    def covers(self, module: str) -> bool:
        return _within(module, self.package)


TABLE = (
    Row("e911", "e911", banned=CLOCKS_DICE_AND_IO),
    Row("e911_cloud", "e911 e911_cloud", f"{AWS} pynamodb {POWERTOOLS}"),
    Row("e911_cloud.twilio_notifier", "e911 e911_cloud", f"{POWERTOOLS} twilio"),
    Row("functions", "e911 e911_cloud", POWERTOOLS),
    # The language between the parts of the edge.
    Row("edge_agent.leg", f"e911 {EDGE_WORDS}", banned=CLOCKS_DICE_AND_IO),
    Row("edge_agent.line", f"e911 {EDGE_WORDS}", banned=CLOCKS_DICE_AND_IO),
    Row("edge_agent.deadlines", banned=CLOCKS_DICE_AND_IO),
    Row("edge_agent.causes", f"e911 {EDGE_WORDS}", banned=CLOCKS_DICE_AND_IO),
    Row("edge_agent.errors", f"e911 {EDGE_WORDS}", banned=CLOCKS_DICE_AND_IO),
    Row("edge_agent.messages", f"e911 {EDGE_WORDS}", banned=CLOCKS_DICE_AND_IO),
    Row("edge_agent.gateway.outputs", f"e911 {EDGE_WORDS}", banned=CLOCKS_DICE_AND_IO),
    # The cores: siblings meet in the language, never in each other.
    Row("edge_agent.gateway", f"e911 {EDGE_WORDS} edge_agent.gateway", banned=CLOCKS_DICE_AND_IO),
    Row("edge_agent.sip", f"{WIRE_VALUES} {WIRE_WORDS} edge_agent.sip", banned=CLOCKS_DICE_AND_IO),
    Row(
        "edge_agent.isdn", f"{WIRE_VALUES} {WIRE_WORDS} edge_agent.isdn", banned=CLOCKS_DICE_AND_IO
    ),
    Row(
        "edge_agent.cama", f"{WIRE_VALUES} {WIRE_WORDS} edge_agent.cama", banned=CLOCKS_DICE_AND_IO
    ),
    Row("edge_agent.media", f"{EDGE_WORDS} edge_agent.media", "numpy", CLOCKS_DICE_AND_IO),
    # Disk, network and devices.
    Row("edge_agent.store", f"e911 {EDGE_WORDS} edge_agent.store", banned=CLOCKS_AND_DICE),
    Row("edge_agent.sync", f"e911 {EDGE_WORDS} edge_agent.store edge_agent.sync"),
    Row("edge_agent.sync.client", f"e911 {EDGE_WORDS} edge_agent.store edge_agent.sync", AWS),
    Row("edge_agent.sync.verify", f"e911 {EDGE_WORDS} edge_agent.sync", "cryptography"),
    Row("edge_agent.drivers", f"e911 {EDGE_WORDS} edge_agent.drivers"),
    Row(
        "edge_agent.ops", f"e911 {EDGE_WORDS} edge_agent.store edge_agent.ops", "prometheus_client"
    ),
    Row("edge_agent.config", f"e911 {EDGE_WORDS} edge_agent.limits edge_agent.sections"),
    Row("edge_agent.sections", f"e911 {EDGE_WORDS} edge_agent.limits"),
    Row("edge_agent.limits", f"e911 {EDGE_WORDS}"),
    # What alone names both sides of a seam: the step from wire to wire, and the entry points.
    Row("edge_agent.switchboard", "e911 edge_agent"),
    Row("edge_agent.doors", "e911 edge_agent"),
    Row(
        "edge_agent.supervisor", f"{WIRE_WORDS} edge_agent.gateway.outputs", banned=CLOCKS_AND_DICE
    ),
    Row("edge_agent.equipment", "e911 edge_agent"),
    Row("edge_agent.cama_equipment", "e911 edge_agent"),
    Row("edge_agent.in_use", "e911 edge_agent"),
    Row("edge_agent.dispatches", "e911 edge_agent"),
    Row("edge_agent.spills", "edge_agent.cama.outputs edge_agent.messages", banned=CLOCKS_AND_DICE),
    Row(
        "edge_agent.processes",
        "edge_agent.config edge_agent.drivers edge_agent.messages edge_agent.ops",
    ),
    Row("edge_agent.bootstrap", "e911 edge_agent"),
    Row("edge_agent.__main__", "e911 edge_agent"),
    Row("edge_agent.media_process", "e911 edge_agent"),
    Row("edge_agent.recorded_voices", "edge_agent.drivers edge_agent.media edge_agent.store"),
    Row(
        "edge_agent.spill_player",
        "edge_agent.drivers edge_agent.leg edge_agent.media edge_agent.messages",
    ),
    Row("edge_agent.sync_process", "e911 edge_agent"),
    Row("elingate_admin", "e911 elingate_admin", f"{AWS} typer rich"),
    # The world around the product: a mirror proves nothing, so the far end shares no codec with us.
    Row(
        "lab.pstn",
        "e911 edge_agent lab",
        "*",
        never="edge_agent.sip edge_agent.isdn edge_agent.cama",
    ),
    Row(
        "lab.phones",
        "e911 edge_agent lab",
        "*",
        never="edge_agent.sip edge_agent.isdn edge_agent.cama",
    ),
)

PRODUCT = ("layers/core/", "layers/cloud/", "functions/", "edge_agent/", "admin/")
CORES = (
    "e911",
    "edge_agent.gateway",
    "edge_agent.sip",
    "edge_agent.isdn",
    "edge_agent.cama",
    "edge_agent.media",
    "edge_agent.leg",
    "edge_agent.causes",
    "edge_agent.errors",
    "edge_agent.messages",
)
KMS_HOME = "e911_cloud.signer"


def test_every_import_is_in_the_table() -> None:
    findings = [each for module in _governed() for each in import_findings(module)]
    assert not findings, "\n" + "\n".join(findings)


def test_the_cores_have_no_clock_no_dice_and_no_files_by_any_name() -> None:
    findings = [each for module in under(*PRODUCT) for each in name_findings(module)]
    assert not findings, "\n" + "\n".join(findings)


def test_only_the_signer_speaks_to_kms() -> None:
    findings = [each for module in under(*PRODUCT) for each in kms_findings(module)]
    assert not findings, "\n" + "\n".join(findings)


BAD = [
    ("layers/core/e911/x.py", "import time"),
    ("layers/core/e911/x.py", "def f() -> None:\n    from os import path"),
    ("layers/core/e911/x.py", "import numpy"),
    ("layers/core/e911/x.py", "from e911_cloud import tables"),
    ("layers/core/e911/x.py", "from edge_agent.leg import LegId"),
    ("layers/cloud/e911_cloud/x.py", "import twilio"),
    ("layers/cloud/e911_cloud/x.py", "from cryptography import x509"),
    ("functions/record_call/app.py", "import boto3"),
    ("functions/record_call/app.py", "from functions.route_policy import app"),
    ("edge_agent/leg.py", "from edge_agent.gateway import gateway"),
    ("edge_agent/gateway/x.py", "from edge_agent.sip import message"),
    ("edge_agent/gateway/x.py", "from ..sip import message"),
    ("edge_agent/sip/x.py", "from edge_agent.gateway.outputs import SeizeTrunk"),
    ("edge_agent/sip/x.py", "from edge_agent.isdn.elements import Cause"),
    ("edge_agent/sip/x.py", "from e911.ledger import Ledger"),
    ("edge_agent/sip/x.py", "import e911"),
    ("edge_agent/isdn/x.py", "import asyncio"),
    ("edge_agent/media/x.py", "from edge_agent.sip import sdp"),
    ("edge_agent/store/x.py", "import time"),
    ("edge_agent/sync/puller.py", "import boto3"),
    ("edge_agent/sync/client.py", "from cryptography import x509"),
    ("edge_agent/drivers/udp.py", "from edge_agent.sip.endpoint import Endpoint"),
    ("edge_agent/bootstrap.py", "import lab.pstn"),
    ("edge_agent/bootstrap.py", "import boto3"),
    ("edge_agent/surprise.py", "x = 1"),
    ("admin/elingate_admin/x.py", "from edge_agent import config"),
    ("lab/pstn/x.py", "from edge_agent.isdn import messages"),
    ("lab/phones/x.py", "from edge_agent import sip"),
]

GOOD = [
    (
        "layers/core/e911/x.py",
        "import json\nfrom dataclasses import dataclass\nfrom e911 import numbers",
    ),
    ("layers/core/e911/x.py", "from .numbers import Elin"),
    ("layers/cloud/e911_cloud/twilio_notifier.py", "from twilio.rest import Client"),
    ("edge_agent/gateway/x.py", "from edge_agent.gateway.outputs import SeizeTrunk"),
    ("edge_agent/sip/x.py", "from edge_agent.leg import LegId\nfrom . import message"),
    ("edge_agent/media/x.py", "import numpy as np"),
    ("edge_agent/store/x.py", "import os"),
    ("edge_agent/sync/client.py", "import boto3"),
    ("edge_agent/sync/verify.py", "from cryptography import x509"),
    ("edge_agent/bootstrap.py", "from edge_agent.sip.endpoint import Endpoint\nimport asyncio"),
    ("lab/pstn/x.py", "import anything\nfrom edge_agent.leg import LegId"),
]


@pytest.mark.parametrize(("path", "text"), BAD)
def test_a_broken_row_is_found(path: str, text: str) -> None:
    assert import_findings(Module(path, text))


@pytest.mark.parametrize(("path", "text"), GOOD)
def test_a_kept_row_is_not(path: str, text: str) -> None:
    assert import_findings(Module(path, text)) == []


@pytest.mark.parametrize(
    "text",
    ["datetime.now(UTC)", "f = datetime.datetime.utcnow", "date.today()", "random.random()"]
    + ["time.time()", "open('x')", "print('x')"],
)
def test_a_clock_a_die_or_a_file_in_a_core_is_found(text: str) -> None:
    assert name_findings(Module("edge_agent/sip/x.py", text))
    assert not name_findings(Module("edge_agent/drivers/clock.py", text))


def test_a_second_kms_client_is_found() -> None:
    text = "client = boto3.client('kms')"
    assert kms_findings(Module("layers/cloud/e911_cloud/publisher.py", text))
    assert kms_findings(Module("functions/authorize/app.py", "session.client(service_name='kms')"))
    assert not kms_findings(Module("layers/cloud/e911_cloud/signer.py", text))


def import_findings(module: Module) -> list[str]:
    """What a module imports against its row, as ``path:line: what and why``."""
    if module.name == "edge_agent" and not any(_imports(module)):
        return []
    row = max(
        (r for r in TABLE if r.covers(module.name)), key=lambda r: len(r.package), default=None
    )
    if row is None:
        return [f"{module.path}:1: no row of the import table covers {module.name}"]
    refused = {line: name for line, name in _imports(module) if not _allowed(row, name)}
    return [
        f"{module.path}:{line}: {row.package} may not import {name}"
        for line, name in sorted(refused.items())
    ]


def name_findings(module: Module) -> list[str]:
    """Where a core names a clock or dice, or opens a file, without an import to show it."""
    if not any(_within(module.name, core) for core in CORES):
        return []
    return [
        f"{module.path}:{node.lineno}: a core may not use {ast.unparse(node)}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute | ast.Call) and _reaches_out(node)
    ]


def kms_findings(module: Module) -> list[str]:
    """Clients of KMS made anywhere but at home."""
    if module.name == KMS_HOME:
        return []
    return [
        f"{module.path}:{node.lineno}: KMS belongs to {KMS_HOME}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(argument, ast.Constant) and argument.value == "kms"
    ]


def _governed() -> list[Module]:
    lab = [m for m in under("lab/") if any(row.covers(m.name) for row in TABLE)]
    return under(*PRODUCT) + lab


def _allowed(row: Row, name: str) -> bool:
    top = name.partition(".")[0]
    if top in OURS:
        forbidden = any(_within(name, prefix) for prefix in row.never.split())
        return not forbidden and any(_within(name, prefix) for prefix in row.own.split())
    if top in sys.stdlib_module_names:
        return top not in row.banned
    return row.third == "*" or top in row.third.split()


def _imports(module: Module) -> Iterator[tuple[int, str]]:
    """Every imported name in full: ``from e911 import numbers`` is ``e911.numbers``."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = module.package.split(".")
                base = ".".join([*parents[: len(parents) - node.level + 1], *filter(None, [base])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _reaches_out(node: ast.Attribute | ast.Call) -> bool:
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in {"open", "print", "input", "__import__"}
    owner = ast.unparse(node.value).rpartition(".")[2]
    if owner in {"datetime", "date"}:
        return node.attr in {"now", "utcnow", "today"}
    return owner in {"time", "random"}


def _within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")
