"""What the local cloud does not play as AWS does stops the start and is named."""

from pathlib import Path

import pytest

from lab.cloud import LocalCloud
from lab.cloud.errors import LabCloudError, UnsupportedTemplate
from lab.cloud.template import read
from tests.lab.cloud.conftest import TEMPLATE


def with_change(folder: Path, old: str, new: str) -> Path:
    """The test template with one thing changed, in a folder that still has its functions."""
    text = TEMPLATE.read_text()
    assert old in text
    for name in ("functions", "layers"):
        (folder / name).symlink_to(TEMPLATE.parent / name)
    changed = folder / "template.yaml"
    changed.write_text(text.replace(old, new))
    return changed


def test_a_resource_without_a_stand_in_is_named(tmp_path: Path) -> None:
    changed = with_change(tmp_path, "Type: AWS::SQS::Queue", "Type: AWS::Kinesis::Stream")
    with pytest.raises(UnsupportedTemplate, match=r"DeadLetters \(AWS::Kinesis::Stream\)"):
        read(changed)


def test_an_event_source_without_a_stand_in_is_named(tmp_path: Path) -> None:
    changed = with_change(tmp_path, "Type: ScheduleV2", "Type: Kafka")
    with pytest.raises(UnsupportedTemplate, match=r"Kafka \(Keeper.Sometimes\)"):
        read(changed)


def test_the_globals_are_merged_as_sam_does() -> None:
    functions = {function.name: function for function in read(TEMPLATE).functions}
    assert functions["Importer"].layers == ("TinyLayer", "WebLayer")
    assert functions["Echo"].timeout_s == 5
    assert functions["Echo"].environment["QUEUE_URL"] == {"Ref": "WorkQueue"}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Type: AWS::SQS::Queue", "Type: AWS::Kinesis::Stream", "AWS::Kinesis::Stream"),
        ("DefaultAuthorizer: People", "DefaultAuthorizer: Nobody", "unknown authorizer Nobody"),
        ("FunctionArn: !GetAtt Guard.Arn", "UserPool: pool", "Clients is of a kind"),
        ('Version: "2.0"', 'Version: "1.0"', "only payload 2.0"),
        ("!GetAtt Guard.Arn", "arn:aws:lambda:r:a:function:Gone", "no function Gone"),
        ("rate(1 hour)", "cron(0 12 * * * *)", "cannot keep"),
        (
            "  Size: {Type: String, Default: small}",
            "  Size: {Type: String}",
            "Size",
        ),
        ("!Ref SigningKey}", "!Ref Nothing}", "Nothing is no parameter"),
        ("Handler: guard.app.handler", "Handler: guard.gone.handler", "Guard did not start"),
    ],
)
def test_a_template_that_cannot_be_played_stops_the_start(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    with pytest.raises(LabCloudError, match=r"(?s)did not start.*") as caught:
        LocalCloud.start(with_change(tmp_path, old, new)).stop()
    assert reason in str(caught.value)
