"""Which function answers a request: the template's routes in API Gateway's preference."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from lab.cloud.errors import UnsupportedTemplate
from lab.cloud.template import Template

_SEGMENT: Final = re.compile(r"\{(\w+)(\+?)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """One route of one API; ``authorizer`` is a name in that API, AWS_IAM or NONE."""

    api: str
    method: str
    path: str
    function: str
    authorizer: str

    @property
    def key(self) -> str:
        """As API Gateway writes it: "GET /v1/jobs/{job}"."""
        return f"{self.method} {self.path}"

    def match(self, path: str) -> dict[str, str] | None:
        """The path parameters when the decoded ``path`` is of this route, else None."""
        pattern = "".join(
            re.escape(part) if i % 3 == 0 else f"(?P<{part}>" if i % 3 == 1 else _greedy(part)
            for i, part in enumerate(_SEGMENT.split(self.path))
        )
        found = re.fullmatch(pattern, path)
        return None if found is None else found.groupdict()

    def preference(self) -> tuple[int, int, bool]:
        """Smaller wins: no parameter before some, no greedy one, an exact method before ANY."""
        parameters = _SEGMENT.findall(self.path)
        greedy = any(plus for _, plus in parameters)
        return (2 if greedy else 1 if parameters else 0, -len(self.path), self.method == "ANY")


@dataclass(frozen=True, slots=True)
class RouteTable:
    """All routes, most preferred first."""

    routes: tuple[Route, ...]

    @classmethod
    def of(cls, template: Template) -> Self:
        """The routes of a template; each event of type HttpApi is one."""
        routes = [
            _route(template, function.name, event.properties)
            for function in template.functions
            for event in function.events
            if event.kind == "HttpApi"
        ]
        return cls(tuple(sorted(routes, key=Route.preference)))

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route for a request with its path parameters."""
        for route in self.routes:
            if route.method in (method, "ANY"):
                parameters = route.match(path)
                if parameters is not None:
                    return route, parameters
        return None


def _greedy(plus: str) -> str:
    return ".+)" if plus else "[^/]+)"


def _route(template: Template, function: str, properties: Mapping[str, Any]) -> Route:
    api = properties.get("ApiId")
    match api:
        case {"Ref": str(name)} if name in template.apis:
            auth = template.apis[name].get("Auth", {})
        case _:
            raise UnsupportedTemplate(
                f"{function}: an HttpApi event without an API of the template"
            )
    chosen = properties.get("Auth", {}).get("Authorizer", auth.get("DefaultAuthorizer", "NONE"))
    method = str(properties.get("Method", "ANY")).upper()
    path = str(properties["Path"])
    return Route(
        name,
        "ANY" if method == "X-AMAZON-APIGATEWAY-ANY-METHOD" else method,
        path,
        function,
        str(chosen),
    )
