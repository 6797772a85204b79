"""Every rule that never breaks, and every row of "when calls meet", has tests that name it."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.contracts.tree import ROOT

RULES = [f"r{n}" for n in range(1, 14)]
MEETINGS = {
    "same caller redials": "test_a_redial_has_the_same_elin_and_incident_and_a_call_id_of_its_own",
    "same caller, another ERL": (
        "test_a_redial_from_another_floor_has_a_new_elin_and_both_ring_the_caller"
    ),
    "callback while the first call is up": (
        "test_a_callback_while_the_first_call_is_up_leaves_it_alone_and_asks_the_desk_after_10_s"
    ),
    "callback while the new 911 is unanswered": (
        "test_a_callback_that_meets_the_unanswered_redial_tries_the_busy_caller_for_20_s"
    ),
    "glare on the last channel": (
        "test_glare_on_the_last_channel_gives_it_to_the_callback_and_911_the_next_step"
    ),
    "all channels in emergencies": "test_all_channels_in_emergencies_is_503_at_once",
    "REFER": "test_a_transfer_of_an_emergency_call_is_refused",
    "another party by re-INVITE": (
        "test_another_party_on_the_callers_leg_moves_media_and_becomes_an_alternate"
    ),
    "another party by Replaces": "test_replaces_moves_the_voice_and_keeps_the_first_caller_bound",
    "TCP lost": "test_a_call_outlives_its_connection_and_hangs_up_on_a_new_one",
    "session timer lost": ("test_a_session_timer_is_accepted_in_the_200_and_its_loss_ends_nothing"),
    "caller's peer dead": (
        "test_a_callers_dead_peer_sends_the_callback_to_other_peers_then_to_the_desk"
    ),
}


@cache
def names_of_tests() -> frozenset[str]:
    """Every test function below ``tests``."""
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(node.name)
    return frozenset(name for name in found if name.startswith("test_"))


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_named_by_at_least_two_tests(rule: str) -> None:
    naming = [name for name in names_of_tests() if rule in name.split("_")]
    assert len(naming) >= 2, f"{rule.upper()} is named by {naming}"


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_told_in_the_documentation(rule: str) -> None:
    assert f"\n**{rule.upper()} " in (ROOT / "docs/rules.md").read_text()


@pytest.mark.parametrize("row", MEETINGS)
def test_each_row_of_when_calls_meet_has_its_story(row: str) -> None:
    assert MEETINGS[row] in names_of_tests()


def test_a_rule_that_nobody_names_would_be_seen() -> None:
    assert not [name for name in names_of_tests() if "r99" in name.split("_")[:-1]]
