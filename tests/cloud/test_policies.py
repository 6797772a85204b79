"""A client is told the policy that the edge would apply: network site over user over branch."""

from __future__ import annotations

import os
from dataclasses import replace

import boto3
import pytest

from e911.rows import EmergencyNumber, PolicyRow, Scope
from e911_cloud import lookups
from e911_cloud.content import Contents, Index
from e911_cloud.errors import NotFound
from e911_cloud.lookups import Published
from e911_cloud.policies import Policies
from tests.cloud.calls_of import NOON
from tests.cloud.test_lookups import rows

USER = PolicyRow(
    "boss",
    Scope.USER,
    "springfield",
    ("sip:boss@x.example",),
    usage="spf-911",
    numbers=(EmergencyNumber("911", ("112", "999")),),
)
SITE = replace(USER, id="lab", scope=Scope.NETWORK_SITE, subjects=("10.9.0.0/16",))


@pytest.fixture
def policies(stack: None) -> Policies:
    contents = Contents(boto3.client("s3"), os.environ["BUCKET"])
    contents.freeze(1, [*rows(), USER, SITE], [], Index(0))
    lookups.flip(1, ())
    return Policies(Published(), contents)


@pytest.mark.parametrize(
    ("contact", "address", "policy"),
    [
        ("sip:homer@x.example", "10.1.2.3", "spf"),
        ("sip:homer@x.example", "", "spf"),
        ("SIP:Boss@x.example", "10.1.2.3", "boss"),
        ("sip:boss@x.example", "10.9.1.1", "lab"),
    ],
)
def test_the_narrowest_policy_applies(
    policies: Policies, contact: str, address: str, policy: str
) -> None:
    assert policies.applying("springfield", contact, address, NOON)["policy"] == policy


def test_the_answer_has_the_numbers_and_not_who_is_told(policies: Policies) -> None:
    answer = policies.applying("springfield", "sip:boss@x.example", "", NOON)
    assert answer["emergency_numbers"] == [{"dial": "911", "masks": ["112", "999"]}]
    assert (answer["refresh_hours"], answer["usage"]) == (4, "spf-911")
    assert "targets" not in answer


def test_a_branch_that_is_not_published_has_no_policy(policies: Policies) -> None:
    with pytest.raises(NotFound):
        policies.applying("nowhere", "", "", NOON)
