"""The tables, one per lifetime; a row carries the number of its schema, and no read trusts DynamoDB
to have expired it.
"""

from __future__ import annotations

from functools import cache

from pynamodb.attributes import (
    JSONAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.connection import Connection
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

SCHEMA = 1

CONDITION_FAILED = "ConditionalCheckFailedException"
"""The code by which DynamoDB says that a named condition did not hold."""


class DraftRow(Model):
    """A draft under edit: one row of a snapshot to be, an edge, or a claim on an ELIN."""

    class Meta:
        table_name = "unbound"

    kind = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    version = NumberAttribute(default=1)
    body = JSONAttribute()
    schema = NumberAttribute(default=SCHEMA)


class BranchDrafts(DraftRow):
    """Branches, their edges and the hashes of their client tokens."""

    class Meta:
        table_name = "unbound"


class ErlDrafts(DraftRow):
    """ERLs and what stands in them or outside of them: network elements, outside networks."""

    class Meta:
        table_name = "unbound"


class ElinDrafts(DraftRow):
    """ELINs, and one claim per number: ``ELIN#number``, put only if absent."""

    class Meta:
        table_name = "unbound"


class PolicyDrafts(DraftRow):
    """Location policies and the routes (usages) that they name."""

    class Meta:
        table_name = "unbound"


class CallerDrafts(DraftRow):
    """What is on record of single callers."""

    class Meta:
        table_name = "unbound"


class TrunkDrafts(DraftRow):
    """Trunks, the peers that calls come from, the carriers' test numbers."""

    class Meta:
        table_name = "unbound"


class TargetDrafts(DraftRow):
    """Whom to tell."""

    class Meta:
        table_name = "unbound"


DRAFTS: dict[str, type[DraftRow]] = {
    "branch": BranchDrafts,
    "edge": BranchDrafts,
    "erl": ErlDrafts,
    "element": ErlDrafts,
    "outside-network": ErlDrafts,
    "elin": ElinDrafts,
    "policy": PolicyDrafts,
    "route": PolicyDrafts,
    "caller": CallerDrafts,
    "trunk": TrunkDrafts,
    "peer": TrunkDrafts,
    "test-number": TrunkDrafts,
    "target": TargetDrafts,
}
"""Kind of draft to the table that it lives in."""


class AuditRow(Model):
    """The log of edits: ``head`` counts them, ``log`` has one row for each, without a gap."""

    class Meta:
        table_name = "unbound"

    pk = UnicodeAttribute(hash_key=True)
    sk = NumberAttribute(range_key=True)
    head = NumberAttribute(null=True)
    at = UTCDateTimeAttribute(null=True)
    who = UnicodeAttribute(null=True)
    action = UnicodeAttribute(null=True)
    kind = UnicodeAttribute(null=True)
    id = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)
    body = JSONAttribute(null=True)
    schema = NumberAttribute(default=SCHEMA)


class LookupRow(Model):
    """A published key. ``values`` maps the last three generations to a value or a tombstone
    (``None``).
    """

    class Meta:
        table_name = "unbound"

    key = UnicodeAttribute(hash_key=True)
    values = JSONAttribute()
    schema = NumberAttribute(default=SCHEMA)


class CallbackRow(Model):
    """Whom a callback to an ELIN rings: a row per call, so that both callers of a shared ELIN are
    kept (R4).
    """

    class Meta:
        table_name = "unbound"

    elin = UnicodeAttribute(hash_key=True)
    bound = UnicodeAttribute(range_key=True)
    """``{bound_at}#{call}``."""
    call = UnicodeAttribute()
    edge = UnicodeAttribute()
    branch = UnicodeAttribute()
    erl = UnicodeAttribute()
    caller = JSONAttribute()
    bound_at = UTCDateTimeAttribute()
    window_s = NumberAttribute()
    ended_at = UTCDateTimeAttribute(null=True)
    expires_at = TTLAttribute(null=True)
    """Set when the call has ended; always an absolute instant."""
    schema = NumberAttribute(default=SCHEMA)


class CallsByDay(GlobalSecondaryIndex["CallRow"]):
    """Calls of one branch and day, over shards, in order of time."""

    class Meta:
        index_name = "by-day"
        projection = AllProjection()

    day = UnicodeAttribute(hash_key=True)
    at = UnicodeAttribute(range_key=True)


class CallRow(Model):
    """One step of one call, kept under its record's id, so that a repeat changes nothing (R12)."""

    class Meta:
        table_name = "unbound"

    call = UnicodeAttribute(hash_key=True)
    record = UnicodeAttribute(range_key=True)
    day = UnicodeAttribute()
    """``{branch}#{yyyy-mm-dd}#{shard}``."""
    at = UnicodeAttribute()
    edge = UnicodeAttribute()
    branch = UnicodeAttribute()
    body = JSONAttribute()
    received = UTCDateTimeAttribute()
    schema = NumberAttribute(default=SCHEMA)
    by_day = CallsByDay()


class EdgeRow(Model):
    """One edge: its branch as published, what was last rendered for it, and how it said it was."""

    class Meta:
        table_name = "unbound"

    edge = UnicodeAttribute(hash_key=True)
    branch = UnicodeAttribute()
    serial = NumberAttribute(default=0)
    """The last serial handed out; only ever moves up (R10)."""
    rendered = NumberAttribute(default=0)
    """The last generation whose manifest is in the bucket."""
    health = JSONAttribute(null=True)
    health_at = UTCDateTimeAttribute(null=True)
    schema = NumberAttribute(default=SCHEMA)


class JobRow(Model):
    """A publish on its way, or (``job`` = ``ACTIVE``) the lock that lets one of them move at a
    time.
    """

    class Meta:
        table_name = "unbound"

    job = UnicodeAttribute(hash_key=True)
    state = UnicodeAttribute()
    generation = NumberAttribute(default=0)
    branches = JSONAttribute(null=True)
    done = UnicodeSetAttribute(null=True)
    warnings = JSONAttribute(null=True)
    """``[path, reason]`` of each thing that was published all the same."""
    until = UTCDateTimeAttribute(null=True)
    """While a runner flips it: when another may take over."""
    holder = UnicodeAttribute(null=True)
    who = UnicodeAttribute(default="")
    moved_at = UTCDateTimeAttribute()
    expires_at = TTLAttribute(null=True)
    schema = NumberAttribute(default=SCHEMA)


class ToldRow(Model):
    """That one target was told of one step of one incident: the memory of R11."""

    class Meta:
        table_name = "unbound"

    incident = UnicodeAttribute(hash_key=True)
    told = UnicodeAttribute(range_key=True)
    """``{target}#{call}#{step}``."""
    state = UnicodeAttribute()
    until = UTCDateTimeAttribute(null=True)
    """While ``state`` is ``sending``: when another attempt may take over."""
    expires_at = TTLAttribute()
    schema = NumberAttribute(default=SCHEMA)


NAMES: dict[type[Model], str] = {
    BranchDrafts: "branches",
    ErlDrafts: "erls",
    ElinDrafts: "elins",
    PolicyDrafts: "policies",
    CallerDrafts: "callers",
    TrunkDrafts: "trunks",
    TargetDrafts: "targets",
    AuditRow: "audit",
    LookupRow: "lookups",
    CallbackRow: "callbacks",
    CallRow: "calls",
    EdgeRow: "edges",
    JobRow: "jobs",
    ToldRow: "told",
}
"""Model to the name that template.yaml gives its table, after the stack's."""


@cache
def transactions() -> Connection:
    """The connection of transactions, which span tables: a model's own belongs to one."""
    return Connection()


def bind_tables(stack: str) -> None:
    """Point every model at the tables of ``stack``; pynamodb connects on first use, so this is in
    time.
    """
    for model, name in NAMES.items():
        model.Meta.table_name = f"{stack}-{name}"
