"""What is an emergency, which policy is in effect, and where the call goes."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from e911.policy import Emergency, plan, policies_for, policy_for, recognise
from e911.rows import (
    EmergencyNumber,
    PeerRow,
    PolicyRow,
    RouteRow,
    RouteStep,
    Row,
    Scope,
)
from e911.snapshot import Snapshot
from tests.core.springfield import ANA, BRANCH, HEADER, POLICY, READBACK, rows, snapshot

SITE = PolicyRow(
    "lab",
    Scope.NETWORK_SITE,
    "springfield",
    ("10.1.2.0/24", "2001:db8:1:2::/64"),
    usage="spf-911",
    numbers=(EmergencyNumber("911"), EmergencyNumber("450")),
)
USER = PolicyRow("ana", Scope.USER, "springfield", (ANA.contact.upper(),), usage="spf-911")
OURS = PolicyRow("spf", Scope.BRANCH, "springfield", usage="spf-911")
THEIRS = PolicyRow("shv", Scope.BRANCH, "shelbyville", usage="spf-911")

PEER = PeerRow("pbx", "springfield", "10.1.0.9", strip_prefix="8")


def said(
    dialled: str,
    *more: Row,
    marked: bool = False,
    peer: PeerRow | None = PEER,
    address: str = "10.1.9.9",
) -> Emergency | None:
    return recognise(snapshot(*more), dialled, marked, peer, ip_address(address), ANA.contact)


@pytest.mark.parametrize(
    "dialled",
    [
        "911",
        "+911",
        "911;phone-context=Springfield",
        "+911;phone-context=+1",
        "911@10.9.8.7",
        " 9-1-1 ",
        "8911",
        "+8911",
        "9911",
        "89911",
        "112",
        "999",
        "urn:service:sos",
        "URN:service:SOS.police",
        "urn:service:sos;x=1",
    ],
)
def test_every_spelling_of_an_emergency_is_one(dialled: str) -> None:
    assert said(dialled) == Emergency("911")


@pytest.mark.parametrize(
    "dialled",
    [
        "",
        "91",
        "9110",
        "411",
        "4255550142",
        "urn:service:sosumi",
        "urn:service:counseling",
        "8",
        "sos",
        "٩١١",
    ],
)
def test_anything_else_is_none(dialled: str) -> None:
    assert said(dialled) is None


def test_the_prefix_is_that_of_the_peer() -> None:
    assert said("8911", peer=None) is None
    assert said("8911", peer=replace(PEER, strip_prefix="")) is None


def test_a_call_of_few_digits_marked_emergency_is_one_and_noted() -> None:
    assert said("110", marked=True) == Emergency("110", "marked")
    assert said("8110", marked=True) == Emergency("110", "marked")
    assert said("911", marked=True) == Emergency("911")
    assert said("12345", marked=True) is None
    assert said("", marked=True) is None
    assert said("ana", marked=True) is None


def test_test_numbers_are_no_emergencies_however_they_are_marked() -> None:
    own = replace(READBACK, id="short", number="958")
    assert said("933", marked=True) is None
    assert said("958", own, marked=True) is None
    assert said("958", marked=True) == Emergency("958", "marked")


def test_a_peer_of_emergency_phones_may_dial_anything() -> None:
    lift = replace(PEER, every_call_is_911=True)
    assert said("lift-7", peer=lift) == Emergency("911", "every-call")
    assert said("911", peer=lift) == Emergency("911")


def test_911_is_an_emergency_even_under_a_policy_that_forgot_it() -> None:
    odd = replace(POLICY, numbers=(EmergencyNumber("999", ("144",)),))
    assert said("144", odd) == Emergency("999")
    assert said("911", odd) == Emergency("911")
    assert said("urn:service:sos", odd) == Emergency("999")
    assert said("112", odd) is None


def test_without_any_policy_911_is_one() -> None:
    bare = Snapshot.build(HEADER, [row for row in rows() if not isinstance(row, PolicyRow)])
    assert recognise(bare, "911", False, None, None, ANA.contact) == Emergency("911")
    assert recognise(bare, "112", False, None, None, ANA.contact) is None


def test_a_number_of_any_policy_in_effect_counts_not_only_of_the_narrowest() -> None:
    assert said("450", SITE) is None
    assert said("450", SITE, address="10.1.2.9") == Emergency("450")
    assert said("112", SITE, address="10.1.2.9") == Emergency("911")


def test_scopes_network_site_over_user_over_branch_over_global() -> None:
    picture = snapshot(SITE, USER, OURS, THEIRS)
    here = ip_address("10.1.2.9")
    ids = [p.id for p in policies_for(picture, ANA.contact, here)]
    assert ids == ["lab", "ana", "spf", "everybody"]
    away = policy_for(picture, ANA.contact, ip_address("10.1.9.9"))
    assert away is not None
    assert away.id == "ana"
    other = policy_for(picture, "sip:ben@contoso.example", None)
    assert other is not None
    assert other.id == "spf"
    v6 = policy_for(picture, ANA.contact, ip_address("2001:db8:1:2::9"))
    assert v6 is not None
    assert v6.id == "lab"


def test_the_longest_prefix_of_two_sites_rules() -> None:
    wide = replace(SITE, id="campus", subjects=("10.0.0.0/8",))
    found = policy_for(snapshot(wide, SITE), ANA.contact, ip_address("10.1.2.9"))
    assert found is not None
    assert found.id == "lab"


def test_another_branchs_policy_does_not_rule_here() -> None:
    found = policy_for(snapshot(THEIRS), ANA.contact, None)
    assert found is not None
    assert found.id == "everybody"


def test_a_policy_becomes_a_plan() -> None:
    policy = replace(POLICY, conference_uri="sip:guard@contoso.example", conference_mode="oneway")
    found = plan(snapshot(), "spf-f2", policy)
    assert found.steps == (RouteStep("spf-pri"), RouteStep("spf-sip"))
    assert (found.targets, found.policy, found.desk) == (("spf-desk",), "everybody", BRANCH.desk)
    assert (found.conference_uri, found.conference_mode) == ("sip:guard@contoso.example", "oneway")


def test_an_erl_may_have_its_own_steps_and_desk() -> None:
    own = (RouteStep("spf-sip", "4255550911", seconds=20),)
    erl = replace(snapshot().erls["spf-f2"], steps=own, desk=("sip:floor2@contoso.example",))
    found = plan(snapshot(erl), "spf-f2", POLICY)
    assert found.steps == own
    assert found.desk == ("sip:floor2@contoso.example",)


def test_r1_a_hole_in_the_configuration_is_no_reason_not_to_call() -> None:
    gone = RouteRow("spf-911", "springfield", (RouteStep("sold"),))
    spare = RouteRow(
        "spare", "springfield", (RouteStep("sold"), RouteStep("spf-sip", "4255550911"))
    )
    no_policy = plan(snapshot(), "spf-f2", None)
    assert no_policy.steps[0] == RouteStep("spf-pri")
    assert no_policy.policy == ""
    no_usage = plan(snapshot(), "spf-f2", replace(POLICY, usage="gone"))
    assert no_usage.steps[0] == RouteStep("spf-pri")
    other_route = plan(snapshot(gone, spare), "nowhere", POLICY)
    assert other_route.steps == (RouteStep("spf-sip", "4255550911"),)
    bare = plan(snapshot(gone), "spf-f2", POLICY)
    assert [step.trunk for step in bare.steps] == ["spf-pri", "spf-sip"]
