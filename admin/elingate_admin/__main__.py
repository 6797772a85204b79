"""The entry point of ``elingate``: run the command, turn what ended it into words and a code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from elingate_admin.commands import build
from elingate_admin.errors import Refusal
from elingate_admin.screen import tell


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``elingate`` with these arguments, or the process's; returns the exit code."""
    try:
        build()(arguments, prog_name="elingate")
    except Refusal as refusal:
        tell(refusal)
        return refusal.exit_code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
