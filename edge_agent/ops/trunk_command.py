"""``elingate-edge trunk``: test a trunk and wait for the end of it, look at results, say what was
heard; take channels out of service and put them back.

One ELIN after the other, each asked for when the one before it is over: an operator who stops the
command stops the round, and at most one call goes on to its end by itself.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge_agent.ops.admin import AdminRefused, Document
from edge_agent.ops.readbacks import LISTEN_S, OVER
from edge_agent.ops.trunk_table import results_shown, trunks_shown

DONE, UNPROVED = 0, 3
POLL_S = 0.5
FORGOTTEN = "the agent has forgotten the test: it was started again meanwhile"

EXAMPLES = """
examples:
  elingate-edge trunk test spf-pri --number 2065550199 --config …    all ELINs of the branch
  elingate-edge trunk test spf-pri --elin 4255550142 --config …      the trunk's own test number
  elingate-edge trunk results --config …
  elingate-edge trunk heard edge-1-5f3a-7 4255550142 --config …      what was read back
  elingate-edge trunk out pri-1 3 --config …                         try channel 3 last
  elingate-edge trunk in pri-1 1-4,7 --config …                      and these as usual again

A number that could reach a PSAP is refused, and so is a trunk without a channel to spare. What the
far end says is in a WAV file below the agent's state folder; whoever listens to it says by `heard`
which number was read back. Another one than the ELIN is an alarm.

A channel out of service is seized when no other is left, and never refused: a 911 call goes out.
Calls on it go on. The switch is told by SERVICE where its kind knows that (not Euro-ISDN).

exit codes:
  0   every test was answered; what was heard is the ELIN
  1   the agent refused
  3   a test was not answered; what was heard is not the ELIN
  69  no agent is running
  78  the configuration cannot be used
  130 you stopped waiting (Ctrl-C); a call under way goes on to its end
"""

Ask = Callable[[Document], Any]
Pause = Callable[[float], object]


def parser() -> argparse.ArgumentParser:
    """The words of the command."""
    whole = argparse.ArgumentParser(
        prog="elingate-edge trunk",
        description="Have a carrier read back which calling number arrives; lay channels off.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--config", type=Path, required=True, help="edge.toml")
    shared.add_argument("--json", action="store_true", help="answer as JSON")
    words = whole.add_subparsers(dest="word", required=True)
    test = words.add_parser("test", parents=[shared], help="place test calls and wait for them")
    test.add_argument("trunk", help="id of the trunk")
    test.add_argument("--number", help="the carrier's test number; else the trunk's own")
    test.add_argument("--elin", help="the ELIN to send; else all of the trunk's branch")
    test.add_argument(
        "--seconds", type=float, default=LISTEN_S, help="how long to listen to an answer"
    )
    results = words.add_parser("results", parents=[shared], help="what came of tests")
    results.add_argument("--lines", type=int, default=50, help="how many, the latest")
    heard = words.add_parser("heard", parents=[shared], help="say which number was read back")
    heard.add_argument("id", help="id of the test")
    heard.add_argument("number", help="what was read back")
    for word, meaning in (("out", "try channels last"), ("in", "put channels back in service")):
        service = words.add_parser(word, parents=[shared], help=meaning)
        service.add_argument("span", help="id of the span")
        service.add_argument("channels", help="such as 3 or 1-4,7; or as `trunks` shows them")
    return whole


def run(arguments: argparse.Namespace, ask: Ask, pause: Pause) -> int:
    """Do what was asked, by questions to the agent; returns the exit code.

    Raises:
        AdminRefused: the agent will not; the text says why.
        OSError: no agent is there.
    """
    if arguments.word == "test":
        return _test(arguments, ask, pause)
    if arguments.word in ("out", "in"):
        return _serve(arguments, ask)
    if arguments.word == "results":
        found = ask({"do": "trunk-results", "lines": arguments.lines})
    else:
        found = [ask({"do": "trunk-heard", "id": arguments.id, "number": arguments.number})]
    print(shown(found, as_json=arguments.json))
    is_wrong = arguments.word == "heard" and found[0]["verdict"] != "matches"
    return UNPROVED if is_wrong else DONE


def shown(results: list[Document], *, as_json: bool) -> str:
    """Results for a program or for a terminal."""
    return json.dumps(results, indent=2) if as_json else results_shown(results)


def _test(arguments: argparse.Namespace, ask: Ask, pause: Pause) -> int:
    elins = [arguments.elin] if arguments.elin else ask(_question("trunk-elins", arguments))
    results: list[Document] = []
    try:
        question = _question("trunk-test", arguments)
        results.extend(_one(question | {"elin": elin}, ask, pause) for elin in elins)
    finally:
        if results:
            print(shown(results, as_json=arguments.json))
    return DONE if all(each["outcome"].startswith("answered") for each in results) else UNPROVED


def _serve(arguments: argparse.Namespace, ask: Ask) -> int:
    asked = {"span": arguments.span, "channels": arguments.channels}
    rows = ask({"do": f"trunk-{arguments.word}", **asked})
    print(json.dumps(rows, indent=2) if arguments.json else trunks_shown(rows))
    return DONE


def _question(do: str, arguments: argparse.Namespace) -> Document:
    said = {"trunk": arguments.trunk, "number": arguments.number, "seconds": arguments.seconds}
    return {"do": do, **{key: value for key, value in said.items() if value is not None}}


def _one(question: Document, ask: Ask, pause: Pause) -> Document:
    """One test from its placing to its end, with a line for each state on standard error."""
    id_, state = ask(question)["id"], ""
    while True:
        found: list[Document] = ask({"do": "trunk-results", "id": id_})
        if not found:
            raise AdminRefused(FORGOTTEN)
        if found[0]["state"] != state:
            state = found[0]["state"]
            print(f"{question['elin']}: {state} ({found[0]['outcome']})", file=sys.stderr)
        if state == OVER:
            return found[0]
        pause(POLL_S)
