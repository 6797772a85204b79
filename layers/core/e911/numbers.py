"""Telephone numbers and the people behind them, parsed once at the door.

An ELIN and a caller's own number have the same digits and opposite meanings. They are different
types, so that passing one for the other is a type error and not an ambulance at the wrong door.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from e911.errors import InvalidNumber

_PUNCTUATION = re.compile(r"[\s().\-]")
_NANP = re.compile(r"(?:\+?1)?([2-9]\d{2}[2-9]\d{6})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Nanp:
    """A ten-digit number of the North American Numbering Plan, e.g. ``Nanp("4255550142")``."""

    digits: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``text`` in any usual spelling (+1, 1, blanks, hyphens, dots, brackets).

        Raises:
            InvalidNumber: the text is not ten digits of the plan.
        """
        match = _NANP.fullmatch(_PUNCTUATION.sub("", text))
        if match is None:
            raise InvalidNumber("not a ten-digit number of the North American plan")
        return cls(match[1])

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Like :meth:`parse`, but ``None`` where the text is no such number: for values that may be
        absent.
        """
        match = _NANP.fullmatch(_PUNCTUATION.sub("", text))
        return None if match is None else cls(match[1])

    @property
    def e164(self) -> str:
        """The number with its country code: ``+14255550142``."""
        return f"+1{self.digits}"


class Elin(Nanp):
    """The number that the PSTN may look up in ALI: what a PSAP sees and dials back; never a
    caller's own.
    """

    __slots__ = ()


class Did(Nanp):
    """A number that rings somebody's phone; never what a PSAP sees."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """The phone that dialled, and how to reach it again.

    A caller is not a number: many have only an extension. ``contact`` is where a callback goes.
    """

    contact: str
    """SIP URI at the platform that reaches this caller again; empty on a trunk leg."""
    number: Did | None = None
    """The caller's own number, where one is known (P-Asserted-Identity tel, then sip, then From).
    """
    extension: str = ""
    """Digits that the platform gave where they are not a full number."""
    name: str = ""
    """Display name as the platform gave it."""
    peer: str = ""
    """Id of the peer that the call came from; the first that a callback tries."""
    alternates: tuple[str, ...] = ()
    """Further contacts that may be rung: an assistant, a party that took the call over."""

    def is_same(self, other: Caller) -> bool:
        """Whether both are one caller: the same callback contact at the platform, not the same
        number.
        """
        return self.contact.casefold() == other.contact.casefold()

    @property
    def spoken(self) -> str:
        """What a human may be shown as this caller's number."""
        return self.number.digits if self.number else self.extension or self.contact
