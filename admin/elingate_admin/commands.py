"""The commands by name: what `elingate` can be asked to do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elingate_admin import (
    bulk,
    drafts,
    happenings,
    keys,
    locations,
    publishing,
)
from elingate_admin.errors import EXIT_CODES
from elingate_admin.session import begin

_EPILOG = "Exit codes: " + "; ".join(f"{code} {what}" for code, what in EXIT_CODES.items()) + "."


def build() -> typer.Typer:
    """The whole command line."""
    app = _group("Edit, publish and watch Elingate's configuration through the cloud's API.")
    app.callback(epilog=_EPILOG)(_root)
    app.add_typer(_drafts(), name="draft")
    app.add_typer(_locations(), name="locations")
    app.command(epilog=_EPILOG)(publishing.validate)
    app.command(epilog=_EPILOG)(publishing.publish)
    app.command(epilog=_EPILOG)(publishing.rollback)
    app.command(epilog=_EPILOG)(publishing.edges)
    app.command(epilog=_EPILOG)(happenings.calls)
    app.command(epilog=_EPILOG)(happenings.call)
    app.command(epilog=_EPILOG)(happenings.callbacks)
    ali = _group("The file for the carrier.")
    ali.command("export", epilog=_EPILOG)(happenings.export_ali)
    app.add_typer(ali, name="ali")
    token = _group("Tokens of a branch's phones.")
    token.command("new", epilog=_EPILOG)(keys.new_token)
    app.add_typer(token, name="token")
    webhook = _group("Webhooks that tell a security desk.")
    webhook.command("secret", epilog=_EPILOG)(keys.webhook_secret)
    app.add_typer(webhook, name="webhook")
    app.command("signing-key", epilog=_EPILOG)(keys.signing_key)
    return app


def _root(
    context: typer.Context,
    api: Annotated[
        str, typer.Option(envvar="ELINGATE_API", help="Address of the cloud's API, https://…")
    ] = "",
    token_file: Annotated[
        Path | None,
        typer.Option(help="File with your JWT; without it, ELINGATE_TOKEN holds the JWT."),
    ] = None,
    ca: Annotated[
        Path | None, typer.Option(help="PEM of the authority to trust in place of the system's.")
    ] = None,
) -> None:
    """Edit, publish and watch Elingate's configuration through the cloud's API.

    \b
    Examples:
      export ELINGATE_API=https://abc123.execute-api.us-east-1.amazonaws.com
      elingate --token-file ~/.elingate-jwt draft import organisation.jsonl
      elingate --token-file ~/.elingate-jwt publish --wait
    """
    begin(context, api, token_file, ca)


def _drafts() -> typer.Typer:
    group = _group("The configuration under edit; `elingate publish` makes it known.")
    group.command("list", epilog=_EPILOG)(drafts.list_drafts)
    group.command("show", epilog=_EPILOG)(drafts.show)
    group.command("put", epilog=_EPILOG)(drafts.put)
    group.command("delete", epilog=_EPILOG)(drafts.delete)
    group.command("import", epilog=_EPILOG)(bulk.import_drafts)
    group.command("export", epilog=_EPILOG)(bulk.export)
    return group


def _locations() -> typer.Typer:
    group = _group("Locations as Lync and Skype for Business keep them.")
    group.command("import", epilog=_EPILOG)(locations.import_locations)
    return group


def _group(what: str) -> typer.Typer:
    return typer.Typer(
        help=what,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
