"""The same seed gives the same people, other seeds others, and no number is given twice."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from itertools import islice

import pytest

from e911.numbers import Nanp
from lab.cast import TONES, Cast, cast


def test_the_same_seed_tells_of_the_same_people() -> None:
    assert cast(7).offices == cast(7).offices
    assert cast(7).elsewhere == cast(7).elsewhere
    assert list(islice(cast(7).tones, 50)) == list(islice(cast(7).tones, 50))
    assert cast(7).offices != cast(8).offices


@pytest.mark.parametrize("seed", range(40))
def test_numbers_are_fictitious_and_nobody_shares_one(seed: int) -> None:
    told = cast(seed)
    numbers = _numbers(told)
    assert len(numbers) == len(set(numbers)) == 13
    for number in numbers:
        assert Nanp.parse(number).digits[3:8] == "55501"


@pytest.mark.parametrize("seed", range(40))
def test_people_sit_in_the_subnet_of_their_floor_and_nowhere_else(seed: int) -> None:
    told = cast(seed)
    for office in told.offices:
        *lower, last = office.floors
        for person in office.people:
            assert ip_address(person.address) in ip_network(last.subnet)
            assert all(ip_address(person.address) not in ip_network(f.subnet) for f in lower)
    nets = [ip_network(f.subnet) for office in told.offices for f in office.floors]
    assert len(set(nets)) == 3


def test_what_no_log_may_hold_is_everybody_and_every_street() -> None:
    told = cast(7)
    person = told.springfield.people[0]
    secrets = told.secrets()
    for word in (*person.name.split(), person.number, told.shelbyville.street):
        assert word in secrets
    assert told.elsewhere["RD"] in secrets


def test_tones_do_not_repeat_before_all_were_used() -> None:
    assert sorted(islice(cast(7).tones, len(TONES))) == sorted(TONES)


def _numbers(told: Cast) -> list[str]:
    return [
        number
        for office in told.offices
        for number in (
            office.main_number,
            *(elin for floor in office.floors for elin in floor.elins),
            *(person.number for person in office.people),
        )
    ]
