"""The AWS clients, made when first asked for; where they speak to is boto3's own business
(AWS_ENDPOINT_URL).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

_PATIENCE = Config(
    connect_timeout=2, read_timeout=5, retries={"max_attempts": 3, "mode": "standard"}
)


@cache
def client(service: str) -> Any:
    """One client per service and container."""
    return boto3.client(service, config=_PATIENCE)
