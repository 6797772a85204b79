"""``elingate-edge``: starts the agent, checks its configuration, or asks the one that runs.

The agent's own code is imported only where it is needed: a question is answered in a quarter of the
time, and an operator asks many.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from edge_agent.config import Config, ConfigFaults, keep_good_copy, load, load_or_last_good
from edge_agent.ops import trunk_command
from edge_agent.ops.admin import ANSWER_S, AdminRefused, ask
from edge_agent.ops.capture import LONGEST_S, USUAL_S
from edge_agent.ops.logs import open_log
from edge_agent.ops.trunk_table import trunks_shown
from edge_agent.ops.views import table

DONE, REFUSED, UNAVAILABLE, BAD_CONFIG, INTERRUPTED = 0, 1, 69, 78, 130
QUESTIONS = ("status", "calls", "bindings", "trunks", "alarms", "trace", "metrics")
STOP_POLL_S = 0.25

EXAMPLES = """
examples:
  elingate-edge --config /etc/elingate/edge.toml                  run the agent
  elingate-edge --config /etc/elingate/edge.toml --check-config   say OK, or every fault at once
  elingate-edge status --config /etc/elingate/edge.toml           ask the running agent
  elingate-edge calls --json --config /etc/elingate/edge.toml
  elingate-edge capture --span pri-1 --file pri-1.pcap --seconds 60 --config …
                                                                  a pcap of a D channel
  elingate-edge trunk test spf-pri --config …                     have ELINs read back (trunk -h)
  elingate-edge trunk out pri-1 3 --config …                      try a channel last; in: as usual
  elingate-edge stop --config /etc/elingate/edge.toml             end when the last call has
  elingate-edge stop --force edge-1-5f3a-7 --config …             end that call now, then as above

A capture holds every number that calls or is called on the span while it is taken: mode 0600, one
new file, at most an hour and 32 MB. A relative FILE is below the agent's state folder, which is all
that its service may write.

exit codes:
  0   done
  1   the agent refused
  69  no agent is running, or a port or socket cannot be opened
  78  the configuration cannot be used
  130 you stopped waiting (Ctrl-C); what the agent has begun goes on to its end
"""


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if words[:1] == ["trunk"]:
            return _trunk(words[1:])
        arguments = _parser().parse_args(words)
        path: Path = arguments.config
        if arguments.check_config:
            return _check(path)
        if arguments.command == "run":
            return _run(path)
        return _ask(load_or_last_good(path)[0], arguments)
    except ConfigFaults as faults:
        print(faults, file=sys.stderr)
        return BAD_CONFIG


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="elingate-edge",
        description="Elingate's edge agent: places 911 calls with their location's ELIN.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "command",
        nargs="?",
        default="run",
        choices=("run", *QUESTIONS, "capture", "stop"),
        help="run the agent (default), or ask the one that runs",
    )
    parser.add_argument("--config", type=Path, required=True, help="edge.toml")
    parser.add_argument("--check-config", action="store_true", help="check it and end")
    parser.add_argument("--json", action="store_true", help="answer as JSON")
    parser.add_argument("--lines", type=int, default=50, help="trace: how many lines")
    parser.add_argument("--span", help="capture: id of the span")
    parser.add_argument("--file", help="capture: a file that is not there yet")
    parser.add_argument(
        "--seconds", type=int, default=USUAL_S, help=f"capture: how long, at most {LONGEST_S}"
    )
    parser.add_argument(
        "--force", nargs="+", default=[], metavar="CALL", help="stop: calls to end now, by name"
    )
    return parser


def _check(path: Path) -> int:
    from edge_agent.cama_equipment import callback_note, trunk_faults

    config = load(path, trunk_faults)
    missing = config.missing_files()
    if missing:
        raise ConfigFaults(path, missing)
    print(f"{path}: OK")
    if note := callback_note(config):
        print(f"{path}: {note}", file=sys.stderr)
    return DONE


def _run(path: Path) -> int:
    from edge_agent.cama_equipment import trunk_faults

    config, faults = load_or_last_good(path, trunk_faults)
    open_log(config.edge.log, config.edge.log_level)
    try:
        asyncio.run(_serve(config, faults))
    except OSError as error:
        print(f"elingate-edge: cannot start: {error}", file=sys.stderr)
        return UNAVAILABLE
    return DONE


async def _serve(config: Config, faults: ConfigFaults | None) -> None:
    from edge_agent.bootstrap import Agent

    agent = Agent(config, faults)
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, agent.drain)
    try:
        await agent.start()
        if faults is None:
            keep_good_copy(config)
        await agent.stopped.wait()
    finally:
        await agent.stop()


def _ask(config: Config, arguments: argparse.Namespace) -> int:
    request: dict[str, Any] = {"do": arguments.command}
    patience_s = ANSWER_S
    if arguments.command == "capture":
        request |= {each: getattr(arguments, each) for each in ("span", "file", "seconds")}
        patience_s += arguments.seconds
    if arguments.command == "trace":
        request["lines"] = arguments.lines
    if arguments.command == "stop":
        request["force"] = arguments.force
    admin_socket = config.edge.admin_socket

    def question() -> int:
        print(_shown(ask(admin_socket, request, patience_s), arguments))
        if arguments.command == "stop":
            _wait_until_gone(admin_socket)
        return DONE

    return _answered(admin_socket, question)


def _trunk(words: Sequence[str]) -> int:
    arguments = trunk_command.parser().parse_args(words)
    config, _ = load_or_last_good(arguments.config)
    asked = partial(ask, config.edge.admin_socket)
    return _answered(
        config.edge.admin_socket, lambda: trunk_command.run(arguments, asked, time.sleep)
    )


def _answered(admin_socket: Path, do: Callable[[], int]) -> int:
    """What ``do`` says, or why the agent does not answer it."""
    try:
        return do()
    except OSError as error:
        print(f"elingate-edge: no agent at {admin_socket}: {error}", file=sys.stderr)
        return UNAVAILABLE
    except AdminRefused as refused:
        print(f"elingate-edge: {refused}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("elingate-edge: not waited for; what the agent has begun goes on", file=sys.stderr)
        return INTERRUPTED


def _shown(answer: Any, arguments: argparse.Namespace) -> str:
    if arguments.json:
        return json.dumps(answer, indent=2)
    if isinstance(answer, list) and arguments.command == "trace":
        return "\n".join(json.dumps(line) for line in answer)
    if isinstance(answer, list):
        return trunks_shown(answer) if arguments.command == "trunks" else table(answer)
    if isinstance(answer, dict):
        return "\n".join(f"{key:18} {_plain(value)}" for key, value in answer.items())
    return str(answer)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{key}={each}" for key, each in value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)


def _wait_until_gone(admin_socket: Path) -> None:
    """Return when the agent has ended; it ends when its last call has."""
    while True:
        try:
            ask(admin_socket, {"do": "calls"})
        except (OSError, AdminRefused):
            return
        time.sleep(STOP_POLL_S)


if __name__ == "__main__":
    sys.exit(main())
