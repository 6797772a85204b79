"""A PSAP's hook flash, said to a platform: an INFO that no two makers spell alike, or a
telephone-event.

No standard names a body: all of these are what RFC 6086 §2 calls legacy usage of INFO.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.sip.dialog import Dialog
from edge_agent.sip.message import Request

FLASH_EVENT = 16
"""Flash (RFC 2833 §3.10); RFC 4733 only keeps its code (table 8), gateways still send and take
it.
"""


@dataclass(frozen=True, slots=True)
class FlashBody:
    """What one maker's INFO carries."""

    kind: str
    content: bytes


FLASH_BODIES = {  # the numbers are those of AudioCodes' HookFlashOption, which speaks all four
    "broadsoft": FlashBody("application/broadsoft; version=1.0", b"event flashhook\r\n"),  # 1
    "hook-flash": FlashBody("application/hook-flash", b"signal=hf\r\n"),  # 5 Lucent; Cisco's ATAs
    "dtmf-relay": FlashBody("application/dtmf-relay", b"Signal=16\r\n"),  # 6 NetCentrex
    "sscc": FlashBody("application/sscc", b"event=flashhook\r\n"),  # 7 Huawei
}
"""AudioCodes' manual shows ``broadsoft`` for just this, a PSAP's wink on a gateway's port
(LTRT-65412 page 392), and it is the one that its analog ports take back.
"""


def flash_info(dialog: Dialog, form: str) -> Request:
    """The next request of ``dialog``: INFO with a hook flash, in one of :data:`FLASH_BODIES`."""
    body = FLASH_BODIES[form]
    info = dialog.request("INFO")
    info.headers.add("content-type", body.kind)
    return Request(info.method, info.uri, info.headers, body.content)
