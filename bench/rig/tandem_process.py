"""The tandem of a branch's E&M spans as the bench has it: a process that is asked at the end."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from bench.rig.agent import ROOT
from bench.rig.branch import Branch
from bench.rig.tandem import Wiring

PATIENCE_S = 10.0


class TandemProcess:
    """One process for all spans; ``blocks`` are those of each spill, span by span."""

    def __init__(self, branch: Branch, blocks: list[list[int]]) -> None:
        self._wiring = [
            Wiring((span.d_remote, span.d_local), (span.b_remote, span.b_local), tuple(each))
            for span, each in zip(branch.spans, blocks, strict=True)
        ]
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        process = self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.rig.tandem"),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([asdict(each) for each in self._wiring]).encode() + b"\n")
        ready = await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)
        if not ready:
            raise ConnectionError("the tandem did not begin")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def over(self) -> list[dict[str, Any]]:
        """End it; all calls in the order in which their seizures arrived."""
        assert self._process is not None
        out, _ = await asyncio.wait_for(self._process.communicate(b""), PATIENCE_S)
        seen: list[dict[str, Any]] = json.loads(out)
        return seen
