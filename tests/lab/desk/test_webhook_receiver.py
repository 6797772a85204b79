"""The desk's receiver believes who signs with the secret of the target, and nobody else."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path

import pytest

from e911_cloud.webhook import Webhook, WebhookRefused, sign
from lab.desk.webhook_receiver import Hook, WebhookReceiver
from lab.phones.bulletin import Bulletin

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()
OTHER = "whsec_" + base64.b64encode(b"another secret of as many bytes.").decode()
BODY = json.dumps(
    {"data": {"step": "started", "call": "c-1", "erl": "spf-f2", "name": "A"}}
).encode()


def test_a_webhook_of_the_product_is_taken_and_found_by_what_it_is_about(tmp_path: Path) -> None:
    def send(desk: WebhookReceiver, url: str) -> None:
        _post(desk, f"{url}/spf-hook", SECRET)

    desk, hooks = _receive(tmp_path, send)
    assert [(hook.id, hook.step, hook.call) for hook in hooks] == [("m-1", "started", "c-1")]
    assert desk.about("started", erl="spf-f2", name="A") == hooks
    assert desk.about("ended") == desk.about("started", erl="spf-f1") == []


def test_another_signature_another_target_or_another_body_is_turned_away(tmp_path: Path) -> None:
    def send(desk: WebhookReceiver, url: str) -> None:
        with pytest.raises(WebhookRefused, match="401"):
            _post(desk, f"{url}/spf-hook", OTHER)
        with pytest.raises(WebhookRefused, match="401"):
            _post(desk, f"{url}/spf-hook", SECRET, sent=BODY + b" ")
        with pytest.raises(WebhookRefused, match="404"):
            _post(desk, f"{url}/shb-hook", SECRET)

    desk, hooks = _receive(tmp_path, send)
    assert hooks == []
    assert desk.forged == 2


def _post(desk: WebhookReceiver, url: str, secret: str, sent: bytes = BODY) -> None:
    headers = sign(secret, "m-1", int(time.time()), BODY)
    Webhook((ip_network("127.0.0.0/8"),), desk.ca_pem).post(url, headers, sent)


def _receive(
    folder: Path, send: Callable[[WebhookReceiver, str], None]
) -> tuple[WebhookReceiver, list[Hook]]:
    async def story() -> WebhookReceiver:
        desk = WebhookReceiver(Bulletin(), {"spf-hook": SECRET})
        url = desk.open(folder)
        try:
            await asyncio.to_thread(send, desk, url)
        finally:
            desk.close()
        return desk

    desk = asyncio.run(story())
    return desk, desk.hooks
