"""What a file says of a CAMA trunk is what its core is told, and what its core will not take is a
fault of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent import equipment
from edge_agent.cama.config import Answering, CamaSpan, Start, Supervising
from edge_agent.cama.signals import Tones
from edge_agent.cama_equipment import callback_note, cama_config, cama_trunks, trunk_faults
from edge_agent.config import Config, ConfigFaults, Fault, load, parse
from edge_agent.drivers.dahdi_line import DahdiOrder
from edge_agent.gateway.requests import Equip
from edge_agent.gateway.trunks import Order
from edge_agent.leg import Law

EXAMPLE = Path(__file__).parents[2] / "infra" / "edge" / "cama.toml"


def example(*changes: tuple[str, str]) -> Config:
    """The example that ships, with some of it changed."""
    body = EXAMPLE.read_text()
    for old, new in changes:
        assert old in body
        body = body.replace(old, new, 1)
    return parse(body, EXAMPLE)


def test_the_example_that_ships_is_good_and_its_trunk_is_made() -> None:
    config = load(EXAMPLE, trunk_faults)
    assert list(cama_trunks(config)) == ["spf-cama"]
    assert list(cama_trunks(config)["spf-cama"].spans) == ["em-1"]


def test_every_key_reaches_the_core() -> None:
    config = example(
        ('answer = ""', 'answer = "delay"'),
        ('start = "wink"', 'start = "delay-dial"'),
        ("level_dbm0 = -7.0", "level_dbm0 = -8"),
        ("st_ms = 68", "st_ms = 70"),
        ('signalling = "em"', 'signalling = "bits"'),
        ("guard = 1.0", "guard = 2.0"),
    )
    told = cama_config(config.camas[0], equipment.spans_of(config, "spf-cama"))
    assert told.trunk == "spf-cama"
    assert told.spans == (CamaSpan("em-1", (1, 2, 3, 4), Supervising.BITS, Law.MU),)
    assert (told.format, told.home_area, dict(told.npd)) == ("fgc", "425", {"425": 0, "206": 1})
    assert (told.start, told.answer) == (Start.DELAY_DIAL, Answering.DELAY)
    assert told.tones == Tones(100, 68, 70, 68, -8.0)
    assert told.timers["guard"] == 2.0


def test_the_gateway_is_told_of_its_channels_as_of_any_others() -> None:
    (equip,) = equipment.trunks_of(example())
    assert equip == Equip("spf-cama", (1, 2, 3, 4), (("em-1", (1, 2, 3, 4)),), Order.ROTATING)


def test_its_card_has_no_d_channel() -> None:
    (span,) = example(('channels = "1-4"', "")).spans
    order = equipment.span_order(span)
    assert isinstance(order, DahdiOrder)
    assert (order.d_channel, order.b_channels) == (0, tuple(range(1, 25)))


def test_what_the_core_will_not_take_is_a_fault_of_its_table() -> None:
    assert trunk_faults(example()) == ()
    (fault,) = trunk_faults(example(('home_area = "425"', 'home_area = ""')))
    assert fault.key == "cama[0]"
    assert "home_area must be set" in fault.reason
    (fault,) = trunk_faults(example(("start_wait", "start_weight")))
    assert "start_weight is no timer" in fault.reason


def test_digits_that_no_channel_can_hold_at_once_are_a_fault_and_those_within_r1_are_none() -> None:
    twenty = ('"fgc"', '"kp-0-npa-nxx-xxxx-st-kp-yyy-yyy-yyyy-st"')
    long_kp, long_gap = ("kp_ms = 100", "kp_ms = 107"), ("gap_ms = 68", "gap_ms = 75")
    assert (
        trunk_faults(example(twenty, long_kp, long_gap, ("digit_ms = 68", "digit_ms = 75"))) == ()
    )
    (fault,) = trunk_faults(example(twenty, long_kp, long_gap, ("digit_ms = 68", "digit_ms = 90")))
    assert fault == Fault("cama[0]", "the digits would take 4040 ms; a channel holds 4000")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            [('"fgc"', '"kp-0-nxx-xxxx-st"'), ('elin = "4255550100"', 'elin = "2065550100"')],
            "area code 206 is not the trunk's, and kp-0-nxx-xxxx-st leaves it out",
        ),
        (
            [('"fgc"', '"kp-npd-nxx-xxxx-st"'), ('elin = "4255550100"', 'elin = "3605550100"')],
            "area code 360 has no numbering plan digit",
        ),
    ],
)
def test_r1_an_elin_that_the_trunk_of_the_last_resort_cannot_say_is_a_fault(
    changes: list[tuple[str, str]], why: str
) -> None:
    format_only, _ = changes
    assert trunk_faults(example(format_only)) == ()
    faults = trunk_faults(example(*changes))
    assert faults == (Fault("last_resort.elin", f"trunk spf-cama: {why}"),)


def test_a_last_resort_over_another_trunk_is_none_of_the_cama_trunks_business() -> None:
    changes = [
        ('"fgc"', '"kp-0-nxx-xxxx-st"'),
        ('elin = "4255550100"', 'elin = "2065550100"'),
        ('trunk = "spf-cama"\ncalled', 'trunk = "carrier"\nhost = "192.0.2.30"\ncalled'),
    ]
    assert trunk_faults(example(*changes)) == ()


def test_a_desk_that_would_be_rung_over_a_cama_trunk_is_a_fault() -> None:
    desk = 'desk = "sip:desk@pbx.example.com"'
    assert trunk_faults(example((desk, 'desk = "tel:4255550199;trunk=carrier"'))) == ()
    (fault,) = trunk_faults(example((desk, 'desk = "tel:4255550199;trunk=spf-cama"')))
    assert fault.key == "last_resort.desk"
    assert "a PSAP would answer" in fault.reason


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ('id = "spf-cama"', 'id = "other"', "cama[0].id", "no [[span]] is of trunk 'other'"),
        ('id = "spf-cama"', 'id = "other"', "span[0].trunk", "no [[cama]] describes trunk"),
        ('"em"', '"isdn"', "span[0].signalling", "must be em, loop or bits on a [[cama]] trunk"),
        ('line = "t1"', 'line = "bri"', "span[0].line", "must be t1, e1 or analog"),
        ('channels = "1-4"', 'line2 = ""', "span[0].line2", "is not a key that is known here"),
        ("[last_resort]", '[[trunk]]\nid = "spf-cama"\n[last_resort]', "cama[0].id", "[[trunk]]"),
        ("level_dbm0 = -7.0", "level_dbm0 = 3", "cama[0].level_dbm0", "from -20 to -3, is 3"),
        ('"425" = 0,', '"425" = 1,', "cama[0].npd", "gives two area codes the same digit"),
        ('"425" = 0,', '"42" = 0,', "cama[0].npd", "names no area code: '42'"),
        ('"fgc"', '"kp-st"', "cama[0].format", "must be one of kp-0-nxx-xxxx-st"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_key_and_reason(
    old: str, new: str, key: str, reason: str
) -> None:
    with pytest.raises(ConfigFaults) as refused:
        example((old, new))
    assert any(f.key == key and reason in f.reason for f in refused.value.faults), refused.value


def test_an_analog_card_says_which_ports_it_has() -> None:
    changes = (('line = "t1"', 'line = "analog"'), ('channels = "1-4"', ""))
    with pytest.raises(ConfigFaults) as refused:
        example(*changes)
    assert Fault("span[0].channels", "is missing: the ports of the card") in refused.value.faults


def test_a_file_that_no_callback_can_come_by_says_so() -> None:
    assert "delivers_callbacks" in callback_note(example())
    with_carrier = example(("[last_resort]", '[last_resort]\nhost = "192.0.2.30"'))
    assert callback_note(with_carrier) == ""
    assert callback_note(load(EXAMPLE.with_name("edge.toml"))) == ""
