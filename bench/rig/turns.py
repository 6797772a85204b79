"""A call on a CAMA trunk is made of turns: the tandem hands us the word, and we pulse. Of the time
from the INVITE to the last sample, what is the tandem's, the format's, and what it takes to tell a
wink from a request is taken away; what remains is what we add.

A line plays a block as soon as it has it, and the next one 20 ms later or when it comes: a block
that is late makes everything after it late.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from edge_agent.cama.signals import Tones
from edge_agent.cama.timers import T

BLOCK_S = 0.02
TONES = Tones()
WINK_MOST_S = 0.35
"""``wink_most_ms`` of a ``[[cama]]`` that says nothing of it."""
DISCRIMINATION_S = WINK_MOST_S + T.HEARING.value.seconds
"""Only an off-hook that is longer than any wink asks for the number, and it may be heard of late.
A wink is told by its own end: that costs nothing."""


@dataclass(frozen=True, slots=True)
class Turns:
    """One call; seconds."""

    total: float
    """INVITE handed to the kernel -> last sample of the last spill at the tandem."""
    seizing: float
    """INVITE handed to the kernel -> seizure at the tandem: the first part of our first turn."""
    far_end: float
    """Seizure to the end of the wink; end of a spill to the request for the next."""
    minimum: float
    """Tones and gaps, and the pauses that the interface wants before them."""
    discrimination: float
    ours: tuple[float, ...]
    """What we add, turn by turn."""


def blocks_of(signals: str) -> int:
    """How many blocks a spill has."""
    return -(-TONES.length_ms(signals) // round(BLOCK_S * 1000))


def late(at: list[float]) -> list[float]:
    """How long after its time by the first block each of the others arrived."""
    return [each - at[0] - n * BLOCK_S for n, each in enumerate(at)][1:]


def turns(call: dict[str, Any], signals: list[str], sent_at: float) -> Turns:
    """Of a call as the tandem tells of it, which heard all ``signals``, spill by spill."""
    told = T.PULSE_DELAY.value.seconds, T.REQUEST_DELAY.value.seconds
    lengths = [TONES.length_ms(each) / 1000 for each in signals]
    ends = [
        max(each - n * BLOCK_S for n, each in enumerate(spill["at"])) + length
        for spill, length in zip(call["spills"], lengths, strict=True)
    ]
    waits = [call["handed"][0] - call["seized"]]
    waits += [asked - end for asked, end in zip(call["handed"][1:], ends[:-1], strict=True)]
    least = [told[n > 0] + length for n, length in enumerate(lengths)]
    judging = [DISCRIMINATION_S * (n > 0) for n in range(len(lengths))]
    begins = [sent_at, *ends[:-1]]
    ours = [
        end - begin - wait - minimum - discrimination
        for end, begin, wait, minimum, discrimination in zip(
            ends, begins, waits, least, judging, strict=True
        )
    ]
    return Turns(
        total=ends[-1] - sent_at,
        seizing=call["seized"] - sent_at,
        far_end=sum(waits),
        minimum=sum(least),
        discrimination=sum(judging),
        ours=tuple(ours),
    )


def sound(spill: dict[str, Any]) -> bytes:
    """What was heard of a spill.

    Raises:
        ConnectionError: a block of it was lost, or came before its turn.
    """
    first, *others = spill["numbers"]
    if any(number != (first + n) & 0xFFFF for n, number in enumerate(others, 1)):
        raise ConnectionError("blocks of a spill were lost, or came in another order")
    return b64decode(spill["sound"])
