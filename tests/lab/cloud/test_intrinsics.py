"""Intrinsic functions give the value that CloudFormation would, or say what is missing."""

from typing import Any

import pytest

from lab.cloud.errors import Unresolved, UnsupportedTemplate
from lab.cloud.intrinsics import Resolver, references

RESOLVER = Resolver(
    known={"Name": "lab", "Queue.Arn": "arn:q", "AWS::Region": "r"},
    conditions={
        "IsLab": {"Fn::Equals": [{"Ref": "Name"}, "lab"]},
        "Not": {"Fn::Not": [{"Condition": "IsLab"}]},
        "Both": {"Fn::And": [{"Condition": "IsLab"}, {"Condition": "Not"}]},
        "Either": {"Fn::Or": [{"Condition": "IsLab"}, {"Condition": "Not"}]},
    },
    mappings={"Sizes": {"lab": {"small": 1}}},
    deferred=["Later"],
)


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"Ref": "Name"}, "lab"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "arn:q"),
        ({"Fn::Sub": "${Name}/${Queue.Arn}/${!iot:Thing}"}, "lab/arn:q/${iot:Thing}"),
        ({"Fn::Sub": ["${Here}-${Name}", {"Here": {"Ref": "AWS::Region"}}]}, "r-lab"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Name"}]]}, "a-lab"),
        ({"Fn::Select": [1, {"Fn::Split": [":", "a:b:c"]}]}, "b"),
        ({"Fn::If": ["IsLab", "yes", "no"]}, "yes"),
        ({"Fn::If": ["Both", "yes", "no"]}, "no"),
        ({"Fn::If": ["Either", "yes", "no"]}, "yes"),
        ({"a": 1, "b": {"Fn::If": ["Not", 2, {"Ref": "AWS::NoValue"}]}}, {"a": 1}),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Name"}, "small"]}, 1),
        ({"Fn::Base64": "x"}, "eA=="),
        ([{"Ref": "Later"}], [{"Ref": "Later"}]),
        ({"Fn::GetAtt": ["Later", "Arn"]}, {"Fn::GetAtt": ["Later", "Arn"]}),
        ({"Fn::Sub": "${Name}-${Later.Arn}"}, {"Fn::Sub": "lab-${Later.Arn}"}),
    ],
)
def test_what_an_intrinsic_gives(node: Any, value: Any) -> None:
    assert RESOLVER.resolve(node) == value


@pytest.mark.parametrize("node", [{"Ref": "X"}, {"Fn::Sub": "${X}"}, {"Fn::GetAtt": ["X", "Arn"]}])
def test_a_name_of_nothing_is_an_error(node: Any) -> None:
    with pytest.raises(Unresolved, match="X"):
        RESOLVER.resolve(node)


@pytest.mark.parametrize("name", ["Fn::ImportValue", "Fn::Cidr", "Fn::Transform"])
def test_a_function_that_is_not_worked_out_here_is_an_error(name: str) -> None:
    with pytest.raises(UnsupportedTemplate, match=name):
        RESOLVER.resolve({name: "x"})


def test_every_reference_of_a_tree_is_found() -> None:
    tree = [
        {"a": {"Ref": "A"}},
        {"Fn::GetAtt": ["B", "Arn"]},
        {"Fn::Sub": ["${C} ${!no} ${D.Arn}", {"C": {"Ref": "E"}}]},
    ]
    assert list(references(tree)) == ["A", "B.Arn", "C", "D.Arn", "E"]
