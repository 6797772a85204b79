"""Answers with the event it was given, and keeps one row for each request it really ran."""

import json
import os
import threading
from typing import Any

import boto3


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The event comes back as the body; the header x-act asks for something else."""
    match event["headers"].get("x-act"):
        case "fail":
            raise ValueError("asked to")
        case "linger":
            threading.Event().wait(60)
        case "keep":
            key = event["headers"]["x-key"]
            boto3.client("dynamodb").put_item(
                TableName=os.environ["TABLE"], Item={"pk": {"S": key}}
            )
    return {
        "statusCode": 201,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(event),
    }
