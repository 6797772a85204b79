"""CloudFormation's intrinsic functions over a template already read: what is known is put in.

A reference to a resource that does not exist yet stays as it is while its name is ``deferred``; any
other unknown name is an error, never an empty string.
"""

import base64
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lab.cloud.errors import Unresolved, UnsupportedTemplate

_VARIABLE: Final = re.compile(r"\$\{([^!}][^}]*)\}")
_LITERAL: Final = re.compile(r"\$\{!([^}]*)\}")
_NO_VALUE: Final = "AWS::NoValue"
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Resolver:
    """Puts values in place of intrinsics.

    ``known`` maps "Name" (what Ref gives) and "Name.Attribute" (what GetAtt gives) to values;
    ``conditions`` and ``mappings`` are the template's own sections.
    """

    known: Mapping[str, Any]
    conditions: Mapping[str, Any] = field(default_factory=dict)
    mappings: Mapping[str, Any] = field(default_factory=dict)
    deferred: Collection[str] = ()

    def resolve(self, node: Any) -> Any:
        """The same tree with known references replaced; raises Unresolved on an unknown one."""
        value = self._value(node)
        return None if value is _ABSENT else value

    def holds(self, condition: str) -> bool:
        """Whether a named condition of the template is true."""
        if condition not in self.conditions:
            raise Unresolved(f"condition {condition}")
        return self._truth(self.conditions[condition])

    def _value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [v for v in map(self._value, node) if v is not _ABSENT]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            name, argument = next(iter(node.items()))
            if name == "Ref" or name.startswith("Fn::"):
                return self._function(str(name), argument)
        values = {key: self._value(value) for key, value in node.items()}
        return {key: value for key, value in values.items() if value is not _ABSENT}

    def _function(self, name: str, argument: Any) -> Any:
        match name, argument:
            case "Ref", str():
                return _ABSENT if argument == _NO_VALUE else self._reference(argument, name)
            case "Fn::GetAtt", [str(), str()]:
                return self._reference(".".join(argument), name)
            case "Fn::Sub", str():
                return self._substitute(argument, {})
            case "Fn::Sub", [str(text), dict(local)]:
                return self._substitute(text, {k: self._value(v) for k, v in local.items()})
            case "Fn::Join", [str(glue), items]:
                parts = self._value(items)
                plain = isinstance(parts, list) and all(not isinstance(p, dict) for p in parts)
                return glue.join(map(str, parts)) if plain else {"Fn::Join": [glue, parts]}
            case "Fn::Select", [index, items]:
                return self._value(items)[int(index)]
            case "Fn::Split", [str(glue), text]:
                return str(self._value(text)).split(glue)
            case "Fn::If", [str(condition), yes, no]:
                return self._value(yes if self.holds(condition) else no)
            case "Fn::FindInMap", [name_, top, second]:
                return self.mappings[self._value(name_)][self._value(top)][self._value(second)]
            case "Fn::Base64", text:
                return base64.b64encode(str(self._value(text)).encode()).decode()
        raise UnsupportedTemplate(f"the local cloud does not know how to work out {name}")

    def _reference(self, name: str, function: str) -> Any:
        if name in self.known:
            return self.known[name]
        if name.split(".")[0] in self.deferred:
            return {function: name.split(".", 1) if function == "Fn::GetAtt" else name}
        raise Unresolved(f"{name} is no parameter and no resource with such a value")

    def _substitute(self, text: str, local: Mapping[str, Any]) -> Any:
        left: list[str] = []

        def put(match: re.Match[str]) -> str:
            name = match[1].strip()
            value = local[name] if name in local else self._reference(name, "Fn::Sub")
            if isinstance(value, dict):
                left.append(name)
                return match[0]
            return str(value)

        done = _VARIABLE.sub(put, text)
        return {"Fn::Sub": done} if left else _LITERAL.sub(r"${\1}", done)

    def _truth(self, node: Any) -> bool:
        match node:
            case {"Fn::Equals": [one, other]}:
                return bool(str(self._value(one)) == str(self._value(other)))
            case {"Fn::Not": [inner]}:
                return not self._truth(inner)
            case {"Fn::And": [*inner]}:
                return all(map(self._truth, inner))
            case {"Fn::Or": [*inner]}:
                return any(map(self._truth, inner))
            case {"Condition": str(name)}:
                return self.holds(name)
        raise UnsupportedTemplate(f"the local cloud does not know the condition {node!r}")


def references(node: Any) -> Iterator[str]:
    """Every name a tree refers to, as "Name" or "Name.Attribute"."""
    match node:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            yield f"{name}.{attribute}"
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), _]}:
            yield from (match[1].strip() for match in _VARIABLE.finditer(text))
            yield from (name for value in _locals(node) for name in references(value))
        case dict():
            yield from (name for value in node.values() for name in references(value))
        case list():
            yield from (name for value in node for name in references(value))


def _locals(node: Mapping[str, Any]) -> Iterator[Any]:
    argument = node["Fn::Sub"]
    if isinstance(argument, list):
        yield from argument[1].values()
