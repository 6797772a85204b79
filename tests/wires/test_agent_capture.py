"""The agent's own capture of a D channel, opened by a stranger: tshark finds the 911 call in it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.wires.agent.branch import FLOOR_2
from tests.wires.agent.capture import Capture
from tests.wires.agent.rig import Rig

pytestmark = pytest.mark.wire

CALL_PROCEEDING, SETUP, CONNECT, RELEASE = "0x02", "0x05", "0x07", "0x4d"
US, THEM = "Local User", "Remote Network"


def test_an_operators_capture_shows_the_911_call_with_both_directions_told_apart(
    tmp_path: Path,
) -> None:
    with Rig(tmp_path) as rig:
        agent = rig.start()
        path = rig.branch.state / "pri-1.pcap"
        words = ("--span", "pri-1", "--file", "pri-1.pcap", "--seconds", "3600")
        operator = agent.command_begins("capture", *words)
        agent.until(lambda: path.exists() and path.stat().st_size > 0)
        rig.lync("lync_hangs_up").ends_well()
        capture = Capture(path)

        def messages(sender: str) -> list[str]:
            found = capture.fields("q931", "_ws.col.Source", "q931.message_type")
            return [line.split("\t")[1] for line in found if line.startswith(sender)]

        agent.until(lambda: RELEASE in messages(THEM))  # the file grows once a second
        assert messages(US)[0] == SETUP
        assert {CALL_PROCEEDING, CONNECT} <= set(messages(THEM))
        numbers = ("q931.calling_party_number.digits", "q931.called_party_number.digits")
        assert capture.fields(f"q931.message_type == {SETUP}", *numbers) == [
            f"{FLOOR_2.digits}\t911"
        ]
        assert capture.problems() == []
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        operator.kill()
        operator.communicate()
