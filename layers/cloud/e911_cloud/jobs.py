"""A publish is a job that can stop anywhere and be taken up again: one at a time until readers see
it.

    accepted -> frozen -> rendering -> done        (failed: stopped before anything was frozen)

While a job is accepted or frozen it holds the lock, so a generation is either finished or never
begun by another; and one runner at a time flips it: no slow one writes over what came after.
Once CURRENT has flipped, the lock is free and the branches are rendered, each by its own message.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from e911.rows import Row
from e911.rows_check import check_rows
from e911.rows_warnings import warnings_of
from e911_cloud import lookups
from e911_cloud.content import Contents, Index, branch_of
from e911_cloud.drafts import Drafted, Drafts, EdgeDraft, head_is, is_contended
from e911_cloud.edges import Edges
from e911_cloud.errors import Conflict, Detail, Invalid, NotFound
from e911_cloud.tables import CONDITION_FAILED, AuditRow, JobRow, transactions

ACTIVE = "ACTIVE"
"""Key of the lock's row."""
_STOPPED = timedelta(minutes=1)
"""A job that has not moved for so long may have stopped."""
LIFE = timedelta(minutes=6)
"""Longer than the function may run (template.yaml: 300 s): who began so long ago writes no more."""
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

    def validate(self) -> tuple[list[Detail], list[Detail]]:
        """What keeps the drafts as a whole from being published, and what is only warned of."""
        drafted = list(self._drafts.rows())
        return faults_of(drafted), _warnings_of(drafted)

    def publish(self, job: str, who: str, utc: datetime) -> int:
        """Freeze the drafts under a new generation and have them published; returns the generation.

        Raises:
            Invalid: the drafts as a whole are not right.
            Conflict: another publish is under way, or a draft was edited meanwhile.
        """
        head = self._drafts.head()
        drafted = list(self._drafts.rows())
        faults = faults_of(drafted)
        if faults:
            raise Invalid(faults)
        self._lock(job, who, utc, head, _warnings_of(drafted))

        def freeze(generation: int, before: Index) -> Index:
            return self._contents.freeze(generation, _rows(drafted), _edges(drafted), before)

        return self._freeze(job, freeze, utc)

    def rollback(self, job: str, generation: int, who: str, utc: datetime) -> int:
        """Have what was published as ``generation`` published again, as a new generation (R10).

        Raises:
            NotFound: it never was; a generation that failed may have left its index behind.
            Conflict: another publish is under way.
        """
        if generation > lookups.read_current().generation:
            raise NotFound(f"generation {generation}")
        old = self._contents.index(generation)
        self._lock(job, who, utc)

        def name(new: int, _: Index) -> Index:
            index = Index(new, old.branches)
            self._contents.name(index)
            return index

        return self._freeze(job, name, utc)

    def get(self, job: str) -> JobRow:
        """One job; :class:`NotFound` where there is none."""
        try:
            return JobRow.get(job, consistent_read=True)
        except JobRow.DoesNotExist as error:
            raise NotFound(f"job {job}") from error

    def run(self, job: str, utc: datetime) -> None:
        """Take a job on from wherever it stands; running it twice does no harm."""
        row = self.get(job)
        if row.state == "frozen" and self._take(row, utc):
            self._publish(row, utc)
        if row.state == "rendering":
            # Whoever flipped may have died before this.
            self._unlock(job)
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
        # The one that has the lock comes last: if it fails again, the renders have been sent.
        stopped.sort(key=lambda row: row.state != "rendering")
        for row in stopped:
            if row.state != "accepted":
                self.run(row.job, utc)
            elif utc - row.moved_at >= LIFE:
                self._fail(row.job, utc)
        return [row.job for row in stopped]

    def _freeze(self, job: str, make: Callable[[int, Index], Index], utc: datetime) -> int:
        """Write the next generation down and have it run; whoever cannot frees the way at once."""
        is_frozen = False
        try:
            published = lookups.read_current().generation
            before = self._contents.index(published)
            index = make(published + 1, before)
            self._frozen(job, index.changed(before), index.generation, utc)
            is_frozen = True
        finally:
            if not is_frozen:
                self._fail(job, utc)
        self._queues.run(job)
        return index.generation

    def _lock(
        self,
        job: str,
        who: str,
        utc: datetime,
        head: int | None = None,
        warnings: Sequence[Detail] = (),
    ) -> None:
        """Take the lock, with ``head`` only while the drafts are as they were read."""
        lock = JobRow(ACTIVE, state="lock", holder=job, moved_at=utc)
        row = JobRow(job, state="accepted", who=who, moved_at=utc, expires_at=utc + _KEPT)
        row.warnings = [[each.loc, each.msg] for each in warnings]
        try:
            with TransactWrite(connection=transactions()) as write:
                write.save(lock, condition=JobRow.job.does_not_exist())
                write.save(row, condition=JobRow.job.does_not_exist())
                if head is not None:
                    write.condition_check(AuditRow, "head", 0, condition=head_is(head))
        except TransactWriteError as error:
            if not is_contended(error):
                raise
            raise Conflict("another publish is under way, or a draft was just edited") from error

    def _unlock(self, job: str) -> None:
        try:
            lock = JobRow.get(ACTIVE, consistent_read=True)
        except JobRow.DoesNotExist:
            return
        if lock.holder == job:
            lock.delete(condition=JobRow.holder == job)

    def _frozen(self, job: str, changed: tuple[str, ...], generation: int, utc: datetime) -> None:
        actions: list[Action] = [
            JobRow.state.set("frozen"),
            JobRow.generation.set(generation),
            JobRow.branches.set(list(changed)),
            JobRow.moved_at.set(utc),
        ]
        if not _moved(JobRow(job), actions, JobRow.state == "accepted"):
            raise Conflict("the job was given up meanwhile")

    def _fail(self, job: str, utc: datetime) -> None:
        actions: list[Action] = [JobRow.state.set("failed"), JobRow.moved_at.set(utc)]
        if _moved(JobRow(job), actions, JobRow.state == "accepted"):
            self._unlock(job)

    def _take(self, row: JobRow, utc: datetime) -> bool:
        """Whether this runner may flip: nobody else is at it, or who was cannot be alive."""
        is_free = JobRow.until.does_not_exist() | (JobRow.until <= utc)
        condition = (JobRow.state == "frozen") & is_free
        return _moved(row, [JobRow.until.set(utc + LIFE)], condition)

    def _publish(self, row: JobRow, utc: datetime) -> None:
        is_flipped = False
        try:
            self._flip(int(row.generation))
            is_flipped = True
        finally:
            if not is_flipped:
                row.update(actions=[JobRow.until.remove()])
        row.update(actions=[JobRow.state.set("rendering"), JobRow.moved_at.set(utc)])

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
        # The last render may have set it to done by now: nothing here may set it back.
        done: list[Action] = [] if waiting else [JobRow.state.set("done")]
        row.update(actions=[JobRow.moved_at.set(utc), *done])


def warnings_in(row: JobRow) -> list[Detail]:
    """What was published all the same; nothing where the row is of an older release."""
    return [Detail(path, reason) for path, reason in row.warnings or ()]


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


def _warnings_of(drafted: list[Drafted]) -> list[Detail]:
    return [Detail(each.path, each.reason) for each in warnings_of(_rows(drafted))]


def _rows(drafted: list[Drafted]) -> list[Row]:
    return [row for row in drafted if not isinstance(row, EdgeDraft)]


def _edges(drafted: list[Drafted]) -> list[EdgeDraft]:
    return [row for row in drafted if isinstance(row, EdgeDraft)]


def _edges_of(index: Index) -> list[EdgeDraft]:
    return [edge for content in index.branches.values() for edge in content.edges]


def _open() -> Iterator[JobRow]:
    states = JobRow.state.is_in("accepted", "frozen", "rendering")
    return iter(JobRow.scan(filter_condition=states, consistent_read=True))


def _moved(row: JobRow, actions: list[Action], condition: Condition) -> bool:
    try:
        row.update(actions=actions, condition=condition)
    except UpdateError as error:
        if error.cause_response_code != CONDITION_FAILED:
            raise
        return False
    return True


def jobs_in(event: dict[str, Any]) -> list[str]:
    """The jobs that an event of the publish queue asks to run."""
    return [str(json.loads(record["body"])["job"]) for record in event["Records"]]
