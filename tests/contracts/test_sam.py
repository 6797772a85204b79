"""The template is one that CloudFormation would take, and its layers build without the target."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.cloud.stack import ROOT

BIN = ROOT / ".venv/bin"
SAM = ROOT / ".venv-sam/bin/sam"
BARE = {
    "PATH": f"{SAM.parent}:/usr/bin:/bin",
    "HOME": os.environ.get("HOME", "/"),
    "SAM_CLI_TELEMETRY": "0",
}
"""No credentials, no docker, and no interpreter but Debian's, with sam's own pip."""


def run(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env={**BARE, **environment},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_cfn_lint_finds_nothing() -> None:
    run(BIN / "cfn-lint", "template.yaml")


def test_sam_validates_it_without_credentials() -> None:
    run(SAM, "validate", "--lint", AWS_DEFAULT_REGION="us-east-1")


@pytest.mark.timeout(300)
def test_sam_builds_it_without_docker_or_the_targets_interpreter(tmp_path: Path) -> None:
    built = tmp_path / "built"
    cache = tmp_path / "cache"
    run(SAM, "build", "--build-dir", built, "--cache-dir", cache, AWS_DEFAULT_REGION="us-east-1")
    core, cloud, twilio = (built / f"{name}Layer/python" for name in ("Core", "Cloud", "Twilio"))
    assert (core / "e911/numbers.py").is_file()
    assert (cloud / "e911_cloud/web.py").is_file()
    assert list(cloud.glob("pydantic_core/*aarch64-linux-gnu.so"))
    assert not (cloud / "twilio").exists()
    assert (twilio / "twilio").is_dir()
    handler = built / "RecordCall/record_call/app.py"
    assert handler.is_file()
    assert not list(built.glob("RecordCall/*/requirements.txt"))
