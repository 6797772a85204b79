"""Readers see whole generations; the best clue and the longest prefix win."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address

import pytest

from e911.hints import ElementKind, LocationHint
from e911.rows import Row
from e911_cloud import lookups
from e911_cloud.drafts import EdgeDraft, read_draft
from e911_cloud.lookups import Current, Published
from e911_cloud.tables import LookupRow
from tests.cloud.calls_of import NOON
from tests.cloud.places import DRAFTS


def rows() -> list[Row]:
    found = [read_draft(kind, id_, body) for (kind, id_), body in DRAFTS.items()]
    return [row for row in found if not isinstance(row, EdgeDraft)]


@pytest.fixture
def published(stack: None) -> Published:
    return Published()


def see(published: Published, key: str, later: int = 0) -> object:
    return published.get([key], NOON + timedelta(seconds=later)).get(key, {}).get("v")


def test_nothing_is_seen_before_the_flip(published: Published) -> None:
    lookups.write({"K": {"v": 1}}, 1)
    assert see(published, "K") is None
    lookups.flip(1, ())
    assert see(published, "K", 6) == 1


def test_half_a_publish_is_not_seen_and_readers_with_the_old_current_go_on(
    published: Published,
) -> None:
    lookups.write({"K": {"v": 1}, "L": {"v": 1}}, 1)
    lookups.flip(1, ())
    assert see(published, "K") == 1
    lookups.write({"K": {"v": 2}}, 2)
    assert see(published, "K", 60) == 1
    lookups.flip(2, ())
    assert see(published, "K", 62) == 1, "CURRENT is held for five seconds"
    assert see(published, "K", 66) == 2
    assert see(published, "L", 66) == 1, "a key that did not change was not written"


def test_a_tombstone_hides_and_three_generations_are_kept(published: Published) -> None:
    for generation in range(1, 5):
        lookups.write({"K": {"v": generation}}, generation)
    lookups.write({"K": None}, 5)
    assert set(LookupRow.get("K").values) == {"3", "4", "5"}
    lookups.flip(4, ())
    assert see(published, "K") == 4
    lookups.flip(5, ())
    assert see(published, "K", 6) is None


def test_writing_twice_changes_nothing(published: Published) -> None:
    for _ in range(2):
        lookups.write({"K": {"v": 1}}, 1)
    assert LookupRow.get("K").values == {"1": {"v": 1}}


def test_more_keys_than_one_request_takes_are_all_written(published: Published) -> None:
    lookups.write({f"K{n}": {"v": n} for n in range(130)}, 1)
    lookups.flip(1, ())
    assert see(published, "K129") == 129


def test_the_difference_is_what_is_new_other_or_gone() -> None:
    before: lookups.Values = {"same": {"v": 1}, "other": {"v": 1}, "gone": {"v": 1}}
    after: lookups.Values = {"same": {"v": 1}, "other": {"v": 2}, "new": {"v": 1}}
    assert lookups.difference(before, after) == {"other": {"v": 2}, "new": {"v": 1}, "gone": None}


def test_a_place_answers_without_a_second_read() -> None:
    value = lookups.values_of(rows())["NET#4#24#0a010200"]
    assert value is not None
    assert (value["erl"], value["elins"]) == ("spf-2", ["2175550122", "2175550121"])
    assert value["civic"]["LOC"] == "FLR 2"


def test_an_elin_says_which_branches_may_use_it() -> None:
    trunk = read_draft("trunk", "x", {**DRAFTS["trunk", "shv-sip"], "erls": ["spf-2"]})
    assert not isinstance(trunk, EdgeDraft)
    values = lookups.values_of([*rows(), trunk])
    assert values["ELIN#2175550121"] == {
        "branch": "springfield",
        "erl": "spf-2",
        "lent": ["shelbyville"],
    }


def test_the_lengths_in_use_are_the_only_ones_asked_for() -> None:
    lengths = lookups.prefix_lengths(lookups.values_of(rows()))
    assert lengths == ("6/48", "4/24", "4/16")
    v4 = lookups.hint_keys(LocationHint(address=ip_address("10.1.2.3")), lengths)
    assert [key for _, key in v4] == ["NET#4#24#0a010200", "NET#4#16#0a010000"]
    v6 = lookups.hint_keys(LocationHint(address=ip_address("2001:db8:1::7")), lengths)
    assert len(v6) == 1


def test_clues_are_believed_in_the_order_of_the_platforms() -> None:
    hint = LocationHint("ap", "switch", "7", ip_address("10.1.2.3"))
    kinds = [kind for kind, _ in lookups.hint_keys(hint, ("4/24",))]
    assert kinds == [
        ElementKind.BSSID,
        ElementKind.PORT,
        ElementKind.SWITCH,
        ElementKind.SUBNET,
    ]


def test_writers_and_readers_spell_a_key_alike() -> None:
    values = lookups.values_of(rows())
    hint = LocationHint("00-11-22-33-44-55", "aa:bb:cc:dd:ee:ff", "gi1/0/7")
    assert all(key in values for _, key in lookups.hint_keys(hint, ()))


def test_a_new_stack_has_published_nothing(published: Published) -> None:
    assert published.current(NOON) == Current(0)
