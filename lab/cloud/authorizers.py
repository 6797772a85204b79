"""The template's authorizers, enforced: an unknown kind refuses the start, never lets through.

Each answers Admitted with what API Gateway puts into ``requestContext.authorizer``, or Refused with
the status and text that API Gateway sends.
"""

import json
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import jwt

from lab.cloud.errors import AccessDenied, UnsupportedTemplate
from lab.cloud.iam import CredentialStore
from lab.cloud.resources import ACCOUNT, REGION, Stack, api_id
from lab.cloud.routes import Route
from lab.cloud.sigv4 import verify
from lab.cloud.web import Request
from lab.cloud.worker import Outcome

IAM: Final = "AWS_IAM"
OPEN: Final = "NONE"
_SOURCE_IP: Final = "identity.sourceIp"
_IDENTITY: Final = frozenset({"Headers", "Context", "ReauthorizeEvery"})


@dataclass(frozen=True, slots=True)
class Admitted:
    """The request may pass; ``context`` goes to the function."""

    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """The request may not pass."""

    status: int


class Authorizer(Protocol):
    """Decides one request; ``event`` is what the function would be given."""

    def admit(self, request: Request, route: Route, event: Mapping[str, Any]) -> Admitted | Refused:
        """Let it pass or not."""
        ...


Invoke = Callable[[str, Any], Outcome]


class Open:
    """Authorizer NONE: everybody."""

    def admit(self, request: Request, route: Route, event: Mapping[str, Any]) -> Admitted | Refused:
        """Everybody passes."""
        del request, route, event
        return Admitted()


@dataclass(frozen=True, slots=True)
class Iam:
    """AWS_IAM: a signature of a known key whose policy allows execute-api:Invoke on the route."""

    store: CredentialStore

    def admit(self, request: Request, route: Route, event: Mapping[str, Any]) -> Admitted | Refused:
        """403 for no signature, a wrong one and a policy that does not allow the path."""
        try:
            identity = verify(request, self.store, "execute-api", REGION)
        except AccessDenied:
            return Refused(403)
        if not identity.may("execute-api:Invoke", _resource(request, route)):
            return Refused(403)
        context = {
            "accessKey": request.headers["authorization"].split("Credential=")[1].split("/")[0],
            "accountId": ACCOUNT,
            "callerId": identity.user_id,
            "cognitoIdentity": None,
            "principalOrgId": None,
            "userArn": identity.arn,
            "userId": identity.user_id,
        }
        return Admitted({"iam": context})


class Jwt:
    """A token of the issuer for one of the audiences, in date, signed by a key of its key set."""

    def __init__(self, issuer: str, audiences: list[str], scopes: list[str]) -> None:
        self._issuer = issuer
        self._audiences = audiences
        self._scopes = set(scopes)
        discovery = _fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        self._keys = {
            key["kid"]: jwt.PyJWK(key) for key in _fetch(str(discovery["jwks_uri"]))["keys"]
        }

    def admit(self, request: Request, route: Route, event: Mapping[str, Any]) -> Admitted | Refused:
        """401 for no token or a bad one, 403 for one without a wanted scope."""
        del route, event
        text = request.headers.get("authorization", "")
        try:
            claims = self._claims(text.removeprefix("Bearer ").strip())
        except (jwt.PyJWTError, KeyError):
            return Refused(401)
        scopes = str(claims.get("scope", "")).split()
        if self._scopes and not self._scopes & set(scopes):
            return Refused(403)
        shown = {name: _as_text(value) for name, value in claims.items()}
        return Admitted({"jwt": {"claims": shown, "scopes": scopes or None}})

    def _claims(self, token: str) -> dict[str, Any]:
        key = self._keys[str(jwt.get_unverified_header(token).get("kid"))]
        return jwt.decode(
            token,
            key,
            algorithms=["RS256"],  # API Gateway takes no other family
            audience=self._audiences,
            issuer=self._issuer,
            options={"require": ["exp", "iss", "aud"]},
        )


@dataclass(frozen=True, slots=True)
class LambdaRequest:
    """A function of the template decides (payload 2.0, simple responses).

    It is asked each time: ReauthorizeEvery, which lets AWS remember an answer, is not played.
    """

    function: str
    headers: tuple[str, ...]
    with_source_ip: bool
    invoke: Invoke

    def admit(self, request: Request, route: Route, event: Mapping[str, Any]) -> Admitted | Refused:
        """401 when an identity header is missing, 403 when refused, 500 when the function fails."""
        sources = [request.headers.get(name.lower(), "") for name in self.headers]
        if not all(sources):
            return Refused(401)
        if self.with_source_ip:
            sources.append(request.peer)
        question = {
            **{
                key: value for key, value in event.items() if key not in ("body", "isBase64Encoded")
            },
            "type": "REQUEST",
            "routeArn": _resource(request, route),
            "identitySource": sources,
        }
        outcome = self.invoke(self.function, question)
        if not outcome.ok or not isinstance(outcome.document, dict):
            return Refused(500)
        if outcome.document.get("isAuthorized") is not True:
            return Refused(403)
        return Admitted({"lambda": outcome.document.get("context") or {}})


def build(
    stack: Stack, store: CredentialStore, invoke: Invoke
) -> dict[tuple[str, str], Authorizer]:
    """Every authorizer by (API, name); raises UnsupportedTemplate on an unknown kind."""
    built: dict[tuple[str, str], Authorizer] = {}
    for api, properties in stack.template.apis.items():
        built[api, IAM] = Iam(store)
        built[api, OPEN] = Open()
        for name, spec in properties.get("Auth", {}).get("Authorizers", {}).items():
            built[api, name] = _one(name, stack.resolve(spec), stack, invoke)
    return built


def jwt_audiences(stack: Stack) -> list[str]:
    """The audiences that the template's JWT authorizers take."""
    audiences: list[str] = []
    for properties in stack.template.apis.values():
        for spec in properties.get("Auth", {}).get("Authorizers", {}).values():
            if "JwtConfiguration" in spec:
                audiences.extend(_audiences(stack.resolve(spec["JwtConfiguration"])))
    return audiences


def _one(name: str, spec: Mapping[str, Any], stack: Stack, invoke: Invoke) -> Authorizer:
    if "JwtConfiguration" in spec:
        source = spec.get("IdentitySource", "$request.header.Authorization")
        if source.lower() != "$request.header.authorization":
            raise UnsupportedTemplate(f"authorizer {name}: identity source {source}")
        configuration = spec["JwtConfiguration"]
        scopes = list(spec.get("AuthorizationScopes", []))
        return Jwt(str(configuration["issuer"]), _audiences(configuration), scopes)
    if "FunctionArn" in spec:
        simple = spec.get("EnableSimpleResponses") is True
        if str(spec.get("AuthorizerPayloadFormatVersion")) != "2.0" or not simple:
            raise UnsupportedTemplate(f"authorizer {name}: only payload 2.0 with simple responses")
        function = str(spec["FunctionArn"]).rsplit(":", 1)[1]
        if function not in {f.name for f in stack.template.functions}:
            raise UnsupportedTemplate(f"authorizer {name}: no function {function} in the template")
        identity = spec.get("Identity", {})
        context = set(identity.get("Context", []))
        if set(identity) - _IDENTITY or context - {_SOURCE_IP}:
            raise UnsupportedTemplate(f"authorizer {name}: identity from {dict(identity)}")
        headers = tuple(identity.get("Headers", []))
        return LambdaRequest(function, headers, _SOURCE_IP in context, invoke)
    raise UnsupportedTemplate(f"authorizer {name} is of a kind that the local cloud does not know")


def _audiences(configuration: Mapping[str, Any]) -> list[str]:
    audience = configuration["audience"]
    return [str(a) for a in audience] if isinstance(audience, list) else [str(audience)]


def _resource(request: Request, route: Route) -> str:
    path = request.decoded_path.lstrip("/")
    return (
        f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api_id(route.api)}"
        f"/$default/{request.method}/{path}"
    )


def _as_text(value: Any) -> str:
    """A claim as API Gateway hands it on: all of them are text, a list is "[one two]"."""
    if isinstance(value, list):
        return f"[{' '.join(map(str, value))}]"
    return value if isinstance(value, str) else json.dumps(value)


def _fetch(url: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            document: dict[str, Any] = json.load(reply)
            return document
    except OSError as error:
        raise UnsupportedTemplate(f"the issuer's {url} cannot be read: {error}") from error
