"""Behind its lock moto keeps its promise about transactions: no edit is lost, none is torn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3

from lab.cloud import LocalCloud


def test_edits_side_by_side_make_a_gapless_log(cloud: LocalCloud) -> None:
    table = cloud.addresses.resources["Things"]
    database = boto3.client(
        "dynamodb",
        region_name=cloud.addresses.region,
        endpoint_url=cloud.addresses.moto,
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    database.put_item(TableName=table, Item={"pk": {"S": "head"}, "n": {"N": "0"}})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: _edit(database, table), range(12)))
    assert _head(database, table) == 12
    log = [database.get_item(TableName=table, Key=_key(f"log#{n}")) for n in range(1, 13)]
    assert all("Item" in row for row in log)


def _edit(database: Any, table: str) -> None:
    """One more row of the log, and the head that counts them, or neither; until it works."""
    while True:
        n = _head(database, table)
        move = {
            "TableName": table,
            "Key": _key("head"),
            "UpdateExpression": "SET n = :next",
            "ConditionExpression": "n = :seen",
            "ExpressionAttributeValues": {":seen": {"N": str(n)}, ":next": {"N": str(n + 1)}},
        }
        row = {
            "TableName": table,
            "Item": _key(f"log#{n + 1}"),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        try:
            database.transact_write_items(TransactItems=[{"Update": move}, {"Put": row}])
        except database.exceptions.TransactionCanceledException:
            continue  # another was first
        return


def _head(database: Any, table: str) -> int:
    got = database.get_item(TableName=table, Key=_key("head"), ConsistentRead=True)
    return int(got["Item"]["n"]["N"])


def _key(name: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": name}}
