"""What makes functions run besides HTTP: queues, schedules and table streams of the template.

Each source is one thread that asks moto. Asking costs, so a queue is looked at when a function has
just finished (it may have sent something) and otherwise twice a second.
"""

import re
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from lab.cloud.authorizers import Invoke
from lab.cloud.errors import UnsupportedTemplate
from lab.cloud.resources import ACCOUNT, REGION, Stack, client
from lab.cloud.template import EventSpec, FunctionSpec
from lab.cloud.worker import Outcome

_IDLE_S: Final = 0.5
_UNITS: Final = {"minute": 60.0, "hour": 3600.0, "day": 86400.0}
_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")


class Sources:
    """All sources of a template; `wake` makes them look at once."""

    def __init__(self, stack: Stack, endpoint: str, invoke: Invoke) -> None:
        self._stack = stack
        self._endpoint = endpoint
        self._invoke = invoke
        self._stopping = threading.Event()
        self._bells: list[threading.Event] = []
        self._threads: list[threading.Thread] = []
        for function in stack.template.functions:
            for event in function.events:
                if event.kind != "HttpApi":
                    self._add(function, event)

    def start(self) -> None:
        """Begin asking."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Something may have been sent."""
        for bell in self._bells:
            bell.set()

    def stop(self) -> None:
        """End every thread."""
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(5)

    def _add(self, function: FunctionSpec, event: EventSpec) -> None:
        properties = self._stack.resolve(event.properties)
        if properties.get("Enabled", True) is False or properties.get("State") == "DISABLED":
            return
        match event.kind:
            case "SQS":
                step = self._queue(function.name, properties)
            case "DynamoDB":
                step = self._stream(function.name, properties)
            case _:
                self._schedule(function.name, event.name, properties)
                return
        bell = threading.Event()
        self._bells.append(bell)
        self._threads.append(threading.Thread(target=self._poll, args=(step, bell), daemon=True))

    def _poll(self, step: Callable[[], bool], bell: threading.Event) -> None:
        while not self._stopping.is_set():
            bell.clear()
            try:
                again = step()
            except (BotoCoreError, ClientError):
                again = False  # moto is gone or its queue is: nothing to hand over
            if not again:
                bell.wait(_IDLE_S)

    def _queue(self, function: str, properties: Mapping[str, Any]) -> Callable[[], bool]:
        sqs = client("sqs", self._endpoint)
        arn = str(properties["Queue"])
        url = sqs.get_queue_url(QueueName=arn.rsplit(":", 1)[1])["QueueUrl"]
        size = min(10, int(properties.get("BatchSize", 10)))
        partial = "ReportBatchItemFailures" in properties.get("FunctionResponseTypes", [])

        def step() -> bool:
            messages = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=size,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            if not messages:
                return False
            outcome = self._invoke(function, {"Records": [_record(m, arn) for m in messages]})
            kept = _failed(outcome, messages, partial)
            for message in messages:
                if message["MessageId"] not in kept:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return True

        return step

    def _stream(self, function: str, properties: Mapping[str, Any]) -> Callable[[], bool]:
        streams = client("dynamodbstreams", self._endpoint)
        arn = str(properties["Stream"])
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        kind = str(properties.get("StartingPosition", "TRIM_HORIZON"))
        first = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType=kind)
        place = [str(first["ShardIterator"])]

        def step() -> bool:
            got = streams.get_records(ShardIterator=place[0], Limit=100)
            records = [_change(record, arn) for record in got["Records"]]
            if records and not self._invoke(function, {"Records": records}).ok:
                return False  # the same records again, as Lambda does
            place[0] = str(got["NextShardIterator"])
            return bool(records)

        return step

    def _schedule(self, function: str, name: str, properties: Mapping[str, Any]) -> None:
        expression = str(properties.get("ScheduleExpression", properties.get("Schedule")))
        match = _RATE.fullmatch(expression)
        if match is None:
            raise UnsupportedTemplate(f"{function}.{name}: the lab cannot keep {expression!r}")
        period = int(match[1]) * _UNITS[match[2]]
        given = properties.get("Input")

        def run() -> None:
            while not self._stopping.wait(period):
                self._invoke(function, given if given is not None else tick(function, name))

        self._threads.append(threading.Thread(target=run, daemon=True))


def tick(function: str, name: str) -> dict[str, Any]:
    """The event of a schedule."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{function}{name}"],
        "detail": {},
    }


def _record(message: Mapping[str, Any], arn: str) -> dict[str, Any]:
    """A message of SQS as Lambda hands it over."""
    attributes = {
        name: {
            "stringValue": value.get("StringValue"),
            "dataType": value["DataType"],
            "stringListValues": [],
            "binaryListValues": [],
        }
        for name, value in message.get("MessageAttributes", {}).items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": attributes,
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    }


def _failed(outcome: Outcome, messages: list[dict[str, Any]], partial: bool) -> set[str]:
    """The messages that stay in the queue: all of a failed batch, or those that were named."""
    every = {str(message["MessageId"]) for message in messages}
    if not outcome.ok:
        return every
    if not partial or not isinstance(outcome.document, dict):
        return set()
    failures = outcome.document.get("batchItemFailures") or []
    named = {str(failure.get("itemIdentifier")) for failure in failures}
    return named if named <= every else every  # AWS: an id it does not know fails the batch


def _change(record: Mapping[str, Any], arn: str) -> dict[str, Any]:
    """A change of a table as Lambda hands it over."""
    change = dict(record["dynamodb"])
    at = change.get("ApproximateCreationDateTime")
    if isinstance(at, datetime):
        change["ApproximateCreationDateTime"] = at.timestamp()
    return {**record, "dynamodb": change, "eventSourceARN": arn}
