"""What the DAHDI driver does that nobody expects: each trap played on bare system calls.

The same stories run on the fake kernel and, in the virtual machine, on the real one, so the fake
is proved where it matters.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import partial

from edge_agent.drivers.dahdi import (
    CHANNEL,
    CONTROL,
    DIAL_PARAMS,
    ELAST,
    Alarm,
    Event,
    Flush,
    Hook,
    Request,
    ask,
)
from tests.edge.drivers.dahdi_ground import (
    B_FAR,
    B_NEAR,
    D_FAR,
    D_NEAR,
    EM_FAR,
    EM_NEAR,
    EM_NEXT_NEAR,
    RECORD,
    SPARE_FAR,
    SPARE_NEAR,
    UNKNOWN_CHANNEL,
    Ground,
    buffers,
    dial,
    dynamic,
    events,
    heard,
    hook,
    opened,
    params,
    refused,
    set_params,
    span_alarms,
    voice,
)
from tests.edge.drivers.dahdi_sound_traps import SOUND_TRAPS
from tests.fakes.dahdi_wire import fcs

# ---- events -------------------------------------------------------------------------------------


def while_an_event_waits_read_and_write_fail_with_elast(ground: Ground) -> None:
    with opened(ground, EM_NEAR, EM_FAR) as (near, far):
        hook(ground, near, Hook.OFFHOOK)
        ground.let_pass(0.5)
        assert refused(lambda: ground.kernel.read(far, 160)) == ELAST
        assert refused(lambda: ground.kernel.write(far, bytes(160))) == ELAST
        assert events(ground, far) == [Event.RINGOFFHOOK]
        assert ground.kernel.write(far, bytes(160)) == 160


def events_are_told_one_at_a_time_and_in_order(ground: Ground) -> None:
    with opened(ground, EM_NEAR, EM_FAR) as (near, far):
        hook(ground, near, Hook.OFFHOOK)
        ground.let_pass(0.5)
        hook(ground, near, Hook.ONHOOK)
        ground.let_pass(0.1)
        assert events(ground, far) == [Event.RINGOFFHOOK, Event.ONHOOK]


# ---- D channel ----------------------------------------------------------------------------------


def a_frame_is_written_with_two_octets_to_spare_and_read_with_its_fcs(ground: Ground) -> None:
    with opened(ground, D_NEAR, D_FAR) as (near, far):
        ground.let_pass(0.2)
        assert ground.kernel.write(near, RECORD + b"\0\0") == 10
        assert heard(ground, far) == RECORD + fcs(RECORD)


def without_room_the_fcs_overwrites_the_end_of_the_frame(ground: Ground) -> None:
    with opened(ground, D_NEAR, D_FAR) as (near, far):
        ground.let_pass(0.2)
        ground.kernel.write(near, RECORD)
        assert heard(ground, far) == RECORD[:-2] + fcs(RECORD[:-2])


def a_frame_written_right_after_the_open_may_be_lost_and_one_100_ms_later_is_not(
    ground: Ground,
) -> None:
    with opened(ground, D_NEAR, D_FAR) as (near, far):
        ground.kernel.write(near, b"first\0\0")
        ground.let_pass(0.15)
        ground.kernel.write(near, b"later\0\0")
        frames = [heard(ground, far)[:-2], heard(ground, far, 0.2)[:-2]]
        assert frames in ([b"later", b""], [b"first", b"later"])


def a_frame_with_a_bad_fcs_is_an_event_and_no_data(ground: Ground) -> None:
    with opened(ground, SPARE_NEAR, SPARE_FAR) as (near, far):
        ask(ground.kernel, near, Request.HDLCRAWMODE, 1)
        ask(ground.kernel, far, Request.HDLCFCSMODE, 1)
        ground.let_pass(0.2)
        events(ground, far)
        ground.kernel.write(near, b"\x02\x01\x7f\xde\xad")
        assert events(ground, far, within_s=1.0) == [Event.BADFCS]
        assert refused(lambda: ground.kernel.read(far, 100)) == errno.EAGAIN
        ground.kernel.write(near, b"\x02\x01\x7f" + fcs(b"\x02\x01\x7f"))
        assert heard(ground, far)[:-2] == b"\x02\x01\x7f"


def a_far_end_that_closes_in_the_middle_of_a_frame_is_an_event_and_no_data(ground: Ground) -> None:
    with opened(ground, D_FAR) as (far,):
        with opened(ground, D_NEAR) as (near,):
            ground.let_pass(0.2)
            ground.kernel.write(near, RECORD * 60 + b"\0\0")
            ground.let_pass(0.02)
        found = events(ground, far, within_s=1.0)
        assert found, "nothing was told"
        assert set(found) <= {Event.BADFCS, Event.ABORT}
        assert refused(lambda: ground.kernel.read(far, 1000)) == errno.EAGAIN


# ---- B channels ---------------------------------------------------------------------------------


def an_idle_voice_channel_plays_7f(ground: Ground) -> None:
    with opened(ground, B_NEAR, B_FAR) as pair:
        voice(ground, *pair)
        ground.let_pass(0.2)
        ask(ground.kernel, pair[1], Request.FLUSH, Flush.READ)
        assert heard(ground, pair[1]) == b"\x7f" * 160


def voice_arrives_byte_for_byte(ground: Ground) -> None:
    with opened(ground, B_NEAR, B_FAR) as (near, far):
        voice(ground, near, far)
        said = bytes(range(160)) * 3
        for at in range(0, len(said), 160):
            assert ground.kernel.write(near, said[at : at + 160]) == 160
        assert said in b"".join(heard(ground, far) for _ in range(8))


def voice_that_nobody_reads_is_kept_and_what_follows_is_dropped(ground: Ground) -> None:
    with opened(ground, B_NEAR, B_FAR) as (near, far):
        voice(ground, near, far)
        ask(ground.kernel, far, Request.FLUSH, Flush.READ)
        ground.kernel.write(near, b"\x11" * 160)
        ground.let_pass(0.3)
        ground.kernel.write(near, b"\x22" * 160)
        ground.let_pass(0.1)
        kept = b"".join(heard(ground, far, 0.02) for _ in range(4))
        assert kept.count(0x11) == 160
        assert kept.count(0x22) == 0
        ground.let_pass(0.3)
        ask(ground.kernel, far, Request.FLUSH, Flush.READ)
        ground.kernel.write(near, b"\x33" * 160)
        fresh = b"".join(heard(ground, far) for _ in range(4))
        assert fresh.count(0x33) == 160


def a_channel_that_runs_dry_or_over_tells_so_only_when_asked_to(ground: Ground) -> None:
    with opened(ground, B_NEAR, B_FAR) as (near, far):
        voice(ground, near, far)
        ground.let_pass(0.3)
        assert events(ground, far) == []
        ask(ground.kernel, near, Request.BUFFER_EVENTS, 1)
        ask(ground.kernel, far, Request.BUFFER_EVENTS, 1)
        for descriptor in (near, far):
            ask(ground.kernel, descriptor, Request.FLUSH, Flush.ALL)
        ground.kernel.write(near, bytes(160))
        ground.let_pass(0.3)
        assert Event.WRITE_UNDERRUN in events(ground, near)
        assert Event.READ_OVERRUN in events(ground, far)


def a_write_ends_a_tone_and_so_does_the_hook(ground: Ground) -> None:
    with opened(ground, EM_NEAR, EM_FAR) as (near, _):
        hook(ground, near, Hook.OFFHOOK)
        for is_write in (True, False):
            events(ground, near)
            dial(ground, near, "M*911#")
            assert ask(ground.kernel, near, Request.DIALING) == 1
            if is_write:
                ground.kernel.write(near, bytes(160))
            else:
                hook(ground, near, Hook.OFFHOOK)
            assert ask(ground.kernel, near, Request.DIALING) == 0


# ---- opening ------------------------------------------------------------------------------------


def a_second_open_is_ebusy_and_an_unknown_channel_einval(ground: Ground) -> None:
    with opened(ground, B_NEAR) as _:
        other = ground.kernel.open(CHANNEL)
        assert refused(lambda: ask(ground.kernel, other, Request.SPECIFY, B_NEAR)) == errno.EBUSY
        assert (
            refused(lambda: ask(ground.kernel, other, Request.SPECIFY, UNKNOWN_CHANNEL))
            == errno.EINVAL
        )
        ground.kernel.close(other)


def a_mode_that_a_channel_cannot_have_is_einval(ground: Ground) -> None:
    with opened(ground, B_NEAR, D_NEAR, EM_NEAR) as (bearer, signalling, trunk):
        for descriptor, request in (
            (bearer, Request.HOOK),
            (signalling, Request.HDLCRAWMODE),
            (trunk, Request.AUDIOMODE),
            (trunk, Request.SETTXBITS),
        ):
            asked = partial(ask, ground.kernel, descriptor, request, 1)
            assert refused(asked) == errno.EINVAL, request.name
        assert refused(lambda: buffers(ground, bearer, 32, 2048)) == errno.EINVAL


def times_that_were_set_are_forgotten_at_the_close(ground: Ground) -> None:
    with opened(ground, EM_NEAR) as (near,):
        set_params(ground, near, rxwinktime=1, rxflashtime=1)
        assert params(ground, near)["rxwinktime"] == 1
    with opened(ground, EM_NEAR) as (near,):
        told = params(ground, near)
        assert (told["rxwinktime"], told["rxflashtime"], told["debouncetime"]) == (300, 1250, 600)


# ---- hook signalling ----------------------------------------------------------------------------


def an_off_hook_is_told_300_ms_late_and_a_shorter_one_as_a_wink(ground: Ground) -> None:
    with opened(ground, EM_NEAR, EM_FAR) as (near, far):
        hook(ground, near, Hook.OFFHOOK)
        ground.let_pass(0.15)
        assert events(ground, far) == []
        ground.let_pass(0.3)
        assert events(ground, far) == [Event.RINGOFFHOOK]
        hook(ground, near, Hook.ONHOOK)
        assert events(ground, far, within_s=0.2) == [Event.ONHOOK]
        hook(ground, near, Hook.OFFHOOK)
        ground.let_pass(0.15)
        hook(ground, near, Hook.ONHOOK)
        assert events(ground, far, within_s=0.3) == [Event.WINKFLASH]


def with_the_shortest_times_an_off_hook_is_told_when_it_happens(ground: Ground) -> None:
    with opened(ground, EM_NEAR, EM_FAR) as (near, far):
        set_params(ground, far, rxwinktime=1)
        hook(ground, near, Hook.OFFHOOK)
        ground.let_pass(0.03)
        assert events(ground, far) == [Event.RINGOFFHOOK]
        hook(ground, near, Hook.ONHOOK)
        ground.let_pass(0.03)
        assert events(ground, far) == [Event.ONHOOK]


def our_own_seizure_is_followed_by_an_off_hook_that_never_was(ground: Ground) -> None:
    with opened(ground, EM_NEAR, EM_FAR) as (near, far):
        # Only on a line whose far end has once moved its hook, as every line in service has.
        hook(ground, far, Hook.OFFHOOK)
        ground.let_pass(0.5)
        hook(ground, far, Hook.ONHOOK)
        ground.let_pass(0.1)
        events(ground, near)
        hook(ground, near, Hook.OFFHOOK)
        ground.let_pass(1.6)
        assert events(ground, near) == []
        assert events(ground, near, within_s=1.5) == [Event.RINGOFFHOOK]
        assert params(ground, near)["rxisoffhook"] == 0


def with_a_short_flash_time_it_is_not(ground: Ground) -> None:
    with opened(ground, EM_NEAR, EM_FAR) as (near, far):
        set_params(ground, near, rxflashtime=1)
        hook(ground, far, Hook.OFFHOOK)
        ground.let_pass(0.5)
        hook(ground, far, Hook.ONHOOK)
        ground.let_pass(0.1)
        events(ground, near)
        hook(ground, near, Hook.OFFHOOK)
        ground.let_pass(2.5)
        assert events(ground, near) == []
        hook(ground, far, Hook.OFFHOOK)
        assert events(ground, near, within_s=1.0) == [Event.RINGOFFHOOK]
        assert params(ground, near)["rxisoffhook"] == 1


def a_wink_is_begun_as_einprogress_and_ends_as_hookcomplete(ground: Ground) -> None:
    with opened(ground, EM_NEAR, EM_FAR) as (near, far):
        assert hook(ground, near, Hook.WINK) == errno.EINPROGRESS
        assert events(ground, near, within_s=1.0) == [Event.HOOKCOMPLETE]
        assert events(ground, far, within_s=1.0) == [Event.WINKFLASH]
        assert hook(ground, near, Hook.FLASH) == errno.EBUSY
        hook(ground, near, Hook.OFFHOOK)
        assert hook(ground, near, Hook.WINK) == errno.EBUSY


def a_start_is_complete_two_seconds_later(ground: Ground) -> None:
    with opened(ground, EM_NEAR, EM_FAR) as (near, far):
        assert hook(ground, near, Hook.START) == errno.EINPROGRESS
        assert events(ground, far, within_s=1.0) == [Event.RINGOFFHOOK]
        ground.let_pass(1.2)
        assert events(ground, near) == []
        assert events(ground, near, within_s=1.0) == [Event.HOOKCOMPLETE]


def the_close_hangs_up(ground: Ground) -> None:
    with opened(ground, EM_FAR) as (far,):
        with opened(ground, EM_NEAR) as (near,):
            hook(ground, near, Hook.OFFHOOK)
            assert events(ground, far, within_s=1.0) == [Event.RINGOFFHOOK]
        assert events(ground, far, within_s=1.0) == [Event.ONHOOK]


def the_bits_of_the_next_channel_stand_above_our_own(ground: Ground) -> None:
    with opened(ground, EM_NEXT_NEAR, EM_FAR) as (next_near, far):
        hook(ground, next_near, Hook.OFFHOOK)
        ground.let_pass(0.5)
        assert events(ground, far) == []
        assert ask(ground.kernel, far, Request.GETRXBITS) == 0xF0


# ---- spans --------------------------------------------------------------------------------------


def a_far_span_that_is_destroyed_is_a_red_alarm_until_it_is_back(ground: Ground) -> None:
    control = ground.kernel.open(CONTROL)
    with opened(ground, B_NEAR) as (near,):
        dynamic(ground, control, Request.DYNAMIC_DESTROY, "1:1")
        assert events(ground, near, within_s=3.0) == [Event.ALARM]
        assert span_alarms(ground, control, 1) == Alarm.RED
        dynamic(ground, control, Request.DYNAMIC_CREATE, "1:1")
        assert events(ground, near, within_s=3.0) == [Event.NOALARM]
        assert span_alarms(ground, control, 1) == 0
    ground.kernel.close(control)


def a_span_in_use_is_not_destroyed(ground: Ground) -> None:
    control = ground.kernel.open(CONTROL)
    with opened(ground, B_NEAR):
        again = refused(lambda: dynamic(ground, control, Request.DYNAMIC_DESTROY, "1:0"))
        assert again == errno.EBUSY
    assert refused(lambda: span_alarms(ground, control, 99)) == errno.EINVAL
    ground.kernel.close(control)


def dialling_times_are_the_boxs_and_are_asked_of_the_control_device(ground: Ground) -> None:
    control = ground.kernel.open(CONTROL)
    with opened(ground, EM_NEAR) as (near,):
        argument = DIAL_PARAMS.buffer()
        on_channel = refused(lambda: ground.kernel.ioctl(near, Request.GET_DIALPARAMS, argument))
        assert on_channel != 0
    told = DIAL_PARAMS.buffer()
    ground.kernel.ioctl(control, Request.GET_DIALPARAMS, told)
    assert DIAL_PARAMS.numbers(told)["mfv1_tonelen"] == 544, "samples"
    wanted = DIAL_PARAMS.buffer(mfv1_tonelen=68, dtmf_tonelen=100, mfr2_tonelen=100)
    ground.kernel.ioctl(control, Request.SET_DIALPARAMS, wanted)
    ground.kernel.close(control)


TRAPS: tuple[Callable[[Ground], None], ...] = (
    while_an_event_waits_read_and_write_fail_with_elast,
    events_are_told_one_at_a_time_and_in_order,
    a_frame_is_written_with_two_octets_to_spare_and_read_with_its_fcs,
    without_room_the_fcs_overwrites_the_end_of_the_frame,
    a_frame_written_right_after_the_open_may_be_lost_and_one_100_ms_later_is_not,
    a_frame_with_a_bad_fcs_is_an_event_and_no_data,
    a_far_end_that_closes_in_the_middle_of_a_frame_is_an_event_and_no_data,
    an_idle_voice_channel_plays_7f,
    voice_arrives_byte_for_byte,
    voice_that_nobody_reads_is_kept_and_what_follows_is_dropped,
    a_channel_that_runs_dry_or_over_tells_so_only_when_asked_to,
    a_write_ends_a_tone_and_so_does_the_hook,
    a_second_open_is_ebusy_and_an_unknown_channel_einval,
    a_mode_that_a_channel_cannot_have_is_einval,
    times_that_were_set_are_forgotten_at_the_close,
    an_off_hook_is_told_300_ms_late_and_a_shorter_one_as_a_wink,
    with_the_shortest_times_an_off_hook_is_told_when_it_happens,
    our_own_seizure_is_followed_by_an_off_hook_that_never_was,
    with_a_short_flash_time_it_is_not,
    a_wink_is_begun_as_einprogress_and_ends_as_hookcomplete,
    a_start_is_complete_two_seconds_later,
    the_close_hangs_up,
    the_bits_of_the_next_channel_stand_above_our_own,
    a_far_span_that_is_destroyed_is_a_red_alarm_until_it_is_back,
    a_span_in_use_is_not_destroyed,
    dialling_times_are_the_boxs_and_are_asked_of_the_control_device,
    *SOUND_TRAPS,
)
