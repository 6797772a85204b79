"""From drafts to edges: validate the whole, publish it or an earlier one, and see who holds it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated

import typer

from elingate_admin.api import Cloud, Document, path_of
from elingate_admin.documents import EDGE, drafts_of
from elingate_admin.errors import CloudRefused, TookTooLong
from elingate_admin.screen import count, say, show_json, show_table
from elingate_admin.session import AsJson, cloud_of

Wait = Annotated[bool, typer.Option("--wait", help="Wait until all is rendered, with progress.")]
Timeout = Annotated[float, typer.Option(help="Most seconds to wait.", min=0)]
WAIT_S = 600.0
_LOOK_EVERY_S = 0.5


def validate(context: typer.Context, json: AsJson = False) -> None:
    """Say everything that keeps the drafts from being published; exit code 1 if anything does.
    What they may be published with and should not be (a branch that no callback can reach) is
    warned of.

    \b
    Example:
      elingate validate && elingate publish --wait
    """
    answer = cloud_of(context).ask("POST", "/v1/draft/validate", {})
    _warn(answer)
    if json:
        show_json(answer)
    elif not answer["valid"]:
        show_table(("where", "what"), [(each["loc"], each["msg"]) for each in answer["detail"]])
    if not answer["valid"]:
        raise CloudRefused(
            f"not fit to be published: {count(len(answer['detail']), 'fault')}",
            "mend each with: elingate draft put KIND ID -f FILE",
        )
    say("the drafts can be published")


def publish(
    context: typer.Context, wait: Wait = False, timeout: Timeout = WAIT_S, json: AsJson = False
) -> None:
    """Publish the drafts: they are validated, frozen under a new generation, rendered and signed.

    Have the carrier load the ALI records of new ELINs first.

    \b
    Examples:
      elingate publish --wait
      elingate publish --wait --timeout 60 --json
    """
    cloud = cloud_of(context)
    _follow(cloud, cloud.ask("POST", "/v1/publish", {}), wait, timeout, json)


def rollback(
    context: typer.Context,
    generation: Annotated[int, typer.Argument(min=1, help="What was published as this.")],
    wait: Wait = False,
    timeout: Timeout = WAIT_S,
    json: AsJson = False,
) -> None:
    """Publish an earlier generation's content again, as a new generation. The drafts stay as they
    are.

    \b
    Example:
      elingate rollback 41 --wait
    """
    cloud = cloud_of(context)
    started = cloud.ask("POST", "/v1/rollback", {"generation": generation})
    _follow(cloud, started, wait, timeout, json)


def edges(context: typer.Context, json: AsJson = False) -> None:
    """List the edges: which generation each holds, when it was last heard, and its alarms.

    \b
    Example:
      elingate edges
    """
    cloud = cloud_of(context)
    drafts = drafts_of(cloud, EDGE)
    found = [_edge(cloud, str(draft["id"]), str(draft["body"]["branch"])) for draft in drafts]
    if json:
        show_json(found)
        return
    columns = ("edge", "branch", "generation", "serial", "heard at", "calls", "alarms", "down")
    show_table(columns, [_edge_row(edge) for edge in found])


def follow(
    cloud: Cloud,
    job: str,
    timeout_s: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Document:
    """Wait until a job is done, telling each change.

    Raises:
        CloudRefused: it failed.
        TookTooLong: it is still under way.
    """
    deadline, told = clock() + timeout_s, ""
    while True:
        answer = cloud.ask("GET", path_of("jobs", job))
        done, all_ = len(answer["done"]), len(answer["branches"])
        now = f"generation {answer['generation']}: {answer['state']}, {done} of {all_} branches"
        if now != told:
            say(now)
        told = now
        if answer["state"] == "failed":
            raise CloudRefused("the publish stopped before anything was frozen", "publish again")
        if answer["state"] == "done":
            return answer
        if clock() >= deadline:
            raise TookTooLong(f"job {job} is still {answer['state']}", "look again with: edges")
        pause(_LOOK_EVERY_S)


def _follow(cloud: Cloud, started: Document, wait: bool, timeout_s: float, as_json: bool) -> None:
    job, generation = str(started["job"]), started["generation"]
    _warn(started)
    say(f"generation {generation} is being published, job {job}")
    answer = follow(cloud, job, timeout_s) if wait else started
    if as_json:
        show_json(answer)
    elif wait:
        say(f"generation {generation} is ready; see who holds it with: elingate edges")


def _warn(answer: Document) -> None:
    """Say what the cloud warns of, beside the result; one of an older release warns of nothing."""
    for each in answer.get("warnings", ()):
        say(f"elingate: warning: {each['loc']}: {each['msg']}")


def _edge(cloud: Cloud, edge: str, branch: str) -> Document:
    try:
        return cloud.ask("GET", path_of("edges", edge))
    except CloudRefused as refusal:
        if refusal.status != 404:
            raise
    nothing = {"serial": 0, "generation": 0, "health": None, "heard_at": None}
    return {"edge": edge, "branch": branch, **nothing}


def _edge_row(edge: Document) -> list[object]:
    health = edge["health"] or {}
    alarms = [each["slug"] for each in health.get("alarms", ()) if not each.get("cleared")]
    return [
        edge["edge"],
        edge["branch"],
        edge["generation"] or "-",
        edge["serial"] or "-",
        edge["heard_at"] or "never",
        health.get("calls", 0),
        ", ".join(alarms),
        ", ".join(health.get("trunks_down", ())),
    ]
