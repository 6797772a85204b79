"""The agent as a process places calls with a SIP provider (sipp) and by a failing PRI; whatever it
writes toward a trunk, tshark finds the ELIN there and nothing of the caller (R2).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wires.agent.branch import CALLER_NUMBER, FLOOR_2, PSAP
from tests.wires.agent.capture import of_d_channel, of_sip, traces_of_person
from tests.wires.agent.rig import Rig

pytestmark = pytest.mark.wire

WORDS = ("philippa", "strand", "contoso")
SETUP = "q931.message_type == 0x05"


def test_r2_a_provider_sees_the_elin_in_from_identity_and_contact_and_no_caller_anywhere(
    tmp_path: Path,
) -> None:
    with Rig(tmp_path, route=("provider",), auto=None) as rig:
        provider = rig.provider()
        agent = rig.start()
        agent.until(lambda: agent.ask("status")["trunks"]["provider"])
        rig.lync("lync_hangs_up").ends_well()
        provider.ends_well()
        ours = of_sip(
            tmp_path / "trunk.pcap",
            [each for each in rig.tap.datagrams if each[0]],
            rig.branch.sip,
            rig.branch.trunk,
        )
    invites = ours.fields('sip.Method == "INVITE"', "sip.from.user", "sip.pai.user")
    assert set(invites) == {f"{FLOOR_2.digits}\t{FLOOR_2.digits}"}
    methods = set(ours.fields("sip.Request-Line", "sip.Method"))
    assert {"OPTIONS", "INVITE", "ACK", "BYE"} <= methods
    assert ours.problems() == []
    assert traces_of_person(ours.everything(), CALLER_NUMBER, WORDS) == []


def test_r7_the_psap_calls_back_by_the_provider_and_the_platform_rings_marked(
    tmp_path: Path,
) -> None:
    with Rig(tmp_path, route=("provider",), auto=None) as rig:
        provider = rig.provider()
        agent = rig.start()
        agent.until(lambda: agent.ask("status")["trunks"]["provider"])
        rig.lync("lync_hangs_up").ends_well()
        provider.ends_well()
        phone = rig.phone()
        rig.provider_calls(FLOOR_2.digits).ends_well()
        phone.ends_well()
        agent.until(lambda: agent.ask("calls") == [])
        ours = of_sip(
            tmp_path / "trunk.pcap",
            [each for each in rig.tap.datagrams if each[0]],
            rig.branch.sip,
            rig.branch.trunk,
        )
    assert ours.problems() == []
    assert traces_of_person(ours.everything(), CALLER_NUMBER, WORDS) == []


def test_r2_no_frame_on_the_d_channel_names_the_caller_in_a_call_out_and_a_callback(
    tmp_path: Path,
) -> None:
    with Rig(tmp_path) as rig:
        rig.start()
        rig.lync("lync_hangs_up").ends_well()
        rig.pri.until("hangup_req")
        phone = rig.phone("callback_phone_hangs_up")
        rig.pri.do("call", called=FLOOR_2.digits, calling=PSAP, channel=3)
        phone.ends_well()
        rig.pri.until("hangup_req", 2)
        whole = of_d_channel(tmp_path / "span.pcap", rig.pri.frames)
        ours = of_d_channel(tmp_path / "ours.pcap", [each for each in rig.pri.frames if each[0]])
    numbers = ("q931.calling_party_number.digits", "q931.called_party_number.digits")
    assert ours.fields(SETUP, *numbers) == [f"{FLOOR_2.digits}\t911"]
    assert whole.fields(SETUP, *numbers) == [f"{FLOOR_2.digits}\t911", f"{PSAP}\t{FLOOR_2.digits}"]
    types = set(ours.fields("q931", "q931.message_type"))
    assert {"0x05", "0x01", "0x07", "0x45"} <= types
    assert whole.problems() == []
    text = ours.everything()
    assert FLOOR_2.digits in text
    assert traces_of_person(text, CALLER_NUMBER, WORDS) == []
    for element in ("Display", "User-user", "Redirecting", "Connected number", "Facility"):
        assert element not in text


@pytest.mark.parametrize(
    "text",
    [
        "sip:+14255557788@",
        "(425) 555-7788",
        b"4255557788".hex(),
        "2455557788",
        "Philippa",
        b"Strand".hex(),
        "strand".encode("utf-16-le").hex(),
    ],
)
def test_the_search_finds_a_person_in_every_spelling(text: str) -> None:
    assert traces_of_person(f"field: x{text}y", CALLER_NUMBER, WORDS)


def test_the_search_takes_an_elin_for_nobody() -> None:
    assert traces_of_person(f"{FLOOR_2.digits} +1-425-555-0102", CALLER_NUMBER, WORDS) == []


def test_r1_a_pri_whose_exchange_is_gone_is_passed_over_and_the_provider_takes_the_call(
    tmp_path: Path,
) -> None:
    with Rig(tmp_path, route=("pri", "provider")) as rig:
        provider = rig.provider()
        agent = rig.start()
        rig.pri.stop()
        rig.lync("lync_hangs_up").ends_well()
        provider.ends_well()
        (binding,) = agent.ask("bindings")
        assert (binding["trunk"], binding["elin"]) == ("provider", FLOOR_2.digits)


def test_r1_a_pri_that_never_came_up_costs_no_time_at_all(tmp_path: Path) -> None:
    with Rig(tmp_path, route=("pri", "provider"), auto=None) as rig:
        provider = rig.provider()
        agent = rig.start()
        rig.lync("lync_hangs_up").ends_well()
        provider.ends_well()
        assert "trunk-down" in agent.alarms()
        invite_to_seizure = agent.ask("status")["invite_to_seizure"]
        assert invite_to_seizure["count"] == 1


@pytest.mark.parametrize("cause", [1, 17, 42])
def test_r1_whatever_cause_the_network_gives_before_ringing_the_next_step_is_taken(
    cause: int, tmp_path: Path
) -> None:
    with Rig(tmp_path, route=("pri", "provider"), auto=str(cause)) as rig:
        provider = rig.provider()
        rig.start()
        rig.lync("lync_hangs_up").ends_well()
        provider.ends_well()
        assert rig.pri.until("ring")["calling"] == FLOOR_2.digits


def test_r1_with_every_trunk_down_lync_hears_503_and_the_q850_cause(tmp_path: Path) -> None:
    with Rig(tmp_path, route=("pri", "provider"), auto=None) as rig:
        agent = rig.start()
        rig.lync("lync_is_failed").ends_well()
        assert "call-failed" in agent.alarms()
        agent.until(lambda: agent.ask("calls") == [])
