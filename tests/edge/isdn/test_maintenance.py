"""SERVICE is acknowledged in the switch's own code, and changes nothing."""

from __future__ import annotations

import pytest

from edge_agent.isdn.maintenance import acknowledgement

CHANNEL_1_OUT = "0101821803a98381"


@pytest.mark.parametrize(
    ("service", "acknowledged"),
    [
        ("4302000007" + CHANNEL_1_OUT, "430280000f" + CHANNEL_1_OUT),
        ("030200000f" + CHANNEL_1_OUT, "0302800007" + CHANNEL_1_OUT),
        ("4302000207", "430280020f"),
        ("4302800007" + CHANNEL_1_OUT, None),
        ("030280000f" + CHANNEL_1_OUT, None),
        ("430200000f", None),
        ("0302000007", None),
        ("0802000007", None),
        ("43020000", None),
        ("", None),
    ],
)
def test_service_is_answered_with_the_same_content(service: str, acknowledged: str | None) -> None:
    answer = acknowledgement(bytes.fromhex(service))
    assert answer == (None if acknowledged is None else bytes.fromhex(acknowledged))
