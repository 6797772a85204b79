"""Every HTTP function answers alike: JSON, one shape of error, the domain's own status codes, roles
from the token.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from e911.errors import E911Error, InvalidDocument
from e911_cloud.errors import Invalid

_VERSION = re.compile(r"[0-9]{1,18}")
ADMIN = "admin"
"""The role, in the claim ``roles``, that configuring, publishing and reading of calls take. The
gateway writes a list without quotes, so an issuer's role names must hold no blanks or commas.
"""


class AdminResolver(APIGatewayHttpResolver):
    """A resolver for administrators: another role is refused before anything is read."""

    def resolve(self, event: Any, context: Any) -> dict[str, Any]:
        """Answer ``event``, or 403 where its token does not say that an administrator asks."""
        if ADMIN in roles_of(_claims(event).get("roles")):
            return super().resolve(event, context)
        detail = [{"loc": "", "msg": f"the role {ADMIN} is needed"}]
        return {
            "statusCode": 403,
            "headers": {"Content-Type": "application/json"},
            "body": json.dumps({"error": "forbidden", "detail": detail}),
            "isBase64Encoded": False,
            "cookies": [],
        }


def build_admin_resolver() -> AdminResolver:
    """Like :func:`build_resolver`, for administrators alone."""
    app = AdminResolver(enable_validation=True)
    _answer_errors(app)
    return app


def build_resolver() -> APIGatewayHttpResolver:
    """A resolver that validates; every error is ``{"error", "detail": [{"loc", "msg"}]}``."""
    app = APIGatewayHttpResolver(enable_validation=True)
    _answer_errors(app)
    return app


def _answer_errors(app: APIGatewayHttpResolver) -> None:
    @app.exception_handler(RequestValidationError)
    def refuse_shape(error: RequestValidationError) -> Response[str]:
        # Only where and what: the message must not carry the value back, nor into a log.
        details = [
            {"loc": ".".join(str(part) for part in each["loc"]), "msg": str(each["msg"])}
            for each in error.errors()
        ]
        return answer(422, {"error": "invalid", "detail": details})

    @app.exception_handler(E911Error)
    def refuse(error: E911Error) -> Response[str]:
        return answer(error.http_status, {"error": _slug(error), "detail": _details(error)})

    @app.not_found
    def nowhere(_: Exception) -> Response[str]:
        return answer(404, {"error": "not-found", "detail": []})


def answer(status: int, body: object) -> Response[str]:
    """A JSON answer."""
    return Response(status, "application/json", json.dumps(body))


def asker(app: APIGatewayHttpResolver) -> str:
    """Who asks, as their token names them: what the log of edits keeps."""
    return str(_claims(app.current_event.raw_event).get("sub", ""))


def roles_of(claim: object) -> set[str]:
    """The roles in a claim; the gateway writes a list as ``[a b]``."""
    if isinstance(claim, list):
        return {str(role) for role in claim}
    return set(str(claim or "").strip("[]").replace(",", " ").split())


def branch_of_token(app: APIGatewayHttpResolver) -> str:
    """The branch whose client token the authorizer found good; empty on a route that IAM guards."""
    found = _authorizer(app.current_event.raw_event).get("lambda") or {}
    return str(found.get("branch", ""))


def if_match(app: APIGatewayHttpResolver) -> int | None:
    """The version that ``If-Match`` names, if any."""
    text = (app.current_event.headers or {}).get("if-match", "").strip().strip('"')
    if not text:
        return None
    if not _VERSION.fullmatch(text):
        raise InvalidDocument("if-match", "must be a version")
    return int(text)


def now() -> datetime:
    """Wall time, read once per request, at its door."""
    return datetime.now(UTC)


def _authorizer(event: dict[str, Any]) -> dict[str, Any]:
    return (event.get("requestContext") or {}).get("authorizer") or {}


def _claims(event: dict[str, Any]) -> dict[str, Any]:
    return (_authorizer(event).get("jwt") or {}).get("claims") or {}


def _slug(error: E911Error) -> str:
    name = type(error).__name__
    return "".join(f"-{c.lower()}" if c.isupper() and n else c.lower() for n, c in enumerate(name))


def _details(error: E911Error) -> list[dict[str, str]]:
    if isinstance(error, Invalid):
        return [{"loc": each.loc, "msg": each.msg} for each in error.details]
    if isinstance(error, InvalidDocument):
        return [{"loc": error.field, "msg": error.reason}]
    return [{"loc": "", "msg": str(error)}]
