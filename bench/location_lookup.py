"""What a location lookup in the cloud reads: one BatchGetItem, half a read unit for each key asked.

The requests are those that the real code makes, counted on their way out; DynamoDB's own price of
them is computed (an eventually consistent read of an item up to 4 KB is half a unit, of a missing
one too), because moto's answer to ReturnConsumedCapacity is not DynamoDB's.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from math import ceil
from typing import Any

import boto3
from moto import mock_aws

from bench.rig.branch import FLOORS, Branch
from bench.rig.measures import Limit, Row, Run
from e911.hints import ElementKind
from e911.rows import ElementRow
from e911_cloud import lookups
from e911_cloud.locations import Locations, read_hint
from e911_cloud.lookups import Published
from e911_cloud.tables import LookupRow, bind_tables

REGION = "us-east-1"
LENGTHS = (16, 20, 22, 23, 24)
"""Prefix lengths that the enterprise uses, besides 32 for single hosts and 48 and 64 of IPv6."""

CLIENTS = {
    "usual": ("", "", "", "10.1.7.20"),
    "wireless": ("02-00-00-00-00-07", "", "", "10.1.7.20"),
    "everything": ("02-00-00-00-00-07", "02-00-00-00-00-99", "Gi1/0/7", "10.1.7.20"),
}
"""What a client knows: access point, switch, port, address."""


async def measure(run: Run) -> list[Row]:
    """Read units of one lookup, once CURRENT is held."""
    return await asyncio.to_thread(_measure, run)


def _measure(run: Run) -> list[Row]:
    asked: list[tuple[str, dict[str, Any]]] = []
    with mock_aws(), _stack(Branch(run.folder), asked):
        locations, utc = Locations(Published()), datetime.now(UTC)
        locations.find(read_hint(*CLIENTS["usual"]), "", utc)
        values = {}
        for name, clues in CLIENTS.items():
            asked.clear()
            locations.find(read_hint(*clues), "", utc)
            values[name] = sum(_units(body) for _, body in asked)
            values[f"{name} requests"] = float(len(asked))
    size = max(len(json.dumps(value)) for value in _content(Branch(run.folder / "b")).values())
    return [
        Row(
            "location lookup in the cloud",
            "request of a client -> read units of every DynamoDB request made for it",
            "read units",
            values,
            (Limit("usual", 3.001), Limit("everything", 8.001), Limit("everything requests", 1.1)),
            "usual <= 3, at most 8, one request",
            f"{len(LENGTHS)} IPv4 prefix lengths in use; largest value {size} bytes. Keys asked do"
            " not depend on how many elements there are, so 1,000,000 cost the same",
        )
    ]


@contextmanager
def _stack(branch: Branch, asked: list[tuple[str, dict[str, Any]]]) -> Iterator[None]:
    bind_tables("bench")
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    boto3.client("dynamodb", region_name=REGION).create_table(
        TableName=LookupRow.Meta.table_name,
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    values = _content(branch)
    lookups.write(values, 1)
    lookups.flip(1, lookups.prefix_lengths(values))

    def count(model: Any, params: dict[str, Any], **_: Any) -> None:
        asked.append((model.name, json.loads(params["body"])))

    connection = LookupRow._get_connection().connection
    connection.client.meta.events.register("before-call.dynamodb", count)
    yield


def _content(branch: Branch) -> lookups.Values:
    networks = [
        ElementRow(f"n{bits}", "bench", ElementKind.SUBNET, f"10.1.0.0/{bits}", "floor-1")
        for bits in LENGTHS
    ]
    rows = [*branch.rows(FLOORS), *networks]
    return lookups.values_of(rows)


def _units(body: dict[str, Any]) -> float:
    """What DynamoDB charges: half a unit a key, twice that where the read must be consistent."""
    units = 0.0
    for table in body.get("RequestItems", {}).values():
        units += len(table["Keys"]) * (1.0 if table.get("ConsistentRead") else 0.5)
    if "Key" in body:
        units += 1.0 if body.get("ConsistentRead") else 0.5
    return ceil(units * 2) / 2
