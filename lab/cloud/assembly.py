"""Puts the local cloud together, in the order in which each part needs the one before.

moto, names and resources, layers and workers (all starting side by side), identity, gateway,
sources, control. Everything started is registered to be stopped in reverse.
"""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from lab.cloud import authorizers, resources
from lab.cloud.control import ControlPanel
from lab.cloud.credential_provider import CredentialProvider, edge_roles
from lab.cloud.errors import LabCloudError, UnsupportedTemplate
from lab.cloud.gateway import Door, Gateway
from lab.cloud.iam import CredentialStore
from lab.cloud.identity import CertificateAuthority, TokenIssuer
from lab.cloud.intrinsics import references
from lab.cloud.layers import install_layer, install_runtime
from lab.cloud.resources import Stack
from lab.cloud.routes import RouteTable
from lab.cloud.s3_front import S3Front
from lab.cloud.sources import Sources
from lab.cloud.template import Template, read
from lab.cloud.web import LOOPBACK, LoopbackServer
from lab.cloud.worker import Outcome, Worker

_READY_S: Final = 60.0
# Given to any template that has a parameter of this name; a setting given by hand wins.
LAB_AUDIENCE: Final = "elingate-lab"
LAB_PARAMETERS: Final = {"Deployment": "lab", "WebhookAllowedCidrs": "127.0.0.0/8"}


@dataclass(frozen=True, slots=True)
class Settings:
    """How to start: ports are 0 for any free one; ``folder`` holds logs, links and certificates."""

    template: Path
    folder: Path
    port: int = 0
    control_port: int = 0
    credential_port: int = 0
    s3_port: int = 0
    issuer_port: int = 0
    credential_lifetime_s: float | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is: the line that ``python -m lab.cloud`` prints when it is ready."""

    http: str
    control: str
    moto: str
    s3: str
    credentials: str
    issuer: str
    audience: str
    role_aliases: list[str]
    ca: str
    folder: str
    logs: str
    functions: list[str]
    outputs: dict[str, str]
    resources: dict[str, str]
    root_key: str
    root_secret: str
    region: str
    ready_s: float

    def document(self) -> dict[str, Any]:
        """As JSON carries it."""
        return asdict(self)


class Assembly:
    """One local cloud, running from `start` until `stop`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._undo = ExitStack()
        self._workers: dict[str, Worker] = {}
        self._sources: Sources | None = None

    def start(self) -> Addresses:
        """Start it all; raises LabCloudError, with everything stopped again."""
        with self._undo as guard:
            addresses = self._start()
            self._undo = guard.pop_all()
        return addresses

    def stop(self) -> None:
        """Stop everything, the last started first."""
        self._undo.close()

    def _start(self) -> Addresses:
        began = time.monotonic()
        settings = self._settings
        template = read(settings.template)
        moto = self._start_moto()
        tokens = TokenIssuer()
        issuer = self._serve(LoopbackServer(tokens.answer, settings.issuer_port).start())
        # The door's port must be known before the functions' environment is; it opens last.
        http = f"http://{LOOPBACK}:{settings.port or _free_port()}"
        parameters = _parameters(template, settings.parameters, issuer.url)
        stack = resources.create(template, parameters, http, moto)
        store = CredentialStore()
        # Whatever can refuse the template comes before the functions, which take the longest.
        built = authorizers.build(stack, store, self._invoke)
        gateway = Gateway(RouteTable.of(template), built, self._invoke)
        sources = Sources(stack, moto, self._invoke)
        roles = edge_roles(stack)
        self._start_workers(stack, moto)
        authority = CertificateAuthority(settings.folder / "certificates")
        provider = CredentialProvider(roles, store, settings.credential_lifetime_s)
        credentials = self._serve(provider.serve(authority, settings.credential_port))
        s3 = self._serve(S3Front(store, moto).serve(settings.s3_port))
        self._await_workers()
        door = Door(gateway, int(http.rsplit(":", 1)[1]))
        self._undo.callback(door.stop)

        def make_token(audience: str, subject: str, roles: Sequence[str], life_s: float) -> str:
            return tokens.token(issuer.url, audience, subject, roles, life_s)

        panel = ControlPanel(gateway, door, self._workers, authority, make_token)
        control = self._serve(LoopbackServer(panel.answer, settings.control_port).start())
        self._sources = sources
        self._undo.callback(sources.stop)
        sources.start()
        return Addresses(
            http=http,
            control=control.url,
            moto=moto,
            s3=s3.url,
            credentials=credentials.url,
            issuer=issuer.url,
            audience=next(iter(authorizers.jwt_audiences(stack)), ""),
            role_aliases=sorted(roles),
            ca=str(authority.ca),
            folder=str(settings.folder),
            logs=str(settings.folder / "logs"),
            functions=sorted(self._workers),
            outputs=_outputs(stack),
            resources={k: str(v) for k, v in stack.resolver.known.items() if "::" not in k},
            root_key=resources.ROOT_KEY,
            root_secret=resources.ROOT_SECRET,
            region=resources.REGION,
            ready_s=round(time.monotonic() - began, 2),
        )

    def _serve(self, server: LoopbackServer) -> LoopbackServer:
        self._undo.callback(server.stop)
        return server

    def _start_moto(self) -> str:
        process = subprocess.Popen(
            [sys.executable, "-m", "lab.cloud.moto_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C is for the cloud, which still needs moto to end
        )
        self._undo.callback(_end, process)
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            raise LabCloudError("moto did not start")
        return f"http://{LOOPBACK}:{int(port)}"

    def _start_workers(self, stack: Stack, moto: str) -> None:
        folder = self._settings.folder
        logs = folder / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        template = stack.template
        shutil.rmtree(folder / "layers", ignore_errors=True)  # of an earlier run in this folder
        runtime = install_runtime(folder / "layers" / "runtime")
        wanted = {layer for function in template.functions for layer in function.layers}
        layers = {
            name: install_layer(template.layer(name), folder / "layers" / name) for name in wanted
        }
        for spec in template.functions:
            variables = {k: str(v) for k, v in stack.resolve(spec.environment).items()}
            # Lambda's order: the function's own folder, layers (a later one first), the runtime.
            path = [spec.code, *(layers[name] for name in reversed(spec.layers)), runtime]
            environment = {**variables, "AWS_ENDPOINT_URL": moto}
            worker = Worker(spec, environment, path, logs / f"{spec.name}.log")
            self._workers[spec.name] = worker
            self._undo.callback(worker.stop)
            worker.start()

    def _await_workers(self) -> None:
        deadline = time.monotonic() + _READY_S
        for worker in self._workers.values():
            worker.wait_ready(deadline)

    def _invoke(self, function: str, event: Any) -> Outcome:
        outcome = self._workers[function].invoke(event)
        if self._sources is not None:
            self._sources.wake()
        return outcome


def _parameters(template: Template, given: Mapping[str, str], issuer: str) -> dict[str, str]:
    """The template's parameters as the lab sets them; an unknown name given is an error."""
    unknown = sorted(set(given) - set(template.parameters))
    if unknown:
        raise UnsupportedTemplate(f"the template has no parameter {', '.join(unknown)}")
    values = {k: v for k, v in LAB_PARAMETERS.items() if k in template.parameters}
    for properties in template.apis.values():
        for spec in properties.get("Auth", {}).get("Authorizers", {}).values():
            configuration = spec.get("JwtConfiguration", {})
            # The lab plays the issuer that a deployment would name.
            for name in references(configuration.get("issuer")):
                values[name] = issuer
            for name in references(configuration.get("audience")):
                if "Default" not in template.parameters[name]:
                    values[name] = LAB_AUDIENCE
    return {**values, **given}


def _outputs(stack: Stack) -> dict[str, str]:
    return {
        name: str(stack.resolve(output["Value"]))
        for name, output in stack.template.outputs.items()
        if "Condition" not in output or stack.resolver.holds(str(output["Condition"]))
    }


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as server:
        return int(server.getsockname()[1])


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
