"""A branch on CAMA alone is called back over its platform, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from e911.callback_path import CARRIES_CALLS_IN, has_callback_path
from e911.rows import PeerRow, Row, TrunkKind, TrunkRow
from e911.snapshot import Snapshot
from tests.core.springfield import HEADER, rows

CAMA = TrunkRow("spf-cama", "springfield", TrunkKind.CAMA)
PLATFORM = PeerRow("lync", "springfield", "10.1.0.5")


def branch_with(*own: Row) -> Snapshot:
    """Springfield with these trunks and peers and no others."""
    kept = [row for row in rows() if not isinstance(row, TrunkRow | PeerRow)]
    return Snapshot.build(HEADER, [*kept, *own])


def test_every_kind_of_trunk_says_whether_it_carries_calls_in() -> None:
    assert set(CARRIES_CALLS_IN) == set(TrunkKind)


@pytest.mark.parametrize(
    ("kind", "carries"), [(TrunkKind.ISDN, True), (TrunkKind.SIP, True), (TrunkKind.CAMA, False)]
)
def test_isdn_and_sip_trunks_are_a_callback_path_and_cama_trunks_are_none(
    kind: TrunkKind, carries: bool
) -> None:
    assert has_callback_path(branch_with(CAMA, replace(CAMA, id="more", trunk=kind))) is carries


def test_a_platform_that_delivers_callbacks_is_a_path_and_another_is_none() -> None:
    assert not has_callback_path(branch_with(CAMA, PLATFORM))
    assert has_callback_path(branch_with(CAMA, replace(PLATFORM, delivers_callbacks=True)))


def test_what_another_branch_has_brings_no_call_to_this_one() -> None:
    away = replace(CAMA, id="shv-pri", branch="shelbyville", trunk=TrunkKind.ISDN)
    far = replace(PLATFORM, branch="shelbyville", delivers_callbacks=True)
    assert not has_callback_path(branch_with(CAMA, away, far))


def test_a_branch_without_any_trunk_is_reached_by_nobody() -> None:
    assert not has_callback_path(branch_with(PLATFORM))
