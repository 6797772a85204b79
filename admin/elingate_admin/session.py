"""Whom the command speaks to and as whom: read once, checked when first needed.

A token is never an argument: arguments are seen by everybody on the machine, and kept by the shell.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from elingate_admin.api import Cloud
from elingate_admin.errors import BadInput, NotAuthorised

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
"""The option that every command has."""


@dataclass(frozen=True, slots=True)
class Session:
    """What the options before the command said."""

    api: str
    token_file: Path | None
    ca: Path | None
    environ: Mapping[str, str]

    def cloud(self) -> Cloud:
        """The cloud to ask.

        Raises:
            BadInput: no address, or none that a token may be sent to.
            NotAuthorised: no token.
        """
        if not self.api:
            raise BadInput(
                "no address of the cloud's API",
                "give --api https://… or set ELINGATE_API; the stack's output ApiUrl has it",
            )
        return Cloud(self.api, self._token(), self.ca)

    def _token(self) -> str:
        if self.token_file is not None:
            try:
                token = self.token_file.read_text(encoding="ascii").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise NotAuthorised(f"no token can be read from {self.token_file}") from error
        else:
            token = self.environ.get("ELINGATE_TOKEN", "").strip()
        if not token or any(not 33 <= ord(c) <= 126 for c in token):
            raise NotAuthorised(
                "no token" if not token else "the token is no token: it holds blanks",
                "put a JWT of your identity provider into --token-file or ELINGATE_TOKEN",
            )
        return token


def begin(context: typer.Context, api: str, token_file: Path | None, ca: Path | None) -> None:
    """Keep the options for the command that follows."""
    context.obj = Session(api, token_file, ca, os.environ)


def cloud_of(context: typer.Context) -> Cloud:
    """The cloud that the options before the command name."""
    session: Session = context.obj
    return session.cloud()
