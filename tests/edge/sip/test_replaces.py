"""A call that takes over another names it, and a wrong name costs nothing."""

from __future__ import annotations

import pytest

from tests.edge.sip.scene import LYNC, PHONE_SDP, endpoint, offered, request


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("call-1;to-tag=e-tag-2;from-tag=p-tag", True),
        ("call-1 ; from-tag=p-tag ; to-tag=e-tag-2;early-only", True),
        ("call-1;to-tag=e-tag-2;from-tag=other", False),
        ("call-9;to-tag=e-tag-2;from-tag=p-tag", False),
        ("", False),
    ],
)
def test_the_leg_that_is_taken_over_is_named(line: str, found: bool) -> None:
    core = endpoint()
    first = offered(core.receive(request(body=PHONE_SDP), LYNC, 0.0)).leg
    second = request(branch="z9hG4bK-r", call_id="call-2", Replaces=line)
    call = offered(core.receive(second, LYNC, 1.0))
    assert call.replaces == (first if found else None)
