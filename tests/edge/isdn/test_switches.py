"""The variants of signalling are rows."""

from __future__ import annotations

from edge_agent.isdn.elements import Screening, Ton
from edge_agent.isdn.maintenance import Coding
from edge_agent.isdn.switches import SWITCHES, Switch, SwitchType

NI2, LUCENT, ATT, DMS, EURO = SwitchType


def those(wanted: object, column: str) -> list[SwitchType]:
    return [switch for switch, row in SWITCHES.items() if getattr(row, column) == wanted]


def test_every_switch_has_a_row_and_its_name_is_what_the_configuration_says() -> None:
    assert set(SWITCHES) == set(SwitchType)
    assert [switch.value for switch in SwitchType] == ["ni2", "5ess", "4ess", "dms100", "euro"]


def test_each_quirk_is_that_of_the_switches_that_have_it() -> None:
    """q931.md §3, §7 and §8."""
    assert those(True, "sending_complete") == [EURO]
    assert those(True, "says_not_isdn") == [NI2]
    assert those(Screening.NETWORK, "screening_forced") == [ATT, DMS]
    assert those(Ton.NATIONAL, "called_ton") == [ATT]
    assert those(Coding.NATIONAL, "maintenance") == [NI2]
    assert those(Coding.ATT, "maintenance") == [LUCENT, ATT, DMS]


def test_no_column_says_the_same_in_every_row_but_for_what_a_trunk_may_change() -> None:
    changeable = {"called_npi", "calling_ton", "calling_npi"}
    for column in set(Switch.__slots__) - changeable:
        assert len({getattr(row, column) for row in SWITCHES.values()}) > 1
