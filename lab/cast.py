"""Who and what is in the lab: names, streets, numbers and tones, all from one seed.

Numbers are of the fictitious range 555-0100 to 555-0199 of an area code per branch.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

FIRST = ("Marisol", "Thaddeus", "Ingrid", "Lorcan", "Philippa", "Anselm", "Beatrix", "Cosmo")
LAST = ("Quimbleton", "Farnsworthy", "Abernethy", "Oyelaran", "Vandermeer", "Szymanski", "Thorvald")
STREETS = ("Larkspur", "Thistledown", "Wisteria", "Juniper", "Meadowlark", "Tamarack", "Bellflower")
AREAS = ("206", "253", "360", "425", "503", "541", "971", "509")
TONES = tuple(range(400, 2450, 50))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a phone."""

    name: str
    user: str
    number: str
    address: str
    """Of the phone, in the branch's network."""


@dataclass(frozen=True, slots=True)
class Floor:
    """An ERL to be."""

    erl: str
    name: str
    loc: str
    subnet: str
    elins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """One branch."""

    id: str
    name: str
    zone: str
    state: str
    street: str
    house: str
    postcode: str
    main_number: str
    floors: tuple[Floor, ...]
    people: tuple[Person, ...]

    @property
    def address(self) -> str:
        """The street address as ALI spells it."""
        return f"{self.house} {self.street} AVE".upper()


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody."""

    springfield: Office
    shelbyville: Office
    elsewhere: dict[str, str]
    """A civic address that is none of ours."""
    tones: Iterator[int]

    @property
    def offices(self) -> tuple[Office, Office]:
        """Both branches."""
        return self.springfield, self.shelbyville

    def secrets(self) -> tuple[str, ...]:
        """What no log may hold: every caller's name, number and contact, and every street."""
        people = [person for office in self.offices for person in office.people]
        words = [word for p in people for word in (*p.name.split(), p.user, p.number)]
        return (*words, *(office.street for office in self.offices), self.elsewhere["RD"])


def cast(seed: int) -> Cast:
    """The cast of a seed: the same for the same seed."""
    dice = random.Random(seed)
    first, last = dice.sample(FIRST, 5), dice.sample(LAST, 5)
    streets, areas = dice.sample(STREETS, 3), dice.sample(AREAS, 2)
    tones = list(TONES)
    dice.shuffle(tones)
    names = [f"{a} {b}" for a, b in zip(first, last, strict=True)]
    net = dice.randrange(10, 120)
    spf = _Maker(dice, areas[0], net)
    shb = _Maker(dice, areas[1], net + 100)
    springfield = spf.office(
        "springfield", "America/Los_Angeles", "WA", streets[0], ("spf-f1", "spf-f2"), names[:3]
    )
    shelbyville = shb.office(
        "shelbyville", "America/Chicago", "IL", streets[1], ("shb-f1",), names[3:]
    )
    elsewhere = {
        "country": "US",
        "A1": "OR",
        "A3": "Ogdenville",
        "RD": streets[2],
        "STS": "Ln",
        "HNO": str(dice.randrange(10, 999)),
        "PC": "97001",
    }
    return Cast(springfield, shelbyville, elsewhere, cycle(tones))


class _Maker:
    """Draws what one branch is made of."""

    def __init__(self, dice: random.Random, area: str, net: int) -> None:
        self._dice, self._net = dice, net
        lines = dice.sample(range(100, 200), 20)
        self._numbers = iter([f"{area}5550{line}" for line in lines])

    def office(
        self, id_: str, zone: str, state: str, street: str, erls: tuple[str, ...], names: list[str]
    ) -> Office:
        """A branch with two ELINs on each floor; the people sit on its last."""
        floors = tuple(self._floor(erl, n + 1) for n, erl in enumerate(erls))
        people = tuple(self._person(name, len(floors), n + 20) for n, name in enumerate(names))
        return Office(
            id_,
            id_.title(),
            zone,
            state,
            street,
            str(self._dice.randrange(100, 9900)),
            f"{self._dice.randrange(10000, 99999)}",
            next(self._numbers),
            floors,
            people,
        )

    def _floor(self, erl: str, floor: int) -> Floor:
        elins = (next(self._numbers), next(self._numbers))
        return Floor(erl, f"Floor {floor}", f"Flr {floor}", f"10.{self._net}.{floor}.0/24", elins)

    def _person(self, name: str, floor: int, host: int) -> Person:
        user = name.lower().replace(" ", ".")
        return Person(name, user, next(self._numbers), f"10.{self._net}.{floor}.{host}")
