"""Gives a worker what its layers install and nothing else: folders of links into the environment.

A layer's folder holds the project's own packages and a requirements file. Each distribution named
there, and each that it needs in turn, is linked from the environment that runs the lab, so that a
function which imports what none of its layers carries fails here as it would on Lambda.
"""

import importlib.metadata as metadata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lab.cloud.errors import UnsupportedTemplate

# What Lambda's managed Python brings: its runtime client, and the AWS SDK.
RUNTIME: Final = ("awslambdaric", "boto3")


def install_layer(source: Path, into: Path) -> Path:
    """Link a layer's own packages and its requirements; answers the folder for the import path."""
    into.mkdir(parents=True)
    for package in sorted(source.iterdir()):
        if (package / "__init__.py").is_file():
            (into / package.name).symlink_to(package.resolve())
    requirements = source / "requirements.txt"
    if requirements.is_file():
        _link(_read(requirements), into)
    return into


def install_runtime(into: Path) -> Path:
    """Link what every function finds on Lambda."""
    into.mkdir(parents=True)
    _link([Requirement(name) for name in RUNTIME], into)
    return into


def _read(requirements: Path) -> Iterator[Requirement]:
    for line in requirements.read_text().splitlines():
        text = line.split("#")[0].split(" --hash")[0].strip().rstrip("\\").strip()
        if text and not text.startswith("-"):
            yield Requirement(text)


def _link(requirements: Iterable[Requirement], into: Path) -> None:
    for distribution in _closure(requirements):
        for top in {file.parts[0] for file in distribution.files or ()}:
            target = Path(str(distribution.locate_file(top)))
            link = into / top
            if top not in ("..", "__pycache__") and target.exists() and not link.exists():
                link.symlink_to(target)


def _closure(requirements: Iterable[Requirement]) -> Iterator[metadata.Distribution]:
    """Each distribution once, with all that it needs under the extras asked for."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = list(requirements)
    while waiting:
        requirement = waiting.pop()
        extras = frozenset(requirement.extras)
        identity = (canonicalize_name(requirement.name), extras)
        if identity in seen:
            continue
        seen.add(identity)
        distribution = _installed(requirement.name)
        yield distribution
        waiting.extend(_needs(distribution, extras))


def _installed(name: str) -> metadata.Distribution:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError as error:
        raise UnsupportedTemplate(f"a layer wants {name}, which is not installed here") from error


def _needs(distribution: metadata.Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    for text in distribution.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": e}) for e in (*extras, "")):
            yield requirement
