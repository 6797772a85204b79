"""template.yaml keeps the promises that an account would else show too late."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from e911_cloud.jobs import LIFE
from e911_cloud.notices import CLAIM
from tests.cloud.stack import read_template

RESOURCES = read_template()["Resources"]
LISTED = {
    "LookupLocation": "ClientToken AWS_IAM",
    "RoutePolicy": "ClientToken",
    "EditConfig": "AdminJwt",
    "PublishSnapshot": "AdminJwt",
    "ReadRecords": "AdminJwt",
    "ExportAli": "AdminJwt",
    "RecordCall": "AWS_IAM",
}
"""Function to the authorizers that its routes may have."""


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in RESOURCES.items()
        if resource["Type"] == kind
    }


FUNCTIONS = of_type("AWS::Serverless::Function")
ROLES = of_type("AWS::IAM::Role")


def http_events() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, properties in FUNCTIONS.items():
        for event in properties.get("Events", {}).values():
            if event["Type"] == "HttpApi":
                yield name, event["Properties"]


def routes() -> dict[tuple[str, str], str]:
    """Every route with its authorizer."""
    return {
        (event["Method"], event["Path"]): event.get("Auth", {}).get("Authorizer", "")
        for _, event in http_events()
    }


def statements(role: str) -> list[dict[str, Any]]:
    policies = ROLES[role]["Policies"]
    return [each for policy in policies for each in policy["PolicyDocument"]["Statement"]]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_every_route_has_an_authorizer_and_the_api_a_default_one() -> None:
    (api,) = of_type("AWS::Serverless::HttpApi").values()
    assert api["Auth"]["DefaultAuthorizer"] == "AdminJwt"
    assert set(routes().values()) == {"AdminJwt", "AWS_IAM", "ClientToken"}
    assert {name: set(LISTED[name].split()) for name in LISTED} == {
        name: {e["Auth"]["Authorizer"] for n, e in http_events() if n == name} for name in LISTED
    }


def test_what_an_edge_may_call_is_guarded_by_iam_and_nothing_else_is() -> None:
    by_iam = {path for (_, path), authorizer in routes().items() if authorizer == "AWS_IAM"}
    assert by_iam == {"/v1/edges/{edge}/location", "/v1/edges/{edge}/records"}


def test_a_remembered_client_token_is_remembered_for_its_source() -> None:
    (api,) = of_type("AWS::Serverless::HttpApi").values()
    identity = api["Auth"]["Authorizers"]["ClientToken"]["Identity"]
    assert identity["Context"] == ["identity.sourceIp"]
    assert set(identity["Headers"]) == {"Authorization", "x-elingate-branch"}


def test_every_function_has_a_role_of_its_own() -> None:
    used = [properties["Role"]["GetAtt"] for properties in FUNCTIONS.values()]
    assert used == [f"{name}Role.Arn" for name in FUNCTIONS]
    assert all("Policies" not in properties for properties in FUNCTIONS.values())
    assert all("ManagedPolicyArns" not in role for role in ROLES.values())


@pytest.mark.parametrize("role", ROLES)
def test_no_role_has_a_wildcard(role: str) -> None:
    """An object below a named prefix of a named resource is the widest that is granted."""
    for statement in statements(role):
        assert statement["Effect"] == "Allow"
        assert not [action for action in as_list(statement["Action"]) if "*" in action]
        for resource in as_list(statement["Resource"]):
            text = str(next(iter(resource.values())) if isinstance(resource, dict) else resource)
            assert text.count("*") == 0 or (text.count("*") == 1 and text.endswith("/*")), text
            assert text != "*"
            assert isinstance(resource, dict), f"{text} is not made of a resource of the stack"


def test_only_the_publisher_signs() -> None:
    granted = {a for role in ROLES for each in statements(role) for a in as_list(each["Action"])}
    assert "kms:Sign" not in granted
    (key,) = of_type("AWS::KMS::Key").values()
    assert (key["KeySpec"], key["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    signers = [
        statement["Principal"]["AWS"]
        for statement in key["KeyPolicy"]["Statement"]
        if "kms:Sign" in statement["Action"]
    ]
    assert signers == [{"GetAtt": "RenderBranchRole.Arn"}]
    assert not [s for s in key["KeyPolicy"]["Statement"] if "*" in str(s["Action"])]


def test_an_edge_reaches_its_own_folder_and_its_own_routes_alone() -> None:
    first, second = statements("EdgeRole")
    assert first["Action"] == "s3:GetObject"
    assert first["Resource"]["Sub"] == "${Bucket.Arn}/edges/${!credentials-iot:ThingName}/*"
    assert second["Action"] == "execute-api:Invoke"
    assert second["Resource"]["Sub"].endswith(
        "${Api}/$default/POST/v1/edges/${!credentials-iot:ThingName}/*"
    )
    assert len(statements("EdgeRole")) == 2


def test_the_bucket_is_private_versioned_and_tls_only() -> None:
    (bucket,) = of_type("AWS::S3::Bucket").values()
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (policy,) = of_type("AWS::S3::BucketPolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


def test_every_queue_has_a_place_for_what_failed_and_an_alarm_on_it() -> None:
    queues = of_type("AWS::SQS::Queue")
    dead = {
        queue["RedrivePolicy"]["deadLetterTargetArn"]["GetAtt"].removesuffix(".Arn")
        for queue in queues.values()
        if "RedrivePolicy" in queue
    }
    assert len(dead) == len(queues) / 2
    alarmed = {
        alarm["Dimensions"][0]["Value"]["GetAtt"].removesuffix(".QueueName")
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    }
    assert dead == alarmed
    for queue in queues.values():
        is_dead_end = "RedrivePolicy" not in queue
        assert is_dead_end or queue["VisibilityTimeout"] >= 60


def test_silent_edges_alarm_even_when_nobody_counts_them() -> None:
    alarm = of_type("AWS::CloudWatch::Alarm")["EdgesStaleAlarm"]
    assert (alarm["MetricName"], alarm["TreatMissingData"]) == ("EdgesStale", "breaching")


def test_a_notice_that_waits_alarms_long_before_it_is_given_up() -> None:
    alarm = of_type("AWS::CloudWatch::Alarm")["NoticesWaitAlarm"]
    assert alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
    assert alarm["Dimensions"][0]["Value"] == {"GetAtt": "NoticeQueue.QueueName"}
    queue = of_type("AWS::SQS::Queue")["NoticeQueue"]
    tries = queue["RedrivePolicy"]["maxReceiveCount"]
    assert alarm["Threshold"] < queue["VisibilityTimeout"] * tries / 2


def test_only_the_notifier_carries_twilio() -> None:
    with_twilio = {n for n, f in FUNCTIONS.items() if {"Ref": "TwilioLayer"} in f["Layers"]}
    assert with_twilio == {"NotifySecurity"}


def test_layers_are_built_by_make_for_the_target() -> None:
    for name, resource in RESOURCES.items():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            assert resource["Metadata"]["BuildMethod"] == "makefile", name


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_logs_json_into_a_log_that_forgets(name: str) -> None:
    config = FUNCTIONS[name]["LoggingConfig"]
    assert config["LogFormat"] == "JSON"
    log = RESOURCES[config["LogGroup"]["Ref"]]["Properties"]
    assert log["RetentionInDays"] == {"Ref": "LogDays"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_sqs_source_waits_longer_than_its_function_may_take(name: str) -> None:
    for event in FUNCTIONS[name].get("Events", {}).values():
        if event["Type"] == "SQS":
            queue = RESOURCES[event["Properties"]["Queue"]["GetAtt"].removesuffix(".Arn")]
            timeout = FUNCTIONS[name].get("Timeout", 10)
            assert queue["Properties"]["VisibilityTimeout"] >= 6 * timeout


def test_what_is_taken_over_cannot_be_alive_any_more() -> None:
    """A second publisher, or a second teller, begins when the first has been cut off for sure."""
    assert LIFE.total_seconds() > FUNCTIONS["PublishSnapshot"]["Timeout"]
    assert CLAIM.total_seconds() > FUNCTIONS["NotifySecurity"].get("Timeout", 10)


def test_what_must_outlive_the_stack_does() -> None:
    for name, resource in RESOURCES.items():
        if resource["Type"] in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key"):
            assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain", name
