"""Numbers with and without octet 3a, as the standard and as the switches write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.elements import (
    Ie,
    Npi,
    Number,
    Presentation,
    Redirecting,
    Screening,
    Subaddress,
    Ton,
    called,
    calling,
    read_number,
    read_redirecting,
    read_subaddress,
)

DIGITS = st.text("0123456789*#", min_size=1, max_size=20)
SCREENED = Number("2065550911", Ton.NATIONAL, Npi.E164, Presentation.ALLOWED, Screening.NETWORK)


@given(
    digits=DIGITS,
    ton=st.sampled_from(Ton),
    npi=st.sampled_from(Npi),
    presentation=st.sampled_from(Presentation),
    screening=st.sampled_from(Screening),
)
def test_a_calling_number_is_read_as_written(
    digits: str, ton: Ton, npi: Npi, presentation: Presentation, screening: Screening
) -> None:
    said = Number(digits, ton, npi, presentation, screening)
    assert read_number(calling(said).content, Ie.CALLING) == said


@given(digits=DIGITS, ton=st.sampled_from(Ton), npi=st.sampled_from(Npi))
def test_a_called_number_is_read_as_written(digits: str, ton: Ton, npi: Npi) -> None:
    said = Number(digits, ton, npi)
    assert read_number(called(said).content, Ie.CALLED) == said


@pytest.mark.parametrize("ie", [Ie.CALLING, Ie.CONNECTED, Ie.REDIRECTING])
@pytest.mark.parametrize("octets", ["2183", "a183"], ids=["standard", "5ess-4ess-ni-dms"])
def test_octet_3a_is_seen_though_the_switch_says_that_none_follows(ie: Ie, octets: str) -> None:
    content = bytes.fromhex(octets) + b"2065550911"
    assert read_number(content, ie) == SCREENED


@pytest.mark.parametrize(
    ("content", "digits", "presentation"),
    [
        (b"\xa142555\x0050142 ", "4255550142", None),
        (b"\x214255550142", "4255550142", None),
        (b"\x21\x004255550142", "4255550142", 0),
        (b"\xa1", "", None),
        (b"\x00\xc3", "", 2),
        (b"\xa1+14255550142", "+14255550142", None),
    ],
    ids=["strange", "3a-left-out", "3a-goes-on", "none", "not-available", "plus"],
)
def test_digits_are_kept_whatever_stands_around_them(
    content: bytes, digits: str, presentation: int | None
) -> None:
    number = read_number(content, Ie.CALLING)
    assert (number.digits, number.presentation) == (digits, presentation)


@pytest.mark.parametrize(
    ("content", "reason"),
    [("21038f", 15), ("a1838f", 15), ("210382", 2), ("2183", None), ("a1", None)],
)
def test_a_redirecting_number_says_why(content: str, reason: int | None) -> None:
    read = read_redirecting(bytes.fromhex(content) + b"4255550142")
    assert (read.number.digits, read.reason) == ("4255550142", reason)
    assert isinstance(read, Redirecting)


def test_a_subaddress_is_octets_of_a_kind() -> None:
    content = bytes.fromhex("a8 31 32")
    assert read_subaddress(content, Ie.CALLED_SUBADDRESS) == Subaddress(2, b"12", True)
