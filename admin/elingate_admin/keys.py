"""What is shown once, or trusted for years: client tokens, webhook secrets, the signing key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elingate_admin import files
from elingate_admin.api import path_of
from elingate_admin.screen import say, show_json
from elingate_admin.session import AsJson, cloud_of


def new_token(
    context: typer.Context,
    branch: Annotated[str, typer.Argument(help="Id of the branch.")],
    network: Annotated[
        list[str] | None,
        typer.Option(help="CIDR from which it may be used; may be repeated. Anywhere if left out."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Make a token for a branch's phones, and print it. It is never shown again.

    \b
    Examples:
      elingate token new springfield --network 203.0.113.0/28
      elingate token new springfield > springfield.token
    """
    body = {"networks": network} if network else {}
    answer = cloud_of(context).ask("POST", path_of("branches", branch, "token"), body)
    _once(answer, "token", json)


def webhook_secret(
    context: typer.Context,
    target: Annotated[str, typer.Argument(help="Id of a target that is a webhook.")],
    json: AsJson = False,
) -> None:
    """Make the secret that signs a target's webhooks, and print it. It is never shown again.

    \b
    Example:
      elingate webhook secret springfield-desk
    """
    answer = cloud_of(context).ask("POST", path_of("webhooks", target, "secret"), {})
    _once(answer, "secret", json)


def signing_key(
    context: typer.Context,
    output: Annotated[Path, typer.Option("--output", "-o", help="File; - is stdout.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    json: AsJson = False,
) -> None:
    """Write the public key that an edge trusts (`trust` in edge.toml), as PEM.

    \b
    Example:
      elingate signing-key -o signing-key.pem
    """
    answer = cloud_of(context).ask("GET", "/v1/signing-key")
    files.write(output, str(answer["pem"]).encode(), replace=force)
    if output != files.STREAM:
        say(f"key {answer['key_id']} is in {output}")
        if json:
            show_json({"file": str(output), "key_id": answer["key_id"]})


def _once(answer: dict[str, object], name: str, as_json: bool) -> None:
    if as_json:
        show_json(answer)
    else:
        print(answer[name])
    say(f"this {name} is not shown again: keep it where secrets are kept")
