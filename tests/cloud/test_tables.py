"""The models and template.yaml describe the same tables, each row numbered by schema."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.attributes import TTLAttribute
from pynamodb.models import Model

from e911_cloud.tables import DRAFTS, NAMES, bind_tables
from tests.cloud.stack import read_template


def tables() -> dict[str, dict[str, Any]]:
    found = {}
    for resource in read_template()["Resources"].values():
        if resource["Type"] == "AWS::DynamoDB::Table":
            properties = resource["Properties"]
            found[properties["TableName"]["Sub"].removeprefix("${AWS::StackName}-")] = properties
    return found


def test_every_table_has_its_model_and_every_model_its_table() -> None:
    assert set(tables()) == set(NAMES.values())


@pytest.mark.parametrize("model", NAMES, ids=lambda model: model.__name__)
def test_keys_and_expiry_agree(model: type[Model]) -> None:
    schema = model._get_schema()
    properties = tables()[NAMES[model]]
    keys = {key["AttributeName"]: key["KeyType"] for key in schema["key_schema"]}
    assert {key["AttributeName"]: key["KeyType"] for key in properties["KeySchema"]} == keys
    expires = any(isinstance(each, TTLAttribute) for each in model.get_attributes().values())
    assert expires == ("TimeToLiveSpecification" in properties)
    assert "schema" in model.get_attributes()


def test_binding_names_every_table_after_the_stack() -> None:
    bind_tables("s1")
    assert {model.Meta.table_name for model in NAMES} == {f"s1-{n}" for n in NAMES.values()}
    assert set(DRAFTS.values()) <= set(NAMES)
