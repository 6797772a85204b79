"""A function sees what its layers install, what Lambda brings, and nothing else."""

from pathlib import Path

from lab.cloud import LocalCloud
from lab.cloud.layers import install_runtime
from lab.cloud.template import FunctionSpec
from lab.cloud.worker import Worker
from tests.lab.asking import until


def imported(cloud: LocalCloud, *modules: str) -> dict[str, str | None]:
    outcome = cloud.control.invoke("Importer", {"modules": list(modules)})
    found: dict[str, str | None] = outcome["document"]["modules"]
    return found


def test_a_function_imports_what_its_layers_carry(cloud: LocalCloud) -> None:
    found = imported(cloud, "pydantic", "pydantic_core", "tiny_domain", "boto3")
    assert all(path and "/layers/" in path for path in found.values())


def test_a_function_cannot_import_what_no_layer_carries(cloud: LocalCloud) -> None:
    strangers = ("twilio", "moto", "pytest", "e911", "lab", "cryptography", "yaml")
    assert imported(cloud, *strangers) == dict.fromkeys(strangers)


def test_a_function_gets_lambdas_environment_and_none_of_ours(cloud: LocalCloud) -> None:
    environment = cloud.control.invoke("Importer", {"modules": []})["document"]["environment"]
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "Importer"
    assert environment["QUEUE_URL"] == cloud.addresses.resources["WorkQueue"]
    assert environment["AWS_ENDPOINT_URL"] == cloud.addresses.moto
    assert not {"HOME", "VIRTUAL_ENV", "PYTEST_CURRENT_TEST"} & set(environment)


def test_a_process_that_dies_fails_its_event_and_is_started_again(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import os\ndef handler(event, context):\n    return os.abort() if event else os.getpid()\n"
    )
    spec = FunctionSpec("Fragile", tmp_path, "app.handler", 5, 128, {}, (), ())
    site = install_runtime(tmp_path / "runtime")
    worker = Worker(spec, {}, [tmp_path, site], tmp_path / "log")
    worker.start()
    try:
        first = worker.invoke(0).document
        assert worker.invoke(1).document["errorType"] == "Runtime.ExitError"
        second = until(lambda: worker.invoke(0).document)
        assert first != second
    finally:
        worker.stop()
