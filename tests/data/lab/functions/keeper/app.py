"""Keeps in a bucket what its sources handed over; refuses messages that say so."""

import json
import os
from typing import Any

import boto3


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """One object for each record."""
    failures = []
    for record in event.get("Records", [{"eventSource": "schedule", "messageId": "tick"}]):
        if record.get("body") == "poison":
            failures.append({"itemIdentifier": record["messageId"]})
            continue
        name = record.get("body") or record.get("eventName") or "tick"
        boto3.client("s3").put_object(
            Bucket=os.environ["BUCKET"],
            Key=f"kept/{record['eventSource']}/{name}",
            Body=json.dumps(record).encode(),
        )
    return {"batchItemFailures": failures}
