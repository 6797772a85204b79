"""Creates what the template describes in moto, and knows the value of every reference in it.

Order: what the local cloud plays itself gets its names first, keys are made by API (moto's
CloudFormation makes every key symmetric), the rest goes to moto's CloudFormation with one output
for each reference that anything in the template makes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError

from lab.cloud.errors import UnsupportedTemplate
from lab.cloud.intrinsics import Resolver, references
from lab.cloud.template import CREATED, INERT, KEY, KEY_ALIAS, ROLE, ROLE_ALIAS, Template

REGION: Final = "us-east-1"
ACCOUNT: Final = "123456789012"
STACK: Final = "elingate-lab"
ROOT_KEY: Final = "AKIALABROOT000000000"
ROOT_SECRET: Final = "the-secret-of-the-lab-root-user"


def client(service: str, endpoint: str) -> Any:
    """A boto3 client of the lab's root user."""
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=ROOT_KEY,
        aws_secret_access_key=ROOT_SECRET,
    )


@dataclass(frozen=True, slots=True)
class Stack:
    """The template with everything created: resolves any part of it."""

    template: Template
    resolver: Resolver

    def resolve(self, node: Any) -> Any:
        """Any part of the template with its references replaced."""
        return self.resolver.resolve(node)

    def exists(self, resource: str) -> bool:
        """Whether the condition on a resource, if any, holds."""
        condition = self.template.resources[resource].get("Condition")
        return condition is None or self.resolver.holds(str(condition))


def function_arn(name: str) -> str:
    """The ARN of a function of the template, by its logical name."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def api_id(name: str) -> str:
    """The id of an HTTP API of the template: API Gateway's are lower case and digits too."""
    return name.lower()


def create(template: Template, parameters: Mapping[str, str], http: str, endpoint: str) -> Stack:
    """Create every resource at ``endpoint``; raises Unresolved or UnsupportedTemplate."""
    known = _names(template, parameters, http)
    early = Resolver(
        known,
        template.conditions,
        template.mappings,
        deferred=[name for name, _ in template.of_type(*CREATED)]
        + [name for name, _ in template.of_type(KEY)],
    )
    kept = {
        name
        for name, resource in template.resources.items()
        if "Condition" not in resource or early.holds(str(resource["Condition"]))
    }
    _make_keys(template, kept, known, endpoint)
    _make_stack(template, kept, known, early, endpoint)
    return Stack(template, Resolver(known, template.conditions, template.mappings))


def _names(template: Template, parameters: Mapping[str, str], http: str) -> dict[str, Any]:
    known: dict[str, Any] = {
        "AWS::AccountId": ACCOUNT,
        "AWS::Region": REGION,
        "AWS::Partition": "aws",
        "AWS::StackName": STACK,
        "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/lab",
        "AWS::URLSuffix": "amazonaws.com",
    }
    for name, parameter in template.parameters.items():
        value = parameters.get(name, parameter.get("Default"))
        if value is None:
            raise UnsupportedTemplate(f"parameter {name} has no default and was not given")
        known[name] = value
    for function in template.functions:
        known[function.name] = function.name
        known[f"{function.name}.Arn"] = function_arn(function.name)
        _role(known, f"{function.name}Role")
    for name, _ in template.of_type(ROLE):
        _role(known, name)
    for name, _ in template.of_type(*INERT):
        known[name] = name
        known[f"{name}.Arn"] = f"arn:aws:lab:{REGION}:{ACCOUNT}:{name}"
    for name, properties in template.of_type(ROLE_ALIAS):
        alias = Resolver(known, template.conditions, template.mappings).resolve(
            properties["RoleAlias"]
        )
        known[name] = alias
        known[f"{name}.RoleAliasArn"] = f"arn:aws:iot:{REGION}:{ACCOUNT}:rolealias/{alias}"
    for name in template.apis:
        known[name] = api_id(name)
        known[f"{name}.ApiEndpoint"] = http
    return known


def _role(known: dict[str, Any], name: str) -> None:
    known[name] = name
    known[f"{name}.Arn"] = f"arn:aws:iam::{ACCOUNT}:role/{name}"


def _make_keys(template: Template, kept: set[str], known: dict[str, Any], endpoint: str) -> None:
    kms = client("kms", endpoint)
    for name, properties in template.of_type(KEY):
        if name in kept:
            key = kms.create_key(
                KeySpec=properties.get("KeySpec", "SYMMETRIC_DEFAULT"),
                KeyUsage=properties.get("KeyUsage", "ENCRYPT_DECRYPT"),
            )["KeyMetadata"]
            known[name], known[f"{name}.Arn"] = key["KeyId"], key["Arn"]
            known[f"{name}.KeyId"] = key["KeyId"]
    resolver = Resolver(known, template.conditions, template.mappings)
    for name, properties in template.of_type(KEY_ALIAS):
        if name in kept:
            alias = resolver.resolve(properties)
            kms.create_alias(AliasName=alias["AliasName"], TargetKeyId=alias["TargetKeyId"])
            known[name] = alias["AliasName"]


def _make_stack(
    template: Template, kept: set[str], known: dict[str, Any], early: Resolver, endpoint: str
) -> None:
    names = {name for name, _ in template.of_type(*CREATED)} & kept
    if not names:
        return
    resources = {
        name: _plain(name, template.resources[name], names, early) for name in sorted(names)
    }
    wanted = sorted(
        {
            reference
            for reference in [*references([*template.resources.values(), template.outputs]), *names]
            if reference.split(".")[0] in names
        }
    )
    outputs = {f"Value{i}": {"Value": _expression(wanted[i])} for i in range(len(wanted))}
    cloudformation = client("cloudformation", endpoint)
    body = json.dumps({"Resources": resources, "Outputs": outputs})
    try:
        cloudformation.create_stack(StackName=STACK, TemplateBody=body)
    except ClientError as error:
        raise UnsupportedTemplate(f"moto cannot create the resources: {error}") from error
    stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise UnsupportedTemplate(f"moto left the stack in {stack['StackStatus']}")
    for output in stack["Outputs"]:
        known[wanted[int(output["OutputKey"].removeprefix("Value"))]] = output["OutputValue"]


def _plain(
    name: str, resource: Mapping[str, Any], names: set[str], early: Resolver
) -> dict[str, Any]:
    properties = early.resolve(resource.get("Properties", {}))
    if properties.get("FifoQueue") and "QueueName" not in properties:
        # AWS makes up a name with this ending; moto makes up one without and then refuses it.
        properties["QueueName"] = f"{STACK}-{name}.fifo"
    plain = {"Type": resource["Type"], "Properties": properties}
    after = resource.get("DependsOn", [])
    after = [after] if isinstance(after, str) else after
    return plain | {"DependsOn": [other for other in after if other in names]}


def _expression(reference: str) -> dict[str, Any]:
    name, _, attribute = reference.partition(".")
    return {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}
