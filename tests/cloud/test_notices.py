"""Each target is told once of each step, and again if the first try died on the way (R11)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from e911.bindings import CallKind
from e911.notice import NoticeStep
from e911.records import CallStep
from e911.rows import TargetKind
from e911.wire import to_document
from e911_cloud import lookups
from e911_cloud.errors import Conflict, NotFound
from e911_cloud.lookups import Published
from e911_cloud.notices import CLAIM, LATE, STEPS, Teller, Told, compose
from e911_cloud.notifiers import Telling
from tests.cloud.calls_of import NOON, record
from tests.cloud.test_lookups import rows


@dataclass
class Desk:
    """A notifier that remembers, and is away while ``away``."""

    heard: list[Telling] = field(default_factory=list)
    away: bool = False

    def tell(self, telling: Telling, utc: datetime) -> None:
        if self.away:
            raise ConnectionError("away")
        self.heard.append(telling)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def teller(stack: None, desk: Desk) -> Teller:
    lookups.write(lookups.values_of(rows()), 1)
    lookups.flip(1, ())
    return Teller(Published(), Told(), {TargetKind.WEBHOOK: desk})


def message(target: str = "spf-desk", late: bool = False, **changed: Any) -> dict[str, Any]:
    document = to_document(record(**changed))
    found: dict[str, Any] = json.loads(
        json.dumps({"record": document, "target": target, "late": late})
    )
    return found


def test_a_target_is_told_once(teller: Teller, desk: Desk) -> None:
    assert teller.tell(message(), NOON) == "told"
    assert teller.tell(message(), NOON + timedelta(days=1)) == "known"
    assert [telling.id for telling in desk.heard] == [f"{record().id}.spf-desk"]


def test_the_notice_says_who_where_and_when(teller: Teller, desk: Desk) -> None:
    teller.tell(message(), NOON)
    notice = desk.heard[0].notice
    assert (notice.name, notice.number, notice.elin) == (
        "Homer Simpson",
        "2175550177",
        "2175550121",
    )
    assert notice.place.startswith("Floor 2: 742 EVERGREEN TER")
    assert (notice.zone, notice.how) == ("America/Chicago", "subnet")


def test_calls_of_one_incident_hide_none_of_each_other(teller: Teller, desk: Desk) -> None:
    """R11: calls from one ERL group into one incident, and each of them is told."""
    teller.tell(message(), NOON)
    teller.tell(message(call="edge-springfield-b1-2"), NOON)
    teller.tell(message(step=CallStep.ENDED, n=2), NOON)
    assert len(desk.heard) == 3


def test_a_target_that_was_away_is_told_when_the_queue_brings_it_again(
    teller: Teller, desk: Desk
) -> None:
    desk.away = True
    with pytest.raises(ConnectionError):
        teller.tell(message(), NOON)
    desk.away = False
    assert teller.tell(message(), NOON + timedelta(seconds=1)) == "told"


def test_a_try_that_died_is_taken_over_when_its_claim_lapses(teller: Teller, desk: Desk) -> None:
    told = f"spf-desk#{record().call}#started"
    assert Told().claim(record().incident, told, NOON)
    with pytest.raises(Conflict):
        teller.tell(message(), NOON + CLAIM - timedelta(seconds=1))
    assert teller.tell(message(), NOON + CLAIM + timedelta(seconds=1)) == "told"


def test_giving_back_what_another_has_told_takes_nothing_away(stack: None) -> None:
    Told().done("i", "t", NOON)
    Told().give_back("i", "t")
    assert not Told().claim("i", "t", NOON)


def test_a_target_that_is_not_published_fails_loudly(teller: Teller) -> None:
    with pytest.raises(NotFound):
        teller.tell(message("nobody"), NOON)


def test_a_target_of_another_branch_is_not_told(teller: Teller, desk: Desk) -> None:
    with pytest.raises(NotFound):
        teller.tell(message("shv-desk"), NOON)
    assert desk.heard == []


def test_a_kind_that_the_edge_tells_itself_is_left_to_it(stack: None, desk: Desk) -> None:
    lookups.write(lookups.values_of(rows()), 1)
    lookups.flip(1, ())
    assert Teller(Published(), Told(), {}).tell(message(), NOON) == "elsewhere"


def test_a_late_notice_says_so(teller: Teller, desk: Desk) -> None:
    teller.tell(message(late=True), NOON)
    assert desk.heard[0].late


def test_a_call_that_opened_no_incident_is_one_by_itself(teller: Teller, desk: Desk) -> None:
    assert teller.tell(message(incident=""), NOON) == "told"
    assert teller.tell(message(incident=""), NOON) == "known"


def test_a_notice_that_grew_old_on_its_way_is_late_too(teller: Teller, desk: Desk) -> None:
    """What comes back from the dead letters days later must start no SMS."""
    teller.tell(message(), record().at + LATE)
    teller.tell(message(step=CallStep.ENDED), record().at + LATE + timedelta(seconds=1))
    assert [telling.late for telling in desk.heard] == [False, True]


def test_every_step_that_is_told_has_its_word() -> None:
    silent = {CallStep.SEIZED, CallStep.ALERTING}
    assert set(STEPS) | silent == set(CallStep)


def test_a_callback_and_a_shared_elin_are_named() -> None:
    notice = compose(record(kind=CallKind.CALLBACK, forced=True, disagreeing=("bssid",)), {}, {})
    assert notice.step is NoticeStep.CALLBACK
    assert notice.remark == "the ELIN is shared with another caller; clues disagree: bssid"
    assert (notice.place, notice.zone) == ("", "UTC")


def test_a_call_without_caller_or_elin_is_told_all_the_same() -> None:
    notice = compose(record(CallStep.REFUSED, caller=None, elin=None), {}, {})
    assert (notice.name, notice.number, notice.elin) == ("", "", "")
