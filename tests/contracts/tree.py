"""The files of this repository as git lists them, and its Python parsed once for every contract."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]

SOURCE_ROOTS = ("layers/core/", "layers/cloud/", "admin/")
"""Folders that are no packages themselves: a module's name begins after them."""


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file: where it is, what it is called when imported, and what it says."""

    path: str
    text: str

    @property
    def name(self) -> str:
        """``layers/core/e911/numbers.py`` is ``e911.numbers``; a package is named by its folder."""
        path = self.path
        for root in SOURCE_ROOTS:
            path = path.removeprefix(root)
        parts = PurePosixPath(path).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def package(self) -> str:
        """What a relative import is relative to."""
        is_package = self.path.endswith("/__init__.py")
        return self.name if is_package else self.name.rpartition(".")[0]

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.path, self.text)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@cache
def files() -> tuple[str, ...]:
    """Every file in git's index that is still there, relative to the root, with ``/``."""
    # A clone may belong to somebody else than the one who tests it; reading a list is harmless.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    names = listed.decode().rstrip("\0").split("\0")
    return tuple(name for name in names if (ROOT / name).is_file())


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of the repository."""
    return tuple(Module(name, (ROOT / name).read_text()) for name in files() if name[-3:] == ".py")


def under(*folders: str) -> list[Module]:
    """The Python files in these folders and below."""
    return [module for module in modules() if module.path.startswith(folders)]


@cache
def _parsed(path: str, text: str) -> ast.Module:
    return ast.parse(text, path)
