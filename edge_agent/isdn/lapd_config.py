"""How one data link is set up: the line it is on, its TEI, and the parameters of Q.921 §5.9."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from edge_agent.isdn.lapd_frame import MODULUS
from edge_agent.isdn.timers import LinkTimer, check

MOST_FIXED_TEI = 63
"""TEIs above belong to the network to assign (Q.921 §3.3.4.2)."""


class Interface(StrEnum):
    """Who else is on the line."""

    PRIMARY = "pri"
    """Primary rate: one user, TEI 0."""
    BASIC = "bri-ptp"
    """Basic rate with one user, whose TEI is fixed."""
    MULTIPOINT = "bri-ptmp"
    """Basic rate with several users: the network assigns the TEI and offers calls to all."""


@dataclass(frozen=True, slots=True)
class LinkConfig:
    """Parameters of the link; the defaults are those of a primary rate interface.

    Raises:
        ValueError: a value outside its limits; the text names it.
    """

    t200_s: float = LinkTimer.T200.value.seconds
    t203_s: float = LinkTimer.T203.value.seconds
    rest_s: float = LinkTimer.REST.value.seconds
    n200: int = 3
    window: int = 7
    interface: Interface = Interface.PRIMARY
    tei: int | None = 0
    """``None`` where the network assigns it."""
    t202_s: float = LinkTimer.T202.value.seconds
    n202: int = 3

    @classmethod
    def primary(cls) -> Self:
        """A primary rate interface."""
        return cls()

    @classmethod
    def basic(cls, tei: int = 0) -> Self:
        """A basic rate interface, point-to-point."""
        return cls(window=1, interface=Interface.BASIC, tei=tei)

    @classmethod
    def multipoint(cls) -> Self:
        """A basic rate interface, point-to-multipoint."""
        return cls(window=1, interface=Interface.MULTIPOINT, tei=None)

    def __post_init__(self) -> None:
        check(LinkTimer.T200, self.t200_s)
        check(LinkTimer.T202, self.t202_s)
        check(LinkTimer.T203, self.t203_s)
        check(LinkTimer.REST, self.rest_s)
        for name, value in (("n200", self.n200), ("n202", self.n202)):
            if not 1 <= value <= 10:
                raise ValueError(f"{name} is {value}; it must be 1 to 10")
        if not 1 <= self.window < MODULUS:
            raise ValueError(f"window is {self.window}; it must be 1 to {MODULUS - 1}")
        if (self.tei is None) != (self.interface is Interface.MULTIPOINT):
            raise ValueError("tei must be given, except on bri-ptmp, where the network assigns it")
        most = MOST_FIXED_TEI if self.interface is Interface.BASIC else 0
        if self.tei is not None and not 0 <= self.tei <= most:
            raise ValueError(f"tei is {self.tei}; on {self.interface} it must be 0 to {most}")
