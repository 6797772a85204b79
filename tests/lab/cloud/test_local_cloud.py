"""A local cloud is on loopback only, and is gone when whoever started it is gone."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab.cloud import LocalCloud
from lab.cloud.errors import LabCloudError
from tests.lab.asking import ask, until
from tests.lab.cloud.conftest import TEMPLATE

ROOT = Path(__file__).parents[3]


def test_it_says_where_everything_is_and_is_ready_at_once(cloud: LocalCloud) -> None:
    addresses = cloud.addresses
    served = (addresses.http, addresses.control, addresses.moto, addresses.s3, addresses.issuer)
    assert all(url.startswith("http://127.0.0.1:") for url in served)
    assert addresses.credentials.startswith("https://127.0.0.1:")
    assert addresses.functions == ["Echo", "Guard", "Importer", "Keeper"]
    assert addresses.outputs["Url"] == addresses.http


def test_it_dies_with_the_one_that_started_it() -> None:
    script = (
        "import json, pathlib, signal, sys\n"
        "from lab.cloud import LocalCloud\n"
        "cloud = LocalCloud.start(pathlib.Path(sys.argv[1]))\n"
        "print(json.dumps(cloud.addresses.document()), flush=True)\n"
        "signal.pause()\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script, str(TEMPLATE)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert starter.stdout is not None
    with starter.stdout as line:
        addresses = json.loads(line.readline())
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait(10)
    until(lambda: all(_silent(addresses[name]) for name in ("control", "moto", "http")))
    until(lambda: not Path(addresses["folder"]).exists())


def test_an_unknown_parameter_is_an_error() -> None:
    with pytest.raises(LabCloudError, match="no parameter Nonsense"):
        LocalCloud.start(TEMPLATE, parameters={"Nonsense": "1"})


def _silent(url: str) -> bool:
    try:
        ask("GET", url, timeout_s=1.0)
    except OSError:
        return True
    return False
