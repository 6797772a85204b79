"""The form of a loop span's signals is the documented one, octet for octet."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from edge_agent.drivers.loop_signals import LoopSignals
from edge_agent.drivers.span import SpanAlarm
from edge_agent.line import BitsChanged, HookChanged, PolarityChanged, PortLost, Transition, Winked
from tests.edge.drivers.span_conformance import Ear
from tests.edge.drivers.test_loop_span import joined_sockets


@pytest.mark.parametrize(
    ("datagram", "transition"),
    [
        (b"S\x01h\x01", HookChanged(1, True, 0.0)),
        (b"S\x18h\x00", HookChanged(24, False, 0.0)),
        (b"S\x02b\x0a", BitsChanged(2, 0b1010, 0.0)),
        (b"S\x03p\x01", PolarityChanged(3, True, 0.0)),
        (b"S\x03p\x00", PolarityChanged(3, False, 0.0)),
        (b"S\x03l\x00", PortLost(3, 0.0)),
        (b"S\xffw\x00", Winked(255, 0.0)),
    ],
)
def test_a_transition_has_one_form_both_ways(datagram: bytes, transition: Transition) -> None:
    async def played() -> None:
        ear = Ear()
        near, far = joined_sockets()
        signals = LoopSignals(near, asyncio.get_running_loop(), ear.on_transition, ear.on_alarm)
        signals.signal(transition)
        assert far.recv(100) == datagram
        far.send(datagram)
        await ear.until(lambda: bool(ear.transitions))
        assert replace(ear.transitions[0], at=0.0) == transition
        assert ear.transitions[0].at > 0.0
        far.close()
        signals.close()

    asyncio.run(played())


def test_a_hook_and_alarms_have_the_form_that_is_written_down() -> None:
    async def played() -> None:
        ear = Ear()
        near, far = joined_sockets()
        signals = LoopSignals(near, asyncio.get_running_loop(), ear.on_transition, ear.on_alarm)
        signals.hook(7, off_hook=True)
        signals.raise_alarm(SpanAlarm.RED | SpanAlarm.YELLOW)
        assert [far.recv(100), far.recv(100)] == [b"S\x07h\x01", b"A\x03"]
        far.send(b"A\x04")
        await ear.until(lambda: ear.alarms == [SpanAlarm.BLUE])
        signals.close()
        far.close()

    asyncio.run(played())


def test_an_end_that_lets_go_hangs_up_what_is_off_hook_and_nothing_else() -> None:
    async def played() -> None:
        ear = Ear()
        near, far = joined_sockets()
        signals = LoopSignals(near, asyncio.get_running_loop(), ear.on_transition, ear.on_alarm)
        for channel, off_hook in ((5, True), (2, True), (2, False)):
            signals.hook(channel, off_hook=off_hook)
        signals.close()
        signals.close()
        said = [far.recv(100) for _ in range(4)]
        assert said == [b"S\x05h\x01", b"S\x02h\x01", b"S\x02h\x00", b"S\x05h\x00"]
        with pytest.raises(BlockingIOError):
            far.recv(100)
        far.close()

    asyncio.run(played())


@pytest.mark.parametrize(
    "noise", [b"", b"X", b"S", b"S\x01h", b"S\x01h\x01\x00", b"S\x01?\x00", b"A", b"A\x01\x00"]
)
def test_noise_is_counted_and_disturbs_nothing(noise: bytes) -> None:
    async def played() -> None:
        ear = Ear()
        near, far = joined_sockets()
        signals = LoopSignals(near, asyncio.get_running_loop(), ear.on_transition, ear.on_alarm)
        far.send(noise)
        far.send(b"S\x01h\x01")
        await ear.until(lambda: bool(ear.transitions))
        assert signals.unread == 1
        assert len(ear.transitions) == 1
        signals.close()
        far.close()

    asyncio.run(played())
