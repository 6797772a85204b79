"""A trunk that is set up wrongly is refused before it starts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edge_agent.isdn.config import E1_CHANNELS, T1_CHANNELS, IsdnTrunkConfig, Line
from edge_agent.isdn.elements import Access, Presentation
from edge_agent.isdn.lapd_config import LinkConfig
from edge_agent.isdn.timers import T


def test_a_t1_has_23_channels_and_an_e1_30() -> None:
    assert (len(T1_CHANNELS), len(E1_CHANNELS), 16 in E1_CHANNELS) == (23, 30, False)


def test_a_line_has_the_channels_of_its_kind() -> None:
    assert (Line.T1.channels, Line.E1.channels) == (T1_CHANNELS, E1_CHANNELS)
    some = IsdnTrunkConfig("t", "s", channels=(1, 17), line=Line.E1, logical_channels=True)
    assert (some.basic, some.access) == (False, Access(logical=True))


@pytest.mark.parametrize("link", [LinkConfig.basic(), LinkConfig.multipoint()])
def test_a_basic_rate_line_has_two_channels_and_short_references(link: LinkConfig) -> None:
    basic = IsdnTrunkConfig("t", "s", channels=(1, 2), link=link)
    assert (basic.basic, basic.access) == (True, Access(basic=True))
    assert (basic.reference_octets, basic.most_reference) == (1, 127)
    primary = IsdnTrunkConfig("t", "s")
    assert (primary.reference_octets, primary.most_reference) == (2, 0x7FFF)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: IsdnTrunkConfig("", "s"), "trunk"),
        (lambda: IsdnTrunkConfig("t", ""), "span"),
        (lambda: IsdnTrunkConfig("t", "s", channels=()), "channels"),
        (lambda: IsdnTrunkConfig("t", "s", channels=(1, 1)), "channels"),
        (lambda: IsdnTrunkConfig("t", "s", channels=(0,)), "channels"),
        (lambda: IsdnTrunkConfig("t", "s", channels=(16, 24)), "channels"),
        (lambda: IsdnTrunkConfig("t", "s", channels=(24,), line=Line.T1), "channels"),
        (lambda: IsdnTrunkConfig("t", "s", channels=(1, 2, 3), link=LinkConfig.basic()), "1 and 2"),
        (lambda: IsdnTrunkConfig("t", "s", logical_channels=True), "logical_channels"),
        (lambda: IsdnTrunkConfig("t", "s", overlap_digits=-1), "overlap_digits"),
        (lambda: IsdnTrunkConfig("t", "s", overlap_digits=21), "overlap_digits"),
        (lambda: IsdnTrunkConfig("t", "s", t316_s=1.0), "T316"),
        (lambda: IsdnTrunkConfig("t", "s", t309_s=5.0), "T309"),
        (lambda: IsdnTrunkConfig("t", "s", timers={T.T303: 60.0}), "T303"),
        (lambda: IsdnTrunkConfig("t", "s", emergency_timers={T.T310: 1.0}), "T310"),
        (
            lambda: IsdnTrunkConfig("t", "s", presentation=Presentation.NOT_AVAILABLE),
            "presentation",
        ),
    ],
)
def test_a_value_outside_its_limits_is_refused_by_name(
    make: Callable[[], IsdnTrunkConfig], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        make()
