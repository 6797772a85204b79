"""What a tandem makes of the MF digits on a CAMA trunk: one row for each form that it may be given.

Signals are written digits, ``*`` KP, ``#`` ST, ``A`` ST', ``B`` ST'' and ``C`` ST'''. The tandem
knows the form from the data of its trunk group, as every exchange does: the digits alone do not
tell a plan digit from an I digit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

EMERGENCY = "911"
SHORT_FOR_EMERGENCY = {"", "1", "11", EMERGENCY}
WITH_NUMBER = {"0", "00", "40", "44"}
"""I and II digits behind which a number stands that may be believed; 44 lets the screen flash."""

_END = "[#ABC]"
_FORMS: Mapping[str, str] = {
    # ANI alone: the group leads nowhere but to 911
    "kp-0-nxx-xxxx-st": r"\*(?P<info>0)(?P<line>\d{7})E|\*(?P<failed>[12])E",
    "kp-0-npa-nxx-xxxx-st": r"\*(?P<info>0)(?P<number>\d{10})E|\*(?P<failed>[12])E",
    "kp-npd-nxx-xxxx-st": r"\*(?P<plan>\d)(?P<line>\d{7})E|\*(?P<failed>[12])E",
    "kp-0-npa-nxx-xxxx-st-kp-yyy-yyy-yyyy-st": (
        r"\*(?P<info>0)(?P<number>\d{10})E\*(?P<place>\d{10})E|\*(?P<failed>[12])E"
    ),
    "kp-2-st": r"\*(?P<failed>[12])E",
    # the called number, and ANI when it is asked for
    "fgc": r"\*(?P<called>\d+)E\*(?P<info>\d)(?P<line>\d{7}|\d{10})?E",
    # ANI, and then the called number
    "fgd": r"\*(?P<info>\d\d)(?P<number>\d{10})?E\*(?P<called>\d*)E",
    # NENA 03-002
    "emf-10": r"\*(?P<info>\d\d)(?P<number>\d{10})?E",
    "emf-20": r"\*(?P<info>\d\d)(?P<number>\d{10})?E(\*(?P<place>\d{10})?E)?",
}
_PATTERNS = {form: re.compile(text.replace("E", _END)) for form, text in _FORMS.items()}
_TWO_GROUPS = ("fgc", "fgd", "kp-0-npa-nxx-xxxx-st-kp-yyy-yyy-yyyy-st", "emf-20")


@dataclass(frozen=True, slots=True)
class TrunkGroup:
    """The tandem's data of a group: which form it is sent, and how seven digits become ten."""

    form: str
    home_area: str = ""
    areas: Mapping[int, str] = field(default_factory=dict)
    """Area code by plan digit (NPD)."""

    @property
    def asks_for_ani(self) -> bool:
        """Whether the tandem asks for ANI behind the called number by going off hook."""
        return self.form == "fgc"


@dataclass(frozen=True, slots=True)
class Dialled:
    """Who is called and who calls; ``ani`` is empty where the number failed or cannot be made."""

    called: str = EMERGENCY
    ani: str = ""
    place: str = ""
    """The second number of a 20-digit form: what stands for the place (pANI)."""

    @property
    def ani_failed(self) -> bool:
        """Whether nobody knows who calls."""
        return not self.ani


def groups_in(signals: str) -> int:
    """How many groups have ended."""
    return len(re.findall(_END, signals))


def read(signals: str, group: TrunkGroup) -> Dialled | None:
    """What came so far as a call; None while more is to come.

    Digits that are none of the group's form are a call without a number and not a refusal: a
    selective router sends such a caller to the group's own PSAP.
    """
    ended = groups_in(signals)
    found = _PATTERNS[group.form].fullmatch(signals)
    if found is None:
        return Dialled() if ended >= _groups(group) else None
    if group.form == "emf-20" and ended == 1 and found["number"]:
        return None  # a number, and the second is still to come
    return _read(found.groupdict(), group)


def _groups(group: TrunkGroup) -> int:
    return 2 if group.form in _TWO_GROUPS else 1


def _read(parts: Mapping[str, str | None], group: TrunkGroup) -> Dialled:
    plan, info, line = parts.get("plan"), parts.get("info"), parts.get("line") or ""
    called = parts.get("called") or ""
    if called in SHORT_FOR_EMERGENCY:
        called = EMERGENCY
    if plan is None and info not in WITH_NUMBER:
        return Dialled(called)
    number = parts.get("number") or line
    if len(number) == 7:
        area = group.home_area if plan is None else group.areas.get(int(plan), "")
        number = area + number if area else ""
    return Dialled(called, number, place=parts.get("place") or "")
