"""SERVICE is acknowledged in the switch's own code, and says which channels are in service."""

from __future__ import annotations

import pytest

from edge_agent.isdn.elements import PRIMARY
from edge_agent.isdn.maintenance import Coding, Service, read_service, service

CHANNEL_1_OUT = "0101c21803a98381"


@pytest.mark.parametrize(
    ("octets", "acknowledged"),
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
def test_service_is_answered_with_the_same_content_and_an_answer_never(
    octets: str, acknowledged: str | None
) -> None:
    heard = read_service(bytes.fromhex(octets), PRIMARY)
    answer = None if heard is None else heard.acknowledgement.hex()
    assert answer == acknowledged


@pytest.mark.parametrize(
    ("content", "channels", "in_service"),
    [
        ("0101c0 1803a98381", (1,), True),
        ("0101c1 1803a98381", (1,), False),
        (CHANNEL_1_OUT, (1,), False),
        ("0101c3 1804a9830182", (1, 2), False),
        ("0101c4 1803a98397", (23,), False),
        ("010182 1801ac", (), False),
        ("010180 1802e981", (), True),
        ("0101c2", (), True),
        ("1803a98381", (), True),
        ("01 1803a98381", (), True),
    ],
    ids=[
        "in",
        "loopback",
        "out",
        "continuity",
        "shut-down",
        "d-channel",
        "interface",
        "no-channel",
        "no-status",
        "cut",
    ],
)
def test_a_service_names_channels_or_changes_nothing(
    content: str, channels: tuple[int, ...], in_service: bool
) -> None:
    heard = read_service(bytes.fromhex("4302000007" + content), PRIMARY)
    assert heard is not None
    assert (heard.channels, heard.in_service) == (channels, in_service)


@pytest.mark.parametrize(
    ("coding", "in_service", "octets"),
    [
        (Coding.NATIONAL, False, "4302000007 0101c2 1803a98385"),
        (Coding.ATT, True, "030200000f 0101c0 1803a98385"),
    ],
)
def test_our_own_service_is_one_that_we_would_understand(
    coding: Coding, in_service: bool, octets: str
) -> None:
    said = service(coding, 5, in_service=in_service, access=PRIMARY)
    assert said == bytes.fromhex(octets)
    heard = read_service(said, PRIMARY)
    assert heard == Service(heard.acknowledgement if heard else b"", (5,), in_service)
