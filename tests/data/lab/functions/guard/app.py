"""Lets in who names the word of their branch."""

from typing import Any


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Simple response with a context."""
    token, branch, source = event["identitySource"]
    return {
        "isAuthorized": token == f"Bearer word-of-{branch}",
        "context": {"branch": branch, "source": source},
    }
