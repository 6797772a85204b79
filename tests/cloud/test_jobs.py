"""A publish can stop anywhere: it is taken up again, alone, and ends in the same place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import ClientError

from e911.rows import Row
from e911_cloud import lookups
from e911_cloud.content import Contents, Index
from e911_cloud.drafts import Drafted, Drafts
from e911_cloud.edges import Edges
from e911_cloud.errors import Conflict, Invalid, NotFound
from e911_cloud.jobs import Jobs, Queues, jobs_in, warnings_in
from e911_cloud.tables import JobRow, LookupRow
from tests.cloud.calls_of import NOON
from tests.cloud.places import DRAFTS, FLOOR
from tests.cloud.stack import messages, seed, sqs_event

CAMA = {"branch": "springfield", "trunk": "cama"}
SOON = NOON + timedelta(seconds=30)
LATER = NOON + timedelta(minutes=2)
MUCH_LATER = NOON + timedelta(minutes=10)


@pytest.fixture
def drafts(stack: None) -> Drafts:
    seed(DRAFTS)
    return Drafts()


@pytest.fixture
def jobs(drafts: Drafts) -> Jobs:
    urls = os.environ["PUBLISH_QUEUE_URL"], os.environ["RENDER_QUEUE_URL"]
    queues = Queues(boto3.client("sqs"), *urls)
    return Jobs(drafts, Contents(boto3.client("s3"), os.environ["BUCKET"]), Edges(), queues)


def finish(jobs: Jobs, job: str) -> None:
    jobs.run(job, NOON)
    for message in messages("Render"):
        jobs.rendered(message["job"], message["branch"], NOON)


def unreached(drafts: Drafts) -> None:
    """Springfield's only trunk becomes one that carries calls out only."""
    drafts.put("trunk", "spf-pri", CAMA, who="ann", utc=NOON)


def rename(drafts: Drafts, name: str) -> None:
    drafts.put("erl", "spf-1", {**FLOOR, "name": name}, who="ann", utc=NOON)


def test_a_publish_goes_through_its_states(jobs: Jobs) -> None:
    assert jobs.publish("j1", "ann", NOON) == 1
    assert jobs.get("j1").state == "frozen"
    assert messages("Publish") == [{"job": "j1"}]
    jobs.run("j1", NOON)
    assert (jobs.get("j1").state, lookups.read_current().generation) == ("rendering", 1)
    rendering = messages("Render")
    assert [m["branch"] for m in rendering] == ["shelbyville", "springfield"]
    jobs.rendered("j1", "shelbyville", NOON)
    assert jobs.get("j1").state == "rendering"
    jobs.rendered("j1", "springfield", NOON)
    assert jobs.get("j1").state == "done"


def test_two_publishes_do_not_run_at_once(jobs: Jobs) -> None:
    jobs.publish("j1", "ann", NOON)
    with pytest.raises(Conflict):
        jobs.publish("j2", "ann", NOON)
    jobs.run("j1", NOON)
    assert jobs.publish("j3", "ann", NOON) == 2


def test_drafts_that_are_wrong_as_a_whole_are_not_published(jobs: Jobs, drafts: Drafts) -> None:
    drafts.delete("elin", "2175550111", who="ann", utc=NOON)
    drafts.put("edge", "e9", {"branch": "nowhere"}, who="ann", utc=NOON)
    faults = {fault.loc for fault in jobs.validate()[0]}
    assert "edge/e9.branch" in faults
    assert any(loc.startswith("erl/spf-1") for loc in faults)
    with pytest.raises(Invalid):
        jobs.publish("j1", "ann", NOON)
    assert lookups.read_current().generation == 0
    with pytest.raises(NotFound):
        jobs.get("j1")


def test_a_branch_that_no_callback_reaches_is_published_and_the_job_says_so(
    jobs: Jobs, drafts: Drafts
) -> None:
    """An edge that is refused its rows keeps older ones, and is called back no sooner."""
    unreached(drafts)
    faults, warnings = jobs.validate()
    assert (faults, [each.loc for each in warnings]) == ([], ["branch/springfield"])
    jobs.publish("j1", "ann", NOON)
    assert warnings_in(jobs.get("j1")) == warnings
    finish(jobs, "j1")
    assert (jobs.get("j1").state, warnings_in(jobs.get("j1"))) == ("done", warnings)


def test_a_job_of_an_older_release_warned_of_nothing() -> None:
    assert warnings_in(JobRow("j0", state="done")) == []


def test_a_job_that_stopped_before_it_ran_is_taken_up_by_the_schedule(jobs: Jobs) -> None:
    jobs.publish("j1", "ann", NOON)
    assert jobs.resume(SOON) == []
    assert jobs.resume(LATER) == ["j1"]
    assert (jobs.get("j1").state, lookups.read_current().generation) == ("rendering", 1)


def test_a_job_that_stopped_half_way_through_the_keys_ends_in_the_same_place(jobs: Jobs) -> None:
    jobs.publish("j1", "ann", NOON)
    lookups.write({"ELIN#2175550111": {"branch": "springfield", "erl": "spf-1", "lent": []}}, 1)
    jobs.resume(LATER)
    found = lookups.Published().get(["ELIN#2175550111", "ERL#spf-2"], LATER)
    assert set(found) == {"ELIN#2175550111", "ERL#spf-2"}


def test_a_job_whose_render_was_lost_has_it_rendered_again(jobs: Jobs) -> None:
    jobs.publish("j1", "ann", NOON)
    jobs.run("j1", NOON)
    messages("Render")
    jobs.rendered("j1", "springfield", NOON)
    assert jobs.resume(LATER) == ["j1"]
    assert [m["branch"] for m in messages("Render")] == ["shelbyville"]


def test_a_job_that_froze_nothing_fails_and_frees_the_way(jobs: Jobs) -> None:
    jobs._lock("j1", "ann", NOON)
    jobs.resume(MUCH_LATER)
    assert jobs.get("j1").state == "failed"
    assert jobs.publish("j2", "ann", MUCH_LATER) == 1


def test_a_publisher_that_is_only_slow_keeps_the_way(jobs: Jobs) -> None:
    """It may still be writing: the function that freezes may run for five minutes."""
    jobs._lock("j1", "ann", NOON)
    jobs.resume(LATER)
    assert jobs.get("j1").state == "accepted"
    with pytest.raises(Conflict):
        jobs.publish("j2", "ann", LATER)


def test_a_publisher_that_was_given_up_freezes_nothing(jobs: Jobs) -> None:
    jobs._lock("j1", "ann", NOON)
    jobs.resume(MUCH_LATER)
    with pytest.raises(Conflict):
        jobs._freeze("j1", lambda generation, _: Index(generation), MUCH_LATER)
    assert (jobs.get("j1").state, messages("Publish")) == ("failed", [])


def test_a_publish_that_cannot_be_written_frees_the_way_at_once(jobs: Jobs, drafts: Drafts) -> None:
    nowhere = Contents(boto3.client("s3"), "no-such-bucket")
    broken = Jobs(drafts, nowhere, Edges(), Queues(boto3.client("sqs"), "", ""))
    with pytest.raises(ClientError):
        broken.publish("j1", "ann", NOON)
    assert jobs.get("j1").state == "failed"
    assert jobs.publish("j2", "ann", NOON) == 1


def test_drafts_that_are_edited_while_they_are_read_are_not_published(jobs: Jobs) -> None:
    """Else a publisher that read early and locked late would take a newer publish back."""

    class Edited(Drafts):
        def rows(self) -> Iterator[Drafted]:
            yield from super().rows()
            rename(self, "Ground")

    edited = Jobs(Edited(), jobs._contents, jobs._edges, jobs._queues)
    with pytest.raises(Conflict):
        edited.publish("j1", "ann", NOON)
    assert jobs.publish("j2", "ann", NOON) == 1


class Watched(Contents):
    """Contents that let a test in between two steps of a flip."""

    on_read: Callable[[], None] = staticmethod(lambda: None)

    def rows(self, branch: str, digest: str) -> list[Row]:
        self.on_read()
        return super().rows(branch, digest)


@pytest.fixture
def contents(stack: None) -> Watched:
    return Watched(boto3.client("s3"), os.environ["BUCKET"])


@pytest.fixture
def watched(jobs: Jobs, contents: Watched) -> Jobs:
    return Jobs(jobs._drafts, contents, jobs._edges, jobs._queues)


def test_a_job_that_is_being_flipped_is_not_flipped_by_another(
    watched: Jobs, contents: Watched, jobs: Jobs
) -> None:
    """A message that comes twice, or the schedule: the slower would write over a later publish."""
    seen = []

    def another() -> None:
        jobs.resume(LATER)
        jobs.run("j1", LATER)
        seen.append((jobs.get("j1").state, lookups.read_current().generation))

    watched.publish("j1", "ann", NOON)
    contents.on_read = another
    watched.run("j1", NOON)
    assert set(seen) == {("frozen", 0)}
    assert (jobs.get("j1").state, lookups.read_current().generation) == ("rendering", 1)


def test_a_flip_that_failed_is_taken_up_by_the_next_schedule(
    watched: Jobs, contents: Watched, jobs: Jobs
) -> None:
    def away() -> None:
        raise ConnectionError("away")

    watched.publish("j1", "ann", NOON)
    contents.on_read = away
    with pytest.raises(ConnectionError):
        watched.run("j1", NOON)
    assert jobs.resume(LATER) == ["j1"]
    assert jobs.get("j1").state == "rendering"


def test_a_job_that_fails_again_holds_up_no_render(
    watched: Jobs, contents: Watched, jobs: Jobs
) -> None:
    def away() -> None:
        raise ConnectionError("away")

    jobs.publish("z1", "ann", NOON)
    jobs.run("z1", NOON)
    messages("Render")
    jobs.publish("a2", "ann", NOON)
    contents.on_read = away
    with pytest.raises(ConnectionError):
        watched.resume(LATER)
    assert {message["job"] for message in messages("Render")} == {"z1"}


def test_a_flip_that_died_is_taken_over_when_it_cannot_be_alive(jobs: Jobs) -> None:
    jobs.publish("j1", "ann", NOON)
    assert jobs._take(jobs.get("j1"), NOON)
    jobs.resume(LATER)
    assert jobs.get("j1").state == "frozen"
    jobs.resume(MUCH_LATER)
    assert jobs.get("j1").state == "rendering"


def test_a_runner_that_died_before_it_freed_the_way_blocks_nobody(jobs: Jobs) -> None:
    jobs.publish("j1", "ann", NOON)
    jobs._flip(1)
    jobs.get("j1").update(actions=[JobRow.state.set("rendering")])
    jobs.resume(LATER)
    assert jobs.publish("j2", "ann", LATER) == 2


def test_a_render_that_is_faster_than_its_message_is_counted(jobs: Jobs) -> None:
    """A job that is done stays done, though the runner that sent the renders writes last."""
    jobs.publish("j1", "ann", NOON)
    jobs.run("j1", NOON)
    slow = jobs.get("j1")
    for message in messages("Render"):
        jobs.rendered("j1", message["branch"], NOON)
    jobs._render(slow, NOON)
    assert jobs.get("j1").state == "done"


def test_running_a_finished_job_again_does_nothing(jobs: Jobs) -> None:
    jobs.publish("j1", "ann", NOON)
    finish(jobs, "j1")
    jobs.run("j1", LATER)
    assert (jobs.get("j1").state, messages("Render")) == ("done", [])


def test_only_changed_branches_and_changed_keys_are_written(jobs: Jobs, drafts: Drafts) -> None:
    jobs.publish("j1", "ann", NOON)
    finish(jobs, "j1")
    drafts.put(
        "target",
        "spf-desk",
        {**DRAFTS["target", "spf-desk"], "address": "https://x.example/"},
        who="ann",
        utc=NOON,
    )
    jobs.publish("j2", "ann", NOON)
    jobs.run("j2", NOON)
    assert [m["branch"] for m in messages("Render")] == ["springfield"]
    changed = {row.key for row in LookupRow.scan() if "2" in row.values}
    assert changed == {"TARGET#spf-desk"}


def test_a_publish_that_changes_nothing_is_done_at_once(jobs: Jobs) -> None:
    jobs.publish("j1", "ann", NOON)
    finish(jobs, "j1")
    assert jobs.publish("j2", "ann", NOON) == 2
    jobs.run("j2", NOON)
    assert jobs.get("j2").state == "done"


def test_what_was_removed_is_published_as_a_tombstone(jobs: Jobs, drafts: Drafts) -> None:
    jobs.publish("j1", "ann", NOON)
    finish(jobs, "j1")
    drafts.delete("element", "spf-ap", who="ann", utc=NOON)
    jobs.publish("j2", "ann", NOON)
    finish(jobs, "j2")
    assert lookups.Published().get(["BSSID#00-11-22-33-44-55"], NOON) == {}


def test_an_edge_that_is_published_no_more_is_forgotten(jobs: Jobs, drafts: Drafts) -> None:
    jobs.publish("j1", "ann", NOON)
    finish(jobs, "j1")
    assert Edges().get("edge-shelbyville").branch == "shelbyville"
    drafts.delete("edge", "edge-shelbyville", who="ann", utc=NOON)
    jobs.publish("j2", "ann", NOON)
    finish(jobs, "j2")
    with pytest.raises(NotFound):
        Edges().get("edge-shelbyville")
    assert Edges().get("edge-springfield").branch == "springfield"


def test_a_rollback_is_the_old_content_under_a_new_generation(jobs: Jobs, drafts: Drafts) -> None:
    """R10: generation and serial go forward, the content goes back."""
    jobs.publish("j1", "ann", NOON)
    finish(jobs, "j1")
    rename(drafts, "Ground")
    jobs.publish("j2", "ann", NOON)
    finish(jobs, "j2")
    assert jobs.rollback("j3", 1, "ann", NOON) == 3
    finish(jobs, "j3")
    found = lookups.Published().get(["ERL#spf-1"], NOON)
    assert (found["ERL#spf-1"]["name"], lookups.read_current().generation) == ("Floor 1", 3)
    with pytest.raises(NotFound):
        jobs.rollback("j4", 9, "ann", NOON)
    jobs._contents.name(Index(4))
    with pytest.raises(NotFound):
        jobs.rollback("j5", 4, "ann", NOON)


def test_the_queue_names_its_jobs() -> None:
    assert jobs_in(sqs_event({"job": "j1"}, {"job": "j2"})) == ["j1", "j2"]
