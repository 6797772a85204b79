"""template.yaml as the local cloud sees it: what to run, what to create, what stops the start.

Only SAM's and CloudFormation's own words are read; nothing here knows Elingate. Whatever the local
cloud would not do as AWS does it raises UnsupportedTemplate, naming the resource.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from lab.cloud.errors import UnsupportedTemplate

FUNCTION: Final = "AWS::Serverless::Function"
LAYER: Final = "AWS::Serverless::LayerVersion"
HTTP_API: Final = "AWS::Serverless::HttpApi"
ROLE: Final = "AWS::IAM::Role"
KEY: Final = "AWS::KMS::Key"
KEY_ALIAS: Final = "AWS::KMS::Alias"
ROLE_ALIAS: Final = "AWS::IoT::RoleAlias"

# moto's CloudFormation creates these; handlers use them through boto3.
CREATED: Final = frozenset(
    {
        "AWS::DynamoDB::Table",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::SecretsManager::Secret",
        "AWS::SSM::Parameter",
    }
)
# The local cloud plays these itself.
PLAYED: Final = frozenset({FUNCTION, LAYER, HTTP_API, ROLE, KEY, KEY_ALIAS, ROLE_ALIAS})
# These watch, name or permit: nothing runs differently without them on one machine.
INERT: Final = frozenset(
    {
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IoT::Policy",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::Logs::MetricFilter",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
    }
)
EVENTS: Final = frozenset({"HttpApi", "SQS", "Schedule", "ScheduleV2", "DynamoDB"})


@dataclass(frozen=True, slots=True)
class EventSpec:
    """What makes a function run: the event's name, its kind and its properties as written."""

    name: str
    kind: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One Lambda function; values may still hold intrinsics."""

    name: str
    code: Path
    handler: str
    timeout_s: int
    memory_mb: int
    environment: Mapping[str, Any]
    layers: tuple[str, ...]
    events: tuple[EventSpec, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """The whole template, checked for what the local cloud can run."""

    root: Path
    parameters: Mapping[str, Mapping[str, Any]]
    conditions: Mapping[str, Any]
    mappings: Mapping[str, Any]
    resources: Mapping[str, Mapping[str, Any]]
    functions: tuple[FunctionSpec, ...]
    apis: Mapping[str, Mapping[str, Any]]
    outputs: Mapping[str, Any]

    def of_type(self, *types: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Name and properties of every resource of these types."""
        for name, resource in self.resources.items():
            if resource["Type"] in types:
                yield name, resource.get("Properties", {})

    def layer(self, name: str) -> Path:
        """The folder that a layer's content comes from."""
        return self.root / str(self.resources[name]["Properties"]["ContentUri"])


def read(path: Path) -> Template:
    """Read a template; raises UnsupportedTemplate on what the local cloud does not play."""
    try:
        document = yaml.load(path.read_text(), _Loader)  # a SafeLoader: it makes no objects
    except yaml.YAMLError as error:
        raise UnsupportedTemplate(f"{path} cannot be read: {error}") from error
    resources: dict[str, dict[str, Any]] = document["Resources"]
    _refuse_unknown(resources)
    shared = document.get("Globals", {})
    root = path.resolve().parent
    apis = {
        name: _merged(shared.get("HttpApi", {}), resource.get("Properties", {}))
        for name, resource in resources.items()
        if resource["Type"] == HTTP_API
    }
    functions = tuple(
        _function(name, root, _merged(shared.get("Function", {}), resource.get("Properties", {})))
        for name, resource in resources.items()
        if resource["Type"] == FUNCTION
    )
    return Template(
        root=root,
        parameters=document.get("Parameters", {}),
        conditions=document.get("Conditions", {}),
        mappings=document.get("Mappings", {}),
        resources=resources,
        functions=functions,
        apis=apis,
        outputs=document.get("Outputs", {}),
    )


def _refuse_unknown(resources: Mapping[str, Mapping[str, Any]]) -> None:
    unknown = sorted(
        f"{name} ({resource['Type']})"
        for name, resource in resources.items()
        if resource["Type"] not in CREATED | PLAYED | INERT
    )
    if unknown:
        raise UnsupportedTemplate(f"no local stand-in for {', '.join(unknown)}")


def _function(name: str, root: Path, properties: Mapping[str, Any]) -> FunctionSpec:
    events = tuple(
        EventSpec(event, str(spec["Type"]), spec.get("Properties", {}))
        for event, spec in properties.get("Events", {}).items()
    )
    for event in events:
        if event.kind not in EVENTS:
            raise UnsupportedTemplate(f"no local source for {event.kind} ({name}.{event.name})")
    return FunctionSpec(
        name=name,
        code=root / str(properties["CodeUri"]),
        handler=str(properties["Handler"]),
        timeout_s=int(properties.get("Timeout", 3)),
        memory_mb=int(properties.get("MemorySize", 128)),
        environment=properties.get("Environment", {}).get("Variables", {}),
        layers=tuple(_layer_name(name, layer) for layer in properties.get("Layers", [])),
        events=events,
    )


def _layer_name(function: str, layer: Any) -> str:
    match layer:
        case {"Ref": str(name)}:
            return name
    raise UnsupportedTemplate(f"{function}: a layer that is not in this template ({layer!r})")


def _merged(shared: Any, own: Any) -> Any:
    """SAM's rule for Globals: maps are merged, lists are joined, anything else is replaced."""
    if isinstance(shared, dict) and isinstance(own, dict):
        both = {key: _merged(value, own[key]) for key, value in shared.items() if key in own}
        return {**shared, **own, **both}
    if isinstance(shared, list) and isinstance(own, list):
        return [*shared, *own]
    return own


class _Loader(yaml.SafeLoader):
    """YAML with the short forms of the intrinsic functions: !Ref, !GetAtt, !Sub …"""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    match node:
        case yaml.ScalarNode():
            value: Any = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
    if suffix in ("Ref", "Condition"):
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)
