"""Ways to tell somebody, behind one protocol: a new way is a class here and a line where they are
wired.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from e911.notice import Notice, fields, text
from e911.rows import TargetRow
from e911_cloud.webhook import Webhook, sign


@dataclass(frozen=True, slots=True)
class Telling:
    """One notice to one target."""

    id: str
    """The same on every try, so that a receiver can drop what it has."""
    notice: Notice
    target: TargetRow
    late: bool
    """Older than 15 min when it reached the cloud: history rather than an alert."""


class Notifier(Protocol):
    """Tells one target; returns when it has taken the notice, raises where it has not."""

    def tell(self, telling: Telling, utc: datetime) -> None:
        """Deliver ``telling``; delivery is not acknowledgement (R11)."""
        ...


class WebhookNotifier:
    """Posts the notice as JSON, signed with the target's own secret."""

    def __init__(self, webhook: Webhook, secret_of: Callable[[str], str]) -> None:
        self._webhook = webhook
        self._secret_of = secret_of

    def tell(self, telling: Telling, utc: datetime) -> None:
        """Sign and post.

        Raises:
            LookupError: the target has no secret yet.
            WebhookRefused, OSError: it was not taken.
        """
        body = payload(telling, utc)
        secret = self._secret_of(telling.target.id)
        headers = sign(secret, telling.id, int(utc.timestamp()), body)
        self._webhook.post(telling.target.address, headers, body)


def payload(telling: Telling, utc: datetime) -> bytes:
    """The body of a webhook: fields for programs, text for people."""
    document = {
        "type": f"elingate.notice.{telling.notice.step.value}",
        "timestamp": utc.isoformat(),
        "data": {
            **fields(telling.notice),
            "text": text(telling.notice),
            "target": telling.target.id,
            "late": telling.late,
        },
    }
    return json.dumps(document, sort_keys=True).encode()
