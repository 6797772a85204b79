"""A publish is a job that can stop anywhere and be taken up again: one at a time until readers see
it.

    accepted -> frozen -> rendering -> done        (failed: stopped before anything was frozen)

While a job is accepted or frozen it holds the lock, so a generation is either finished or never
begun by another.
Once CURRENT has flipped, the lock is free and the branches are rendered, each by its own message.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from e911.rows import Row
from e911.rows_check import check_rows
from e911_cloud import lookups
from e911_cloud.content import Contents, Index, branch_of
from e911_cloud.drafts import Drafted, Drafts, EdgeDraft
from e911_cloud.edges import Edges
from e911_cloud.errors import Conflict, Detail, Invalid, NotFound
from e911_cloud.tables import JobRow, transactions

ACTIVE = "ACTIVE"
"""Key of the lock's row."""
_STOPPED = timedelta(minutes=1)
"""A job that has not moved for so long has stopped."""
_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Queues:
    """Where the steps of a job wait."""

    sqs: Any
    publish_url: str
    render_url: str

    def run(self, job: str) -> None:
        """Have a frozen job run."""
        self.sqs.send_message(QueueUrl=self.publish_url, MessageBody=json.dumps({"job": job}))

    def render(self, job: str, branch: str, generation: int, utc: datetime) -> None:
        """Have a branch rendered; renders of one branch keep their order."""
        self.sqs.send_message(
            QueueUrl=self.render_url,
            MessageBody=json.dumps({"job": job, "branch": branch, "generation": generation}),
            MessageGroupId=branch,
            MessageDeduplicationId=f"{job}.{branch}.{int(utc.timestamp())}",
        )


class Jobs:
    """Publishes of one stack."""

    def __init__(self, drafts: Drafts, contents: Contents, edges: Edges, queues: Queues) -> None:
        self._drafts = drafts
        self._contents = contents
        self._edges = edges
        self._queues = queues

    def validate(self) -> list[Detail]:
        """Everything that is wrong with the drafts as a whole; empty if they can be published."""
        return faults_of(list(self._drafts.rows()))

    def publish(self, job: str, who: str, utc: datetime) -> int:
        """Freeze the drafts under a new generation and have them published; returns the generation.

        Raises:
            Invalid: the drafts as a whole are not right.
            Conflict: another publish is under way.
        """
        drafted = list(self._drafts.rows())
        faults = faults_of(drafted)
        if faults:
            raise Invalid(faults)
        self._lock(job, who, utc)
        before, generation = self._before()
        index = self._contents.freeze(generation, _rows(drafted), _edges(drafted), before)
        return self._frozen(job, index.changed(before), generation, utc)

    def rollback(self, job: str, generation: int, who: str, utc: datetime) -> int:
        """Have what was published as ``generation`` published again, as a new generation (R10)."""
        old = self._contents.index(generation)
        self._lock(job, who, utc)
        before, new = self._before()
        index = Index(new, old.branches)
        self._contents.name(index)
        return self._frozen(job, index.changed(before), new, utc)

    def get(self, job: str) -> JobRow:
        """One job; :class:`NotFound` where there is none."""
        try:
            return JobRow.get(job, consistent_read=True)
        except JobRow.DoesNotExist as error:
            raise NotFound(f"job {job}") from error

    def run(self, job: str, utc: datetime) -> None:
        """Take a job on from wherever it stands; running it twice does no harm."""
        row = self.get(job)
        if row.state == "frozen":
            self._flip(int(row.generation))
            row.update(actions=[JobRow.state.set("rendering"), JobRow.moved_at.set(utc)])
            self._unlock(job)
            row = self.get(job)
        if row.state == "rendering":
            self._render(row, utc)

    def rendered(self, job: str, branch: str, utc: datetime) -> None:
        """Write down that a branch of a job is rendered; the last one finishes the job."""
        row = self.get(job)
        row.update(actions=[JobRow.done.add({branch}), JobRow.moved_at.set(utc)])
        if set(row.branches) <= set(row.done or ()):
            row.update(actions=[JobRow.state.set("done")])

    def resume(self, utc: datetime) -> list[str]:
        """Take up every job that stopped; their ids."""
        stopped = [row for row in _open() if utc - row.moved_at >= _STOPPED]
        for row in stopped:
            if row.state == "accepted":
                row.update(actions=[JobRow.state.set("failed"), JobRow.moved_at.set(utc)])
                self._unlock(row.job)
            else:
                self.run(row.job, utc)
        return [row.job for row in stopped]

    def _before(self) -> tuple[Index, int]:
        published = lookups.read_current().generation
        return self._contents.index(published), published + 1

    def _lock(self, job: str, who: str, utc: datetime) -> None:
        lock = JobRow(ACTIVE, state="lock", holder=job, moved_at=utc)
        row = JobRow(job, state="accepted", who=who, moved_at=utc, expires_at=utc + _KEPT)
        try:
            with TransactWrite(connection=transactions()) as write:
                write.save(lock, condition=JobRow.job.does_not_exist())
                write.save(row, condition=JobRow.job.does_not_exist())
        except TransactWriteError as error:
            raise Conflict("another publish is under way") from error

    def _unlock(self, job: str) -> None:
        try:
            lock = JobRow.get(ACTIVE, consistent_read=True)
        except JobRow.DoesNotExist:
            return
        if lock.holder == job:
            lock.delete(condition=JobRow.holder == job)

    def _frozen(self, job: str, changed: tuple[str, ...], generation: int, utc: datetime) -> int:
        JobRow(job).update(
            actions=[
                JobRow.state.set("frozen"),
                JobRow.generation.set(generation),
                JobRow.branches.set(list(changed)),
                JobRow.moved_at.set(utc),
            ]
        )
        self._queues.run(job)
        return generation

    def _flip(self, generation: int) -> None:
        if lookups.read_current().generation >= generation:
            return
        after = self._contents.index(generation)
        before = self._contents.index(generation - 1)
        values = self._values(after)
        lookups.write(lookups.difference(self._values(before), values), generation)
        self._enroll(before, after)
        lookups.flip(generation, lookups.prefix_lengths(values))

    def _enroll(self, before: Index, after: Index) -> None:
        for edge in _edges_of(after):
            self._edges.register(edge.id, edge.branch)
        for gone in {edge.id for edge in _edges_of(before)} - {e.id for e in _edges_of(after)}:
            self._edges.forget(gone)

    def _values(self, index: Index) -> lookups.Values:
        own: list[Row] = []
        for branch, content in index.branches.items():
            rows = self._contents.rows(branch, content.sha256)
            own += [row for row in rows if branch_of(row) in (branch, "")]
        return lookups.values_of(own)

    def _render(self, row: JobRow, utc: datetime) -> None:
        waiting = sorted(set(row.branches) - set(row.done or ()))
        for branch in waiting:
            self._queues.render(row.job, branch, int(row.generation), utc)
        state = "rendering" if waiting else "done"
        row.update(actions=[JobRow.state.set(state), JobRow.moved_at.set(utc)])


def faults_of(drafted: list[Drafted]) -> list[Detail]:
    """What is wrong with all drafts together: the domain's rules, and edges without a branch."""
    rows = _rows(drafted)
    branches = {branch_of(row) for row in rows}
    faults = [Detail(fault.path, fault.reason) for fault in check_rows(rows)]
    return faults + [
        Detail(f"edge/{edge.id}.branch", "names no branch")
        for edge in _edges(drafted)
        if edge.branch not in branches
    ]


def _rows(drafted: list[Drafted]) -> list[Row]:
    return [row for row in drafted if not isinstance(row, EdgeDraft)]


def _edges(drafted: list[Drafted]) -> list[EdgeDraft]:
    return [row for row in drafted if isinstance(row, EdgeDraft)]


def _edges_of(index: Index) -> list[EdgeDraft]:
    return [edge for content in index.branches.values() for edge in content.edges]


def _open() -> Iterator[JobRow]:
    states = JobRow.state.is_in("accepted", "frozen", "rendering")
    return iter(JobRow.scan(filter_condition=states, consistent_read=True))


def jobs_in(event: dict[str, Any]) -> list[str]:
    """The jobs that an event of the publish queue asks to run."""
    return [str(json.loads(record["body"])["job"]) for record in event["Records"]]
