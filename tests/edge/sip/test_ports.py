"""RTP ports rest after use, until there is no other."""

from __future__ import annotations

import pytest

from edge_agent.sip.ports import PortPool


def test_ports_are_even_and_the_one_that_rested_longest_is_next() -> None:
    pool = PortPool(20001, 20007, 5.0)
    assert [pool.take(0.0), pool.take(0.0)] == [20002, 20004]
    pool.give_back(20004, 1.0)
    pool.give_back(20002, 2.0)
    assert [pool.take(8.0), pool.take(8.0), pool.take(8.0)] == [20006, 20004, 20002]


def test_a_port_that_has_not_rested_is_better_than_none() -> None:
    pool = PortPool(20000, 20000, 5.0)
    assert pool.take(0.0) == 20000
    assert pool.take(0.0) is None
    pool.give_back(20000, 1.0)
    assert pool.take(1.1) == 20000


@pytest.mark.parametrize(("first", "last"), [(80, 90), (20000, 19000), (20000, 70000)])
def test_a_range_that_is_none_is_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="1024"):
        PortPool(first, last, 5.0)
