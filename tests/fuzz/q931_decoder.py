"""A coverage-guided fuzzer for the decoder of Q.931 and the trunk behind it: run by hand.

    python -m pip install -c constraints.txt -e '.[fuzz]'
    python -m tests.fuzz.q931_decoder --seconds 600 --decoder
    python -m tests.fuzz.q931_decoder --seconds 600
    python -m tests.fuzz.q931_decoder --keep

The decoder alone is twenty times as fast as with a trunk behind it, so it is run first. A run
begins with the goldens, one of everything that we write and the seeds, and collects what reaches
new code below ``build/``; a finding ends it, with a traceback and a ``crash-`` file. ``--keep``
distils what was collected into the seeds, which :mod:`tests.fuzz.test_q931_decoder` replays in
every test run.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "tests" / "data" / "isdn" / "seeds.hex"
CORPUS = ROOT / "build" / "fuzz" / "q931"
MOST_SEEDS = 150
LONGEST_INPUT = 600

HEADER = """\
# Inputs that reach different code of the Q.931 decoder and of the trunk: a line and its state, then
# messages, each behind its length.
# Distilled by tests/fuzz/q931_decoder.py; tests/fuzz/test_q931_decoder.py replays them.
"""


def main(arguments: list[str]) -> None:
    """Fuzz, or distil."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--decoder", action="store_true", help="without a trunk behind it")
    parser.add_argument("--keep", action="store_true", help="write the seeds anew")
    options = parser.parse_args(arguments)
    if options.keep:
        keep()
    else:
        fuzz(options.seconds, decoder=options.decoder)


def fuzz(seconds: int, *, decoder: bool) -> None:
    """Run until the time is over or something is found; does not return."""
    import atheris

    with atheris.instrument_imports(include=["edge_agent.isdn"]):
        from tests.fuzz import q931_line

    for data in beginnings():
        _store(data)
    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST_INPUT}", "-timeout=10"]
    artifacts = f"-artifact_prefix={CORPUS.parent}/"
    atheris.Setup(
        [sys.argv[0], *options, artifacts, str(CORPUS)],
        q931_line.read_all if decoder else q931_line.run,
    )
    atheris.Fuzz()


def keep() -> None:
    """Take the shortest inputs that together reach every transition between lines of code."""
    from tests.fuzz.q931_line import run

    reached: set[tuple[str, int, int]] = set()
    kept: list[tuple[int, bytes]] = []
    for data in sorted({*beginnings(), *_stored()}, key=lambda each: (len(each), each)):
        fresh = Arcs().of(run, data) - reached
        if fresh:
            reached |= fresh
            kept.append((len(fresh), data))
    best = sorted(kept, key=lambda row: -row[0])[:MOST_SEEDS]
    lines = sorted((data.hex() for _, data in best), key=lambda line: (len(line), line))
    SEEDS.write_text(HEADER + "".join(f"{line}\n" for line in lines), encoding="ascii")
    sys.stdout.write(f"{len(kept)} inputs reach {len(reached)} transitions, {len(lines)} kept\n")


class Arcs:
    """Which transitions between lines of the cores a call goes through."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, int, int]] = set()

    def of(self, run: Any, data: bytes) -> set[tuple[str, int, int]]:
        """Run it and return them."""
        sys.settrace(self._enter)
        try:
            run(data)
        finally:
            sys.settrace(None)
        return self._seen

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        if "/edge_agent/isdn/" not in frame.f_code.co_filename:
            return None
        last = 0

        def line(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal last
            self._seen.add((frame.f_code.co_filename, last, frame.f_lineno))
            last = frame.f_lineno
            return line

        return line


def beginnings() -> Iterator[bytes]:
    """Every golden in every state of every line, all that we write, and the seeds of earlier
    runs.
    """
    from edge_agent.isdn.messages import encode
    from tests.edge.isdn.goldens import messages
    from tests.edge.isdn.samples import every_message
    from tests.fuzz.q931_line import CHOICES, packed

    for choice in range(CHOICES):
        for octets in messages().values():
            yield packed(choice, [octets])
    for message in every_message().values():
        yield packed(0, [encode(message)])
    yield from seeds()


def seeds() -> list[bytes]:
    """Return the inputs kept."""
    lines = SEEDS.read_text(encoding="ascii").splitlines() if SEEDS.exists() else []
    return [bytes.fromhex(line) for line in lines if line and not line.startswith("#")]


def _stored() -> Iterator[bytes]:
    for path in sorted(CORPUS.glob("*")):
        yield path.read_bytes()


def _store(data: bytes) -> None:
    CORPUS.mkdir(parents=True, exist_ok=True)
    (CORPUS / hashlib.sha1(data).hexdigest()).write_bytes(data)


if __name__ == "__main__":
    main(sys.argv[1:])
