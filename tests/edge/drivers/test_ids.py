"""What must be unique is unique, and has the form that its standard asks for."""

from __future__ import annotations

from edge_agent.drivers.ids import RandomIds


def test_nothing_is_handed_out_twice() -> None:
    ids = RandomIds()
    for make in (ids.branch, ids.tag, ids.call_id, ids.leg_id, ids.leg, ids.session_id):
        assert len({make() for _ in range(500)}) == 500
    assert ids.leg() != ids.leg_id()


def test_two_runs_of_one_edge_are_told_apart() -> None:
    assert RandomIds().boot != RandomIds().boot
    assert RandomIds().leg() != RandomIds().leg()


def test_the_forms_of_the_standards() -> None:
    ids = RandomIds()
    assert ids.branch().startswith("z9hG4bK")  # RFC 3261 §8.1.1.7
    assert 0 <= ids.session_id() < 2**62
    assert all(1 <= ids.call_reference() <= 0x7FFF for _ in range(500))  # Q.931 §4.3
    assert all(0.0 <= ids.jitter() < 1.0 for _ in range(500))
