"""The variants of primary rate signalling are rows."""

from __future__ import annotations

from edge_agent.isdn.switches import SWITCHES, SwitchType


def test_every_switch_has_a_row_and_its_name_is_what_the_configuration_says() -> None:
    assert set(SWITCHES) == set(SwitchType)
    assert [switch.value for switch in SwitchType] == ["ni2", "5ess", "4ess", "dms100", "euro"]


def test_only_a_network_that_dials_overlapping_is_told_that_digits_are_complete() -> None:
    assert [switch for switch, row in SWITCHES.items() if row.sending_complete] == [SwitchType.EURO]
