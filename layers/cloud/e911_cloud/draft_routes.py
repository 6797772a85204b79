"""The routes of drafts: ``PUT``, ``GET`` and ``DELETE`` of one, ``GET`` of a kind, each for
administrators.
"""

from __future__ import annotations

from urllib.parse import unquote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from e911_cloud.documents import After, DraftAnswer, DraftFields, DraftList, Id, Version
from e911_cloud.drafts import Draft, Drafts
from e911_cloud.web import asker, if_match, now


def add_draft_routes(app: APIGatewayHttpResolver, drafts: Drafts) -> None:
    """Add the routes to ``app``."""

    @app.put("/v1/draft/<kind>/<row>")
    def put(kind: Id, row: Id, body: DraftFields) -> Version:
        who = asker(app)
        version = drafts.put(kind, unquote(row), body, who=who, utc=now(), if_match=if_match(app))
        return Version(version=version)

    @app.get("/v1/draft/<kind>/<row>")
    def get(kind: Id, row: Id) -> DraftAnswer:
        return _answer(drafts.get(kind, unquote(row)))

    @app.delete("/v1/draft/<kind>/<row>")
    def delete(kind: Id, row: Id) -> Version:
        who = asker(app)
        drafts.delete(kind, unquote(row), who=who, utc=now(), if_match=if_match(app))
        return Version(version=0)

    @app.get("/v1/draft/<kind>")
    def list_kind(kind: Id, after: After = "") -> DraftList:
        page, following = drafts.page(kind, after)
        return DraftList(drafts=[_answer(draft) for draft in page], next=following)


def _answer(draft: Draft) -> DraftAnswer:
    return DraftAnswer.model_validate(draft, from_attributes=True)
