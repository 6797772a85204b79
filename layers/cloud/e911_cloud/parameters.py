"""Secrets live in the parameter store, encrypted, one per webhook and one of Twilio; never in a
table or a row.
"""

from __future__ import annotations

import base64
import secrets
from typing import Any

_PREFIX = "whsec_"


class Secrets:
    """The secrets of one stack."""

    def __init__(self, ssm: Any, stack: str) -> None:
        self._ssm = ssm
        self._stack = stack

    def make_webhook_secret(self, target: str) -> str:
        """A new signing secret of a webhook target (Standard Webhooks form); replaces the one
        before.
        """
        secret = _PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()
        self._ssm.put_parameter(
            Name=self._name(f"webhook/{target}"), Value=secret, Type="SecureString", Overwrite=True
        )
        return secret

    def webhook_secret(self, target: str) -> str:
        """The signing secret of a target; ``LookupError`` where none was made."""
        return self._read(f"webhook/{target}")

    def twilio_token(self) -> str:
        """Twilio's auth token, put there by an operator."""
        return self._read("twilio-auth-token")

    def _read(self, name: str) -> str:
        try:
            answer = self._ssm.get_parameter(Name=self._name(name), WithDecryption=True)
        except self._ssm.exceptions.ParameterNotFound as error:
            raise LookupError(f"no secret {name}") from error
        value: str = answer["Parameter"]["Value"]
        return value

    def _name(self, name: str) -> str:
        return f"/{self._stack}/{name}"
