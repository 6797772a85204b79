"""A channel on the fake kernel: no call fails for an event, and none of them is lost."""

from __future__ import annotations

import errno

import pytest

from edge_agent.drivers.dahdi import CHANNEL, Alarm, Event, Hook, Request, Sig
from edge_agent.drivers.dahdi_channel import (
    Channel,
    ChannelGone,
    EventWaits,
    open_control,
    places,
    span_info,
)
from tests.fakes.dahdi_kernel import FakeKernel

EM_NEAR, EM_FAR = 49, 73


class Pair:
    """Two E&M channels, and what the far one is told."""

    def __init__(self) -> None:
        self.kernel = FakeKernel()
        self.told: list[int] = []
        self.near = Channel.open(self.kernel, EM_NEAR, lambda event: None)
        self.far = Channel.open(self.kernel, EM_FAR, self.told.append)

    def seize(self) -> None:
        """The near end goes off hook, and the far end is told."""
        self.near.hook(Hook.OFFHOOK)
        self.kernel.advance(0.5)


def test_an_event_in_the_way_of_a_read_is_told_and_the_read_goes_on() -> None:
    pair = Pair()
    pair.far.buffers(4, 160)
    pair.seize()
    assert pair.far.read(160) == b"\x7f" * 160
    assert pair.told == [Event.RINGOFFHOOK]


def test_an_event_in_the_way_of_a_write_is_told_and_the_write_goes_on() -> None:
    pair = Pair()
    pair.seize()
    assert pair.far.write(bytes(160))
    assert pair.told == [Event.RINGOFFHOOK]


def test_events_of_another_process_are_left_to_it() -> None:
    pair = Pair()
    shared = Channel(pair.kernel, pair.kernel.copy(pair.far.descriptor), None)
    pair.seize()
    with pytest.raises(EventWaits):
        shared.read(160)
    with pytest.raises(EventWaits):
        shared.write(bytes(160))
    pair.far.drain()
    assert pair.told == [Event.RINGOFFHOOK]
    assert shared.write(bytes(160))


def test_a_channel_without_room_and_one_without_data_say_so() -> None:
    pair = Pair()
    assert pair.far.read(160) is None
    pair.near.buffers(2, 160)
    assert [pair.near.write(bytes(160)) for _ in range(3)] == [True, True, False]
    assert pair.near.write(b"longer than a buffer" * 20) is False


def test_einprogress_of_a_hook_is_success_and_ebusy_is_not() -> None:
    pair = Pair()
    pair.near.hook(Hook.WINK)
    with pytest.raises(OSError, match=str(errno.EBUSY)):
        pair.near.hook(Hook.FLASH)


def test_times_are_changed_one_by_one() -> None:
    pair = Pair()
    pair.near.set_params(rxwinktime=1)
    assert pair.near.params()["rxwinktime"] == 1
    assert pair.near.params()["debouncetime"] == 600


def test_a_span_that_is_taken_away_is_told_by_its_event_and_a_second_later_by_every_call() -> None:
    pair = Pair()
    pair.kernel.unassign(4)
    with pytest.raises(ChannelGone):
        pair.far.drain()
    pair.kernel.advance(1.1)
    for call in (
        pair.far.drain,
        pair.far.params,
        lambda: pair.far.read(160),
        lambda: pair.far.write(bytes(160)),
        lambda: pair.far.ask(Request.CHANNO),
    ):
        with pytest.raises(ChannelGone):
            call()
    pair.far.close()
    pair.far.close()


@pytest.mark.parametrize(("number", "meant"), [(EM_NEAR, errno.EBUSY), (777, errno.EINVAL)])
def test_a_channel_that_cannot_be_had_leaks_no_descriptor(number: int, meant: int) -> None:
    pair = Pair()
    before = pair.kernel.open_descriptors
    with pytest.raises(OSError, match=str(meant)):
        Channel.open(pair.kernel, number, None)
    assert pair.kernel.open_descriptors == before


def test_channels_are_found_by_their_place_whatever_numbers_they_have() -> None:
    kernel = FakeKernel()
    control = open_control(kernel)
    assert kernel.open(CHANNEL) != control
    found = places(kernel, control, 2)
    assert (found[1].channel, found[24].channel) == (25, 48)
    assert (found[1].signalling, found[24].signalling) == (Sig.CLEAR, Sig.HDLCFCS)
    kernel.unassign(2)
    kernel.advance(0.1)
    assert places(kernel, control, 2) == {}
    kernel.assign(2, first_channel=200)
    assert places(kernel, control, 2)[24].channel == 223


def test_a_span_is_described_while_it_is_there() -> None:
    kernel = FakeKernel()
    control = open_control(kernel)
    kernel.set_alarms(1, Alarm.RED)
    assert span_info(kernel, control, 1) is not None
    assert span_info(kernel, control, 9) is None
