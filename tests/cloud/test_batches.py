"""A failed message is named, and the log says of what kind the failure was but not its text."""

from __future__ import annotations

from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from e911_cloud.batches import LooseBatch, OrderedBatch
from e911_cloud.observe import logger
from tests.cloud.stack import sqs_event


def do(record: SQSRecord) -> None:
    if not record.json_body["good"]:
        raise ValueError("Homer Simpson")


def run(batch: LooseBatch | OrderedBatch, *goods: bool) -> list[Any]:
    event = sqs_event(*({"good": good} for good in goods))
    outcome = process_partial_response(event, do, batch)
    return [each["itemIdentifier"] for each in outcome["batchItemFailures"]]


def test_one_failure_holds_up_no_other() -> None:
    assert run(LooseBatch(logger("x")), True, False, True) == ["m1"]


def test_in_order_the_first_failure_holds_back_the_rest() -> None:
    assert run(OrderedBatch(logger("x")), True, False, True) == ["m1", "m2"]


def test_all_failing_is_no_other_case() -> None:
    assert run(LooseBatch(logger("x")), False) == ["m0"]
    assert run(OrderedBatch(logger("x")), False) == ["m0"]


def test_the_log_has_the_kind_and_not_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    run(LooseBatch(logger("loose")), False)
    run(OrderedBatch(logger("ordered")), False)
    text = capsys.readouterr().out
    assert text.count('"cause":"ValueError"') == 2
    assert "Homer" not in text
