"""What a policy allows, as a table; and what is not understood is never allowed."""

from typing import Any

import pytest

from lab.cloud.iam import Identity, trusted_services

OWN = "arn:aws:s3:::b/edges/${credentials-iot:ThingName}/*"
ANY = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": OWN}


def edge(*statements: dict[str, Any], thing: str = "edge-a") -> Identity:
    return Identity("arn:edge", "id", statements, {"credentials-iot:ThingName": thing})


def allow(action: str | list[str], resource: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ([], False),
        ([allow("s3:GetObject", OWN)], True),
        ([allow("S3:get*", OWN)], True),
        ([allow(["s3:PutObject", "s3:GetObject"], OWN)], True),
        ([allow("s3:PutObject", OWN)], False),
        ([allow("s3:GetObject", "arn:aws:s3:::b/edges/edge-b/*")], False),
        ([allow("s3:GetObject", "arn:aws:s3:::b/edges/edge-?/manifest.json")], True),
        ([allow("s3:GetObject", "arn:aws:s3:::b/edges/${aws:PrincipalTag/x}*")], False),
        ([ANY, DENY], False),
        ([ANY, {**DENY, "Effect": "Deny", "NotAction": "x"}], False),
        ([{"Effect": "Allow", "NotAction": "s3:PutObject", "Resource": "*"}], False),
        ([{**ANY, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}], False),
        ([ANY, {**DENY, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}], False),
        ([{**ANY, "Condition": {"StringEquals": {"credentials-iot:ThingName": "edge-a"}}}], True),
        ([{**ANY, "Condition": {"StringEquals": {"credentials-iot:ThingName": "edge-b"}}}], False),
        ([{**ANY, "Condition": {"StringLike": {"aws:PrincipalTag/x": "*"}}}], False),
    ],
)
def test_what_a_policy_allows(statements: list[dict[str, Any]], allowed: bool) -> None:
    resource = "arn:aws:s3:::b/edges/edge-a/manifest.json"
    assert edge(*statements).may("s3:GetObject", resource) is allowed


def test_a_thing_named_like_a_wildcard_gets_no_other_things_path() -> None:
    greedy = edge(allow("s3:GetObject", OWN), thing="*")
    assert not greedy.may("s3:GetObject", "arn:aws:s3:::b/edges/edge-a/manifest.json")
    assert greedy.may("s3:GetObject", "arn:aws:s3:::b/edges/*/manifest.json")


def test_the_root_user_may_all() -> None:
    assert Identity("arn:root", "id").may("s3:GetObject", "arn:aws:s3:::b/x")


def test_the_services_that_a_role_trusts() -> None:
    principal = {"Principal": {"Service": ["a.amazonaws.com", "b.amazonaws.com"]}}
    role = {"AssumeRolePolicyDocument": {"Statement": [principal, {"Principal": "*"}]}}
    assert trusted_services(role) == {"a.amazonaws.com", "b.amazonaws.com"}
