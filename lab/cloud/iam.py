"""Who a request is from and what their policy lets them do: the part of IAM that this lab needs.

A policy that uses a word not understood here grants nothing by that statement, and denies where it
says Deny: the lab may refuse what AWS allows, never the reverse.
"""

import fnmatch
import re
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lab.cloud.errors import AccessDenied
from lab.cloud.resources import ACCOUNT, ROOT_KEY, ROOT_SECRET

_VARIABLE: Final = re.compile(r"\$\{([^}]+)\}")
_STATEMENT_WORDS: Final = frozenset({"Sid", "Effect", "Action", "Resource", "Condition"})
_OPERATORS: Final = frozenset({"StringEquals", "StringLike", "ArnEquals", "ArnLike"})

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keys that sign requests; ``token`` and ``expires`` only on those of a session."""

    key: str
    secret: str
    token: str = ""
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """The one who signed: the root user (``statements`` None: may all) or a session of a role."""

    arn: str
    user_id: str
    statements: tuple[Statement, ...] | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    def may(self, action: str, resource: str) -> bool:
        """Whether the policy allows ``action`` (as s3:GetObject) on the ARN ``resource``."""
        if self.statements is None:
            return True
        effects = {
            statement["Effect"]
            for statement in self.statements
            if self._meets(statement, action, resource)
        }
        return effects == {"Allow"}

    def _meets(self, statement: Statement, action: str, resource: str) -> bool:
        if not statement.keys() <= _STATEMENT_WORDS:
            return bool(statement["Effect"] == "Deny")
        return (
            any(_like(a.lower(), action.lower()) for a in _list(statement["Action"]))
            and any(_like(self._filled(r), resource) for r in _list(statement["Resource"]))
            and self._conditions_hold(statement)
        )

    def _conditions_hold(self, statement: Statement) -> bool:
        for operator, tests in statement.get("Condition", {}).items():
            if operator not in _OPERATORS:
                return bool(statement["Effect"] == "Deny")
            for key, wanted in tests.items():
                value = self.variables.get(key)
                if value is None or not any(_like(self._filled(w), value) for w in _list(wanted)):
                    return False
        return True

    def _filled(self, pattern: str) -> str:
        """Policy variables replaced, their own wildcards taken literally; unknown: matches none."""

        def put(match: re.Match[str]) -> str:
            value = self.variables.get(match[1])
            return "\0" if value is None else re.sub(r"([*?[])", r"[\1]", value)

        return _VARIABLE.sub(put, pattern.replace("[", "[[]"))


@dataclass(frozen=True, slots=True)
class _Known:
    credentials: Credentials
    identity: Identity


class CredentialStore:
    """Every key that may sign, with whose it is: the root user's and those of live sessions."""

    def __init__(self) -> None:
        root = Identity(f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
        self._known = {ROOT_KEY: _Known(Credentials(ROOT_KEY, ROOT_SECRET), root)}
        self._lock = threading.Lock()

    def issue(
        self,
        role: str,
        session: str,
        statements: Iterable[Statement],
        variables: Mapping[str, str],
        lifetime_s: float,
        utc: datetime,
    ) -> Credentials:
        """Keys of a new session of ``role``, good for ``lifetime_s`` seconds."""
        credentials = Credentials(
            key="ASIA" + secrets.token_hex(8).upper(),
            secret=secrets.token_urlsafe(30),
            token=secrets.token_urlsafe(96),
            expires=utc + timedelta(seconds=lifetime_s),
        )
        identity = Identity(
            arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}",
            user_id=f"AROALAB{role.upper()}:{session}",
            statements=tuple(statements),
            variables=dict(variables),
        )
        with self._lock:
            self._known[credentials.key] = _Known(credentials, identity)
        return credentials

    def find(self, key: str, token: str, utc: datetime) -> tuple[Credentials, Identity]:
        """The owner of an access key; raises AccessDenied: unknown, expired, not its token."""
        with self._lock:
            known = self._known.get(key)
        if known is None:
            raise AccessDenied("unknown access key")
        if not secrets.compare_digest(known.credentials.token.encode(), token.encode()):
            raise AccessDenied("the session token is not the one of this key")
        if known.credentials.expires is not None and utc >= known.credentials.expires:
            raise AccessDenied("the session has expired")
        return known.credentials, known.identity


def role_statements(role: Mapping[str, Any]) -> tuple[Statement, ...]:
    """The statements of a role's inline policies."""
    documents = [policy["PolicyDocument"] for policy in role.get("Policies", ())]
    return tuple(s for document in documents for s in _list(document["Statement"]))


def trusted_services(role: Mapping[str, Any]) -> set[str]:
    """The services that may take on a role."""
    services: set[str] = set()
    for statement in _list(role["AssumeRolePolicyDocument"]["Statement"]):
        principal = statement.get("Principal", {})
        if isinstance(principal, dict):
            services.update(_list(principal.get("Service", [])))
    return services


def _like(pattern: str, value: str) -> bool:
    return fnmatch.fnmatchcase(value, pattern)


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def now() -> datetime:
    """Wall time of the lab."""
    return datetime.now(UTC)
