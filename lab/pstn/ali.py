"""The ALI database: a carrier's, so it knows only what stands in a file that it was given.

NENA 02-010 version 2.1, read by columns: an own table, shared with nobody who writes such files.
"""

from __future__ import annotations

from dataclasses import dataclass

LENGTH = 512
COLUMNS = {
    "function": (1, 1),
    "npa": (2, 4),
    "number": (5, 11),
    "house": (12, 21),
    "house_suffix": (22, 25),
    "before": (26, 27),
    "street": (28, 87),
    "suffix": (88, 91),
    "after": (92, 93),
    "community": (94, 125),
    "state": (126, 127),
    "location": (128, 187),
    "customer": (188, 219),
    "class": (220, 220),
    "zip": (267, 271),
}
"""First and last column, from 1, as the standard counts."""
COUNT = (62, 70)
_STREET = ("house", "house_suffix", "before", "street", "suffix", "after")


class AliFileRefused(Exception):
    """The file is not one that the carrier can load."""


@dataclass(frozen=True, slots=True)
class AliRecord:
    """What a dispatcher sees of a number."""

    number: str
    customer: str
    street: str
    location: str
    community: str
    state: str

    def one_line(self) -> str:
        """The address in one line."""
        return ", ".join((self.street, self.location, f"{self.community} {self.state}"))


class Ali:
    """Numbers and their addresses."""

    def __init__(self) -> None:
        self._records: dict[str, AliRecord] = {}

    def load(self, text: str) -> int:
        """Take a file; how many records it held.

        Raises:
            AliFileRefused: its form is wrong, or its trailer counts other than it holds.
        """
        lines = text.splitlines()
        if any(len(line) != LENGTH or not line.endswith("*") for line in lines):
            raise AliFileRefused("a record is not of 512 columns ended by *")
        if len(lines) < 2 or lines[0][:3] != "UHL" or lines[-1][:3] != "UTL":
            raise AliFileRefused("header or trailer is missing")
        data = lines[1:-1]
        if int(_cut(lines[-1], COUNT) or 0) != len(data):
            raise AliFileRefused("the trailer counts other than the file holds")
        for line in data:
            self._take({name: _cut(line, columns) for name, columns in COLUMNS.items()})
        return len(data)

    def look_up(self, number: str) -> AliRecord | None:
        """The record of a number; ``None`` is what a dispatcher knows as no record found."""
        return self._records.get(number)

    def _take(self, fields: dict[str, str]) -> None:
        number = fields["npa"] + fields["number"]
        if fields["function"] == "D":
            self._records.pop(number, None)
            return
        street = " ".join(fields[name] for name in _STREET if fields[name])
        self._records[number] = AliRecord(
            number,
            fields["customer"],
            street,
            fields["location"],
            fields["community"],
            fields["state"],
        )


def _cut(line: str, columns: tuple[int, int]) -> str:
    return line[columns[0] - 1 : columns[1]].strip()
