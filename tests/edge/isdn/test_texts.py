"""Texts, keys and hours."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.elements import (
    MalformedElement,
    UserUser,
    date_time,
    keypad,
    read_date_time,
    read_display,
    read_keypad,
    read_user_user,
)


def test_the_octet_that_american_switches_put_before_a_text_is_no_text() -> None:
    assert read_display(b"\xb1PSAP KING CO") == "PSAP KING CO"
    assert read_display(b"PSAP KING CO") == "PSAP KING CO"
    assert read_display(b"PSAP\x1b[2J\xff") == "PSAP?[2J?"


def test_a_clock_shows_a_date_and_perhaps_a_time() -> None:
    assert read_date_time(bytes((26, 3, 4))) == datetime(2026, 3, 4)
    assert read_date_time(bytes((26, 3, 4, 5, 6, 7))) == datetime(2026, 3, 4, 5, 6, 7)


@pytest.mark.parametrize("content", [(26, 3), (26, 13, 1), (26, 2, 30), (26, 3, 4, 25)])
def test_an_hour_that_does_not_exist_is_malformed(content: tuple[int, ...]) -> None:
    with pytest.raises(MalformedElement):
        read_date_time(bytes(content))


@given(at=st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))
def test_a_date_is_read_as_written_to_the_minute(at: datetime) -> None:
    assert read_date_time(date_time(at).content) == at.replace(second=0, microsecond=0)


@given(digits=st.text("0123456789*#", min_size=1, max_size=32))
def test_keys_are_read_as_written(digits: str) -> None:
    assert read_keypad(keypad(digits).content) == digits


def test_user_information_is_octets_of_a_protocol() -> None:
    assert read_user_user(b"\x04hi") == UserUser(4, b"hi")
