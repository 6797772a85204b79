"""A trunk that is set up wrongly is refused before it starts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edge_agent.isdn.config import E1_CHANNELS, T1_CHANNELS, IsdnTrunkConfig
from edge_agent.isdn.elements import Presentation
from edge_agent.isdn.timers import T


def test_a_t1_has_23_channels_and_an_e1_30() -> None:
    assert (len(T1_CHANNELS), len(E1_CHANNELS), 16 in E1_CHANNELS) == (23, 30, False)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: IsdnTrunkConfig("", "s"), "trunk"),
        (lambda: IsdnTrunkConfig("t", ""), "span"),
        (lambda: IsdnTrunkConfig("t", "s", channels=()), "channels"),
        (lambda: IsdnTrunkConfig("t", "s", channels=(1, 1)), "channels"),
        (lambda: IsdnTrunkConfig("t", "s", channels=(0,)), "channels"),
        (lambda: IsdnTrunkConfig("t", "s", channels=(16, 24)), "channels"),
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
