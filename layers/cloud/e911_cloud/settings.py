"""What a function is told by its environment: read once, by its first call, never by an import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Self

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Settings:
    """Names of what the stack made; a function is given those that it uses, others are empty."""

    stack: str
    """Name of the stack: the prefix of its tables and of its secrets."""
    deployment: str
    """Written into every manifest; an edge refuses those of another deployment (R10)."""
    bucket: str = ""
    signing_key_id: str = ""
    notice_queue_url: str = ""
    publish_queue_url: str = ""
    render_queue_url: str = ""
    webhook_allowed: tuple[Network, ...] = ()
    """Private networks that a webhook may go to; empty but in the lab."""
    webhook_ca: str = ""
    """PEM of one more certificate authority that webhooks trust."""
    twilio_account: str = ""
    twilio_from: str = ""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment; a missing name that every function needs is a ``KeyError`` that
        says which.
        """
        allowed = environ.get("WEBHOOK_ALLOWED_CIDRS", "").replace(",", " ").split()
        return cls(
            stack=environ["STACK"],
            deployment=environ["DEPLOYMENT"],
            bucket=environ.get("BUCKET", ""),
            signing_key_id=environ.get("SIGNING_KEY_ID", ""),
            notice_queue_url=environ.get("NOTICE_QUEUE_URL", ""),
            publish_queue_url=environ.get("PUBLISH_QUEUE_URL", ""),
            render_queue_url=environ.get("RENDER_QUEUE_URL", ""),
            webhook_allowed=tuple(ip_network(network) for network in allowed),
            webhook_ca=environ.get("WEBHOOK_CA_BUNDLE", ""),
            twilio_account=environ.get("TWILIO_ACCOUNT", ""),
            twilio_from=environ.get("TWILIO_FROM", ""),
        )
