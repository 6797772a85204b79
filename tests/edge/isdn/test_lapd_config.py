"""Parameters of a link and their limits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edge_agent.isdn.lapd_config import Interface, LinkConfig
from edge_agent.isdn.lapd_frame import Side
from edge_agent.isdn.lapd_link import Link


def test_each_interface_has_the_window_and_tei_of_the_standard() -> None:
    primary, basic, multipoint = LinkConfig(), LinkConfig.basic(), LinkConfig.multipoint()
    assert LinkConfig.primary() == primary
    assert [config.window for config in (primary, basic, multipoint)] == [7, 1, 1]
    assert [config.tei for config in (primary, basic, multipoint)] == [0, 0, None]
    assert [config.interface for config in (primary, basic, multipoint)] == list(Interface)


def test_the_parameters_are_those_of_the_standard() -> None:
    config = LinkConfig()
    assert (config.t200_s, config.t202_s, config.t203_s) == (1.0, 2.0, 10.0)
    assert (config.n200, config.n202) == (3, 3)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: LinkConfig(t200_s=0.01), "T200"),
        (lambda: LinkConfig(t202_s=0.1), "T202"),
        (lambda: LinkConfig(t203_s=600.0), "T203"),
        (lambda: LinkConfig(rest_s=0.0), "REST"),
        (lambda: LinkConfig(n200=0), "n200"),
        (lambda: LinkConfig(n202=11), "n202"),
        (lambda: LinkConfig(window=128), "window"),
        (lambda: LinkConfig(tei=1), "tei is 1; on pri it must be 0 to 0"),
        (lambda: LinkConfig.basic(64), "tei is 64; on bri-ptp it must be 0 to 63"),
        (lambda: LinkConfig(tei=None), "tei must be given"),
        (lambda: LinkConfig(interface=Interface.MULTIPOINT), "tei must be given"),
    ],
)
def test_a_parameter_outside_its_limits_is_refused(
    make: Callable[[], LinkConfig], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        make()


@pytest.mark.parametrize("side", list(Side))
def test_only_a_user_with_dice_asks_for_a_tei(side: Side) -> None:
    reference = None if side is Side.USER else lambda: 1
    with pytest.raises(ValueError, match="TEI"):
        Link(LinkConfig.multipoint(), side, reference)
