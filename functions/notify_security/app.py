"""Tells security: one SQS message is one record for one target."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from e911.rows import TargetKind
from e911_cloud.aws import client
from e911_cloud.batches import LooseBatch
from e911_cloud.lookups import Published
from e911_cloud.notices import Teller, Told
from e911_cloud.notifiers import Notifier, WebhookNotifier
from e911_cloud.observe import logger
from e911_cloud.parameters import Secrets
from e911_cloud.settings import Settings
from e911_cloud.tables import bind_tables
from e911_cloud.twilio_notifier import TwilioNotifier
from e911_cloud.web import now
from e911_cloud.webhook import Webhook

log = logger("notify-security")
batch = LooseBatch(log)


@cache
def wired() -> Teller:
    """Built by the first call in a container, never by an import."""
    settings = Settings.read(os.environ)
    bind_tables(settings.stack)
    secrets = Secrets(client("ssm"), settings.stack)
    webhook = Webhook(settings.webhook_allowed, settings.webhook_ca)
    notifiers: dict[TargetKind, Notifier] = {
        TargetKind.WEBHOOK: WebhookNotifier(webhook, secrets.webhook_secret)
    }
    if settings.twilio_account:
        account, sender = settings.twilio_account, settings.twilio_from
        notifiers[TargetKind.SMS] = TwilioNotifier(account, secrets.twilio_token, sender)
    return Teller(Published(), Told(), notifiers)


def tell(record: SQSRecord) -> None:
    """Tell one target; whatever this raises brings the message again, and to the DLQ in the end."""
    message = record.json_body
    outcome = wired().tell(message, now())
    log.info(outcome, extra={"record": message["record"]["id"], "target": message["target"]})


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda's entry point: the messages that failed are named, the others are done."""
    return process_partial_response(event, tell, batch, context)
