"""Queues and table streams reach their functions; what a function refuses ends in the DLQ."""

from typing import Any

import boto3

from lab.cloud import LocalCloud
from tests.lab.asking import ask, bearer, until


def aws(cloud: LocalCloud, service: str) -> Any:
    return boto3.client(
        service,
        region_name=cloud.addresses.region,
        endpoint_url=cloud.addresses.moto,
        aws_access_key_id=cloud.addresses.root_key,
        aws_secret_access_key=cloud.addresses.root_secret,
    )


def kept(cloud: LocalCloud, s3: Any, source: str) -> list[str]:
    listed = s3.list_objects_v2(Bucket=cloud.addresses.outputs["Bucket"], Prefix=f"kept/{source}/")
    return [str(found["Key"]).rsplit("/", 1)[1] for found in listed.get("Contents", [])]


def test_a_message_reaches_its_function_and_a_refused_one_the_dlq(cloud: LocalCloud) -> None:
    sqs, s3 = aws(cloud, "sqs"), aws(cloud, "s3")
    for body in ("first", "poison", "second"):
        sqs.send_message(QueueUrl=cloud.addresses.resources["WorkQueue"], MessageBody=body)
    until(lambda: {"first", "second"} <= set(kept(cloud, s3, "aws:sqs")))
    dead = until(
        lambda: sqs.receive_message(QueueUrl=cloud.addresses.outputs["DeadLetters"]).get("Messages")
    )
    assert [message["Body"] for message in dead] == ["poison"]


def test_a_change_of_a_table_reaches_its_function(cloud: LocalCloud) -> None:
    s3 = aws(cloud, "s3")
    headers = bearer(cloud.admin_token(), **{"x-act": "keep", "x-key": "row"})
    ask("POST", f"{cloud.addresses.http}/things/x", headers=headers)
    until(lambda: "INSERT" in kept(cloud, s3, "aws:dynamodb"))


def test_a_schedule_can_be_rung_by_hand(cloud: LocalCloud) -> None:
    s3 = aws(cloud, "s3")
    assert cloud.control.invoke("Keeper", {"source": "aws.events"})["ok"]
    assert kept(cloud, s3, "schedule") == ["tick"]
