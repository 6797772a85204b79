"""Lengths, octet groups and digits."""

from __future__ import annotations

import pytest

from edge_agent.isdn.ie import Ie, MalformedElement, digits_of, group, measured


def test_an_octet_group_ends_with_the_first_extension_bit() -> None:
    assert group(Ie.CAUSE, bytes.fromhex("81 90")) == (b"\x81", b"\x90")
    assert group(Ie.CAUSE, bytes.fromhex("01 02 80 90")) == (b"\x01\x02\x80", b"\x90")


@pytest.mark.parametrize("octets", [b"", b"\x01", b"\x01\x7f"])
def test_a_group_that_never_ends_is_malformed(octets: bytes) -> None:
    with pytest.raises(MalformedElement) as refused:
        group(Ie.CAUSE, octets)
    assert refused.value.ie is Ie.CAUSE


def test_content_has_a_least_and_a_longest_length() -> None:
    assert measured(Ie.PROGRESS, b"\x81\x88", 2) == b"\x81\x88"
    assert measured(Ie.CALLED, b"1" * 255) == b"1" * 255
    for content in (b"\x81", b"\x81\x88\x00"):
        with pytest.raises(MalformedElement):
            measured(Ie.PROGRESS, content, 2)


def test_only_digits_and_keys_are_digits() -> None:
    assert digits_of(b"+1 (425)\x00*#A\xb1") == "+1425*#"
