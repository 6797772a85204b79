"""``python -m lab.cloud``: runs template.yaml here until its standard input ends or it is told to.

Prints one line of JSON with every address when all functions are ready.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

from lab.cloud.assembly import Assembly, Settings
from lab.cloud.errors import LabCloudError


def main() -> int:
    """Start, print the addresses, wait, stop; exit code 1 with the reason if it cannot start."""
    options = _options()
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    if options.supervised:
        threading.Thread(target=_await_end_of_input, args=(told,), daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="elingate-cloud-") as temporary:
        assembly = Assembly(_settings(options, (options.folder or Path(temporary)).resolve()))
        try:
            addresses = assembly.start()
        except (LabCloudError, OSError) as error:
            print(f"the local cloud did not start: {error}", file=sys.stderr)
            return 1
        print(json.dumps(addresses.document()), flush=True)
        told.wait()
        assembly.stop()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lab.cloud", description=__doc__)
    parser.add_argument("--template", type=Path, default=Path("template.yaml"))
    parser.add_argument("--folder", type=Path, help="for logs and certificates; else temporary")
    parser.add_argument("--port", type=int, default=8911, help="of the HTTP API")
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--credential-port", type=int, default=0)
    parser.add_argument("--s3-port", type=int, default=0)
    parser.add_argument("--issuer-port", type=int, default=0)
    parser.add_argument("--credential-lifetime", type=float, metavar="SECONDS")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--supervised", action="store_true", help="end when standard input ends")
    return parser.parse_args()


def _settings(options: argparse.Namespace, folder: Path) -> Settings:
    return Settings(
        template=options.template,
        folder=folder,
        port=options.port,
        control_port=options.control_port,
        credential_port=options.credential_port,
        s3_port=options.s3_port,
        issuer_port=options.issuer_port,
        credential_lifetime_s=options.credential_lifetime,
        parameters=dict(text.split("=", 1) for text in options.parameter),
    )


def _await_end_of_input(told: threading.Event) -> None:
    # os.read: a thread inside a buffered read would keep the interpreter from ending.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    told.set()


if __name__ == "__main__":
    sys.exit(main())
