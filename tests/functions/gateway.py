"""What the API gateway hands a function: an HTTP event with the authorizer's findings in it."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from typing import Any

ADMIN = {"jwt": {"claims": {"sub": "ann", "roles": "[admin]"}, "scopes": None}}
VIEWER = {"jwt": {"claims": {"sub": "bob", "roles": "[viewer]"}, "scopes": None}}
EDGE = {"iam": {"userId": "AROAEXAMPLE:edge-springfield", "accountId": "123456789012"}}
CLIENT = {"lambda": {"branch": "springfield"}}


@dataclass(frozen=True, slots=True)
class Context:
    """What the runtime tells a function of itself."""

    function_name: str = "test"
    memory_limit_in_mb: int = 128
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:test"
    aws_request_id: str = "1"

    def get_remaining_time_in_millis(self) -> int:
        """Time left."""
        return 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What the function answered."""

    status: int
    body: Any
    headers: dict[str, str]


def module(name: str) -> Any:
    """A function's module."""
    return importlib.import_module(f"functions.{name}.app")


def fresh(name: str) -> Any:
    """A function's module as in a new container."""
    function = module(name)
    function.wired.cache_clear()
    return function


def invoke(name: str, event: dict[str, Any]) -> Any:
    """Call a function's handler."""
    return module(name).handler(event, Context())


def http_event(
    method: str,
    path: str,
    body: object = None,
    *,
    who: dict[str, Any] | None = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The event of one HTTP request that the authorizer has let through as ``who``."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", **(headers or {})},
        "requestContext": {
            "accountId": "123456789012",
            "stage": "$default",
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
            "authorizer": who or {},
        },
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = query
    if body is not None:
        event["body"] = json.dumps(body)
    return event


def ask(name: str, method: str, path: str, body: object = None, **more: Any) -> Answer:
    """Send one HTTP request, already authorized."""
    reply = invoke(name, http_event(method, path, body, **more))
    text, headers = reply.get("body") or "", reply.get("headers") or {}
    headers = headers or reply.get("multiValueHeaders") or {}
    is_json = "json" in str(headers)
    return Answer(reply["statusCode"], json.loads(text) if is_json else text, headers)
