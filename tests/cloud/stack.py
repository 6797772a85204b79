"""The stack as template.yaml describes it, made in moto: tables, bucket, queues, key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from moto import mock_aws

from e911.wire import to_document
from e911_cloud import aws
from e911_cloud.drafts import read_draft
from e911_cloud.tables import DRAFTS as TABLE_OF

ROOT = Path(__file__).parents[2]
STACK = "test"
QUEUES = ("Notice", "Publish", "Render")
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    "STACK": STACK,
    "DEPLOYMENT": "test",
    "BUCKET": f"{STACK}-bucket",
    "POWERTOOLS_DEV": "false",
}


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags, each kept as ``{tag: value}``."""


def _tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {suffix: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _tag)


@cache
def read_template() -> dict[str, Any]:
    """template.yaml with its tags as one-key objects."""
    template: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), _Loader)
    return template


@contextmanager
def running_stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Inside, AWS is moto and holds what the template says; the environment is a function's."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        resources = read_template()["Resources"]
        _make_tables(resources)
        aws.client("s3").create_bucket(Bucket=ENVIRONMENT["BUCKET"])
        for name in QUEUES:
            url = _make_queue(name, resources[f"{name}Queue"]["Properties"])
            monkeypatch.setenv(f"{name.upper()}_QUEUE_URL", url)
        properties = resources["SigningKey"]["Properties"]
        key = aws.client("kms").create_key(
            KeySpec=properties["KeySpec"], KeyUsage=properties["KeyUsage"]
        )
        monkeypatch.setenv("SIGNING_KEY_ID", key["KeyMetadata"]["Arn"])
        yield


def seed(drafts: dict[tuple[str, str], dict[str, Any]]) -> None:
    """Put drafts where an administrator's edits put them; moto's transactions are slow."""
    for (kind, id_), fields in drafts.items():
        body = to_document(read_draft(kind, id_, fields))
        body.pop("id")
        TABLE_OF[kind](kind, id_, version=1, body=body).save()


def messages(name: str) -> list[dict[str, Any]]:
    """Take every message that waits in a queue."""
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=_queue_name(name))["QueueUrl"]
    taken = []
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in found:
            taken.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return taken


def sqs_event(*bodies: dict[str, Any]) -> dict[str, Any]:
    """What Lambda hands a function for these messages."""
    return {
        "Records": [
            {
                "messageId": f"m{n}",
                "receiptHandle": f"r{n}",
                "body": json.dumps(body),
                "attributes": {},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue.fifo",
                "awsRegion": "us-east-1",
            }
            for n, body in enumerate(bodies)
        ]
    }


def _make_tables(resources: dict[str, Any]) -> None:
    dynamodb = aws.client("dynamodb")
    wanted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    for resource in resources.values():
        if resource["Type"] == "AWS::DynamoDB::Table":
            properties = resource["Properties"]
            name = properties["TableName"]["Sub"].replace("${AWS::StackName}", STACK)
            given = {key: properties[key] for key in wanted if key in properties}
            dynamodb.create_table(TableName=name, **given)


def _make_queue(name: str, properties: dict[str, Any]) -> str:
    attributes = {"VisibilityTimeout": str(properties["VisibilityTimeout"])}
    if properties.get("FifoQueue"):
        attributes["FifoQueue"] = "true"
    made = aws.client("sqs").create_queue(QueueName=_queue_name(name), Attributes=attributes)
    url: str = made["QueueUrl"]
    return url


def _queue_name(name: str) -> str:
    is_fifo = read_template()["Resources"][f"{name}Queue"]["Properties"].get("FifoQueue")
    return f"{STACK}-{name}.fifo" if is_fifo else f"{STACK}-{name}"
