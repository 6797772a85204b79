"""Messages of a queue, each done or named as failed; a failure is logged by kind."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
)


class LooseBatch(BatchProcessor):
    """Messages in any order: one that fails holds up no other."""

    def __init__(self, log: Logger) -> None:
        super().__init__(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        self._log = log

    def failure_handler(self, record: Any, exception: Any) -> Any:
        """Log the kind of error: its text could hold what logs must not."""
        self._log.warning("failed", extra={"cause": exception[0].__name__})
        return super().failure_handler(record, exception)


class OrderedBatch(SqsFifoPartialProcessor):
    """Messages in order: the first that fails holds back the rest."""

    def __init__(self, log: Logger) -> None:
        super().__init__()
        self.raise_on_entire_batch_failure = False
        self._log = log

    def failure_handler(self, record: Any, exception: Any) -> Any:
        """Log the kind of error: its text could hold what logs must not."""
        self._log.warning("failed", extra={"cause": exception[0].__name__})
        return super().failure_handler(record, exception)
