"""The command against the product's own cloud: one local cloud for all, emptied for each module."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from elingate_admin.api import Cloud, path_of
from elingate_admin.documents import ALL_KINDS, held
from lab.cloud import LocalCloud
from tests.admin.terminal import ROOT, Terminal
from tests.cloud.places import DRAFTS


@pytest.fixture(scope="session")
def running() -> Iterator[LocalCloud]:
    with LocalCloud.start(ROOT / "template.yaml") as cloud:
        yield cloud


@pytest.fixture(scope="session")
def cloud(running: LocalCloud) -> Cloud:
    return Cloud(running.addresses.http, running.admin_token())


@pytest.fixture(scope="session")
def token_file(running: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("operator") / "jwt"
    path.write_text(running.admin_token() + "\n")
    return path


@pytest.fixture(scope="session")
def anywhere(running: LocalCloud, token_file: Path) -> Terminal:
    """An administrator, whatever the drafts are."""
    return Terminal(("--api", running.addresses.http, "--token-file", str(token_file)))


@pytest.fixture(scope="module")
def elingate(anywhere: Terminal, cloud: Cloud) -> Terminal:
    """An administrator of a cloud without a draft."""
    for kind, id_ in held(cloud, ALL_KINDS):
        cloud.ask("DELETE", path_of("draft", kind, id_))
    return anywhere


@pytest.fixture(scope="session")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Springfield and Shelbyville as JSON Lines."""
    path = tmp_path_factory.mktemp("organisation") / "organisation.jsonl"
    lines = [json.dumps({"kind": kind, "id": id_, **body}) for (kind, id_), body in DRAFTS.items()]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def published(anywhere: Terminal, cloud: Cloud, organisation: Path) -> Terminal:
    """An administrator of both branches, drafted and published, and of nothing else."""
    for kind, id_ in set(held(cloud, ALL_KINDS)) - set(DRAFTS):
        cloud.ask("DELETE", path_of("draft", kind, id_))
    anywhere.did("draft", "import", organisation)
    anywhere.did("publish", "--wait", "--timeout", "30")
    return anywhere
