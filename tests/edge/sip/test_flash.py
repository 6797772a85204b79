"""A PSAP flashes its hook: whoever is on the call is told, and no answer to it ends the call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.leg import (
    Answer,
    Answered,
    Clear,
    Cleared,
    LegId,
    MediaChanged,
    RingParty,
    SendFlash,
    ShowProgress,
)
from edge_agent.sections import FLASH_FORMS
from edge_agent.sip.endpoint import Endpoint
from edge_agent.sip.flash import FLASH_BODIES, FLASH_EVENT
from edge_agent.sip.message import Request
from edge_agent.sip.outputs import MediaEvent
from tests.edge.sip.scene import (
    CONFIG,
    LYNC,
    PHONE_SDP,
    answer,
    endpoint,
    events,
    offered,
    request,
    requests,
    responses,
)

EVENT = replace(CONFIG, flash="event")
TAKES_FLASH = PHONE_SDP + "a=fmtp:101 0-16\r\n"
BACK = LegId("back")
RING = RingParty(BACK, "lync", "sip:ana@contoso.example;gruu", "4255550911", "PSAP", call="E1")


def answered(core: Endpoint, sdp: str = PHONE_SDP) -> tuple[LegId, str]:
    """A caller's call that is up, and our tag of it."""
    leg = offered(core.receive(request(body=sdp), LYNC, 0.0)).leg
    [ok] = responses(core.handle(Answer(leg), 0.1))
    tag = ok.headers.get("to").partition("tag=")[2]
    core.receive(request("ACK", branch="z9hG4bK-a", to_tag=tag), LYNC, 0.2)
    return leg, tag


def flashed(core: Endpoint, leg: LegId) -> Request:
    """The INFO of a flash."""
    outputs = core.handle(SendFlash(leg), 1.0)
    assert events(outputs) == []
    [info] = requests(outputs)
    return info


def test_the_caller_is_sent_an_info_of_the_dialog() -> None:
    core = endpoint()
    leg, tag = answered(core)
    info = flashed(core, leg)
    assert (info.method, info.uri) == ("INFO", "sip:ana@192.0.2.10:5060")
    assert info.headers.get("from").endswith(f";tag={tag}")
    assert info.headers.get("to").endswith(";tag=p-tag")
    assert info.headers.get("cseq") == "1 INFO"
    assert info.headers.get("content-type") == "application/broadsoft; version=1.0"
    assert info.body == b"event flashhook\r\n"


def test_a_file_can_name_every_spelling_and_no_other() -> None:
    assert tuple(FLASH_BODIES) == FLASH_FORMS


@pytest.mark.parametrize("form", FLASH_BODIES)
def test_every_makers_spelling_can_be_had_and_none_names_an_info_package(form: str) -> None:
    """RFC 6086 §2: a legacy usage never does."""
    core = endpoint(replace(CONFIG, flash_form=form))
    info = flashed(core, answered(core)[0])
    assert info.headers.get("content-type") == FLASH_BODIES[form].kind
    assert info.body == FLASH_BODIES[form].content
    assert not info.headers.get("info-package")


def test_each_flash_is_one_more_request_of_the_dialog_and_the_bye_comes_after_them() -> None:
    core = endpoint()
    leg, _ = answered(core)
    for _ in range(2):
        core.receive(answer(flashed(core, leg), 200), LYNC, 1.1)
    [bye] = requests(core.handle(Clear(leg, 16), 2.0))
    assert bye.headers.get("cseq") == "3 BYE"


@pytest.mark.parametrize("status", [200, 202, 403, 405, 408, 415, 469, 481, 500, 503, 603])
def test_no_response_to_it_ends_the_call(status: int) -> None:
    """RFC 3261 §12.2.1.2 lets 408 and 481 end a dialog; a PSAP must not lose its caller so."""
    core = endpoint()
    leg, tag = answered(core)
    assert core.receive(answer(flashed(core, leg), status), LYNC, 1.1) == []
    assert core.legs == (leg,)
    bye = request("BYE", branch="z9hG4bK-b", to_tag=tag, cseq="2 BYE")
    assert events(core.receive(bye, LYNC, 2.0)) == [Cleared(leg, 16, text="BYE")]


def test_an_info_that_nobody_answers_is_given_up_and_the_call_goes_on() -> None:
    core = endpoint()
    leg, _ = answered(core)
    flashed(core, leg)
    repeats = 0
    while (at := core.next_deadline()) is not None and at < 60.0:
        outputs = core.handle_timeout(at)
        assert events(outputs) == []
        repeats += len(requests(outputs))
    assert repeats == 10  # timer E until timer F, RFC 3261 §17.1.2.2
    assert core.legs == (leg,)


def test_a_connection_that_is_lost_with_it_ends_no_call() -> None:
    core = endpoint()
    sbc = replace(LYNC, transport="tcp", host="192.0.2.30", connection=7)
    leg = offered(core.receive(request(body=PHONE_SDP), sbc, 0.0)).leg
    core.handle(Answer(leg), 0.1)
    flashed(core, leg)
    assert events(core.connection_lost(sbc, 1.1)) == []
    assert core.legs == (leg,)


def test_before_the_call_is_up_and_after_it_nobody_is_told() -> None:
    core = endpoint()
    leg = offered(core.receive(request(body=PHONE_SDP), LYNC, 0.0)).leg
    assert core.handle(SendFlash(leg), 0.1) == []
    core.handle(ShowProgress(leg), 0.2)
    assert core.handle(SendFlash(leg), 0.3) == []
    core.handle(Answer(leg), 0.4)
    core.receive(request("ACK", branch="z9hG4bK-a", to_tag="e-tag-2"), LYNC, 0.5)
    core.handle(Clear(leg, 16), 1.0)
    assert core.handle(SendFlash(leg), 1.1) == []


def test_who_answered_a_callback_is_told_and_who_is_only_rung_is_not() -> None:
    core = endpoint()
    [invite] = requests(core.handle(RING, 0.0))
    assert core.handle(SendFlash(BACK), 0.1) == []
    core.receive(answer(invite, 180), LYNC, 0.2)
    assert core.handle(SendFlash(BACK), 0.3) == []
    up = core.receive(answer(invite, 200, body=PHONE_SDP), LYNC, 0.4)
    assert events(up)[-1] == Answered(BACK)
    info = flashed(core, BACK)
    assert (info.method, info.headers.get("cseq")) == ("INFO", "2 INFO")
    assert core.receive(answer(info, 481), LYNC, 1.1) == []
    core.handle(Clear(BACK, 16), 2.0)
    assert core.handle(SendFlash(BACK), 2.1) == []


def test_a_phone_that_takes_event_16_hears_it_in_its_voice() -> None:
    core = endpoint(EVENT)
    leg, _ = answered(core, TAKES_FLASH)
    assert core.handle(SendFlash(leg), 1.0) == [MediaEvent(leg, FLASH_EVENT)]


def test_the_way_is_configured_and_not_what_the_phone_could_take() -> None:
    core = endpoint()
    assert flashed(core, answered(core, TAKES_FLASH)[0]).method == "INFO"


@pytest.mark.parametrize(
    "sdp",
    [
        PHONE_SDP,
        PHONE_SDP + "a=fmtp:101 0-15\r\n",
        PHONE_SDP + "a=fmtp:0 0-16\r\n",
        TAKES_FLASH.replace("0 8 101", "0 8"),
        "rubbish",
        "",
    ],
    ids=["no list", "digits only", "of another payload", "no events", "unreadable", "no sdp"],
)
def test_a_phone_that_does_not_list_event_16_is_sent_the_info(sdp: str) -> None:
    """RFC 4733 §2.5.1.1: who lists nothing takes digits, and nothing else."""
    core = endpoint(EVENT)
    assert flashed(core, answered(core, sdp)[0]).method == "INFO"


def test_a_phone_that_lists_the_event_only_when_voice_moves_is_sent_it_from_then_on() -> None:
    core = endpoint(EVENT)
    leg, tag = answered(core)
    flashed(core, leg)
    moved = TAKES_FLASH.replace("50060", "50070")
    again = request("INVITE", branch="z9hG4bK-m", to_tag=tag, cseq="2 INVITE", body=moved)
    assert any(isinstance(o, MediaChanged) for o in core.receive(again, LYNC, 1.5))
    assert core.handle(SendFlash(leg), 2.0) == [MediaEvent(leg, FLASH_EVENT)]


def test_without_a_port_of_ours_there_is_no_voice_to_put_it_in() -> None:
    core = endpoint(replace(EVENT, rtp_first=20000, rtp_last=20000))
    core.receive(request(body=PHONE_SDP, call_id="first", branch="z9hG4bK-f"), LYNC, 0.0)
    leg, _ = answered(core, TAKES_FLASH)
    assert flashed(core, leg).method == "INFO"


def test_our_own_sdp_lists_the_event_where_it_is_the_way() -> None:
    for config, listed in ((CONFIG, b"a=fmtp:101 0-15\r\n"), (EVENT, b"a=fmtp:101 0-16\r\n")):
        core = endpoint(config)
        leg = offered(core.receive(request(body=PHONE_SDP), LYNC, 0.0)).leg
        [ok] = responses(core.handle(Answer(leg), 0.1))
        assert listed in ok.body
        [invite] = requests(core.handle(RING, 0.2))
        assert listed in invite.body
