"""The gateway's question before a client's request: is this token one of this branch, and from one
of its networks?
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from e911_cloud.drafts import is_branch_id
from e911_cloud.observe import logger
from e911_cloud.settings import Settings
from e911_cloud.tables import bind_tables
from e911_cloud.tokens import Tokens

log = logger("authorize")
_SCHEME = "bearer "


@cache
def wired() -> Tokens:
    """Built by the first call in a container, never by an import."""
    bind_tables(Settings.read(os.environ).stack)
    return Tokens()


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer in the gateway's simple form; the branch goes on in the request's context."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    branch = headers.get("x-elingate-branch", "")
    bearer = headers.get("authorization", "")
    source = event["requestContext"]["http"]["sourceIp"]
    if not is_branch_id(branch) or not bearer.lower().startswith(_SCHEME):
        return {"isAuthorized": False}
    is_good = wired().is_good(branch, bearer[len(_SCHEME) :].strip(), source)
    # Whoever has no good token may have put anything into the header: only ours is logged.
    log.info("client", extra={"branch": branch if is_good else "", "good": is_good})
    return {"isAuthorized": is_good, "context": {"branch": branch} if is_good else {}}
