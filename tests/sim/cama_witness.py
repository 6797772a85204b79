"""What a CAMA trunk was asked, did and said, leg by leg; what breaks a rule is kept as a fault, by
the name of the rule.

It believes no core: what is off hook it knows from the hooks, and how the far end is from the
tandem.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from e911.numbers import Elin
from edge_agent.leg import (
    Alerting,
    Answered,
    ChannelMoved,
    ChannelsChanged,
    Clear,
    Cleared,
    LegId,
    LinkChanged,
    SeizeTrunk,
)
from tests.sim.cama_sheets import CAMA, CHANNELS, ELINS, Sheet
from tests.sim.tandem import Seizure, Tandem

PRI = "pri"
GUARD_S, CALM_S, SLACK_S = 1.0, 60.0, 0.1
PREEMPTED, NORMAL = 8, 16
FAILED = (27, 38, 41)
"""How a leg ends whose line has failed (Q.850)."""
NEXT_S = 5.0
"""A call waits no longer than this for anything before its digits are out."""
SEVERAL = 2
"""So many circuits without a wink speak against all of them."""


@dataclass
class LegSeen:
    """One leg of the trunk."""

    seize: SeizeTrunk
    at: float
    life: int
    other_ways: bool
    """Whether something better than this circuit was there to take the call."""
    off_at: float | None = None
    on_at: float | None = None
    spills: list[str] = field(default_factory=list)
    seizure: Seizure | None = None
    """The far end's side of it."""
    was_harmed: bool = False
    """Media or the span took from it what the far end would have heard."""
    must_end_at: float | None = None
    """When media died under its digits."""
    asked_to_end: list[tuple[float, int]] = field(default_factory=list)
    stage_at: float | None = None
    """Since when it waits for the far end, or for media; ``None`` once all digits are out."""
    answered_at: float | None = None
    ended: list[Cleared] = field(default_factory=list)
    ended_at: float | None = None

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    @property
    def is_fair(self) -> bool:
        """Whether nothing outside the agent kept its digits from the far end."""
        seizure = self.seizure
        return seizure is not None and seizure.is_fair and not self.was_harmed


class CamaWitness:
    """Of all lives of an agent."""

    def __init__(self, sheet: Sheet, tandem: Tandem, *, only: bool) -> None:
        self._sheet, self._tandem, self._only = sheet, tandem, only
        self.faults: list[str] = []
        self.legs: dict[LegId, LegSeen] = {}
        self._on: dict[int, LegSeen] = {}
        """By channel, the last leg."""
        self._tried: set[tuple[str, str]] = set()
        """Call and trunk of every seizure."""
        self.first_tries: dict[tuple[str, str], float] = {}
        """When a call was first brought to a trunk."""
        self.calls: dict[str, str] = {}
        """Calls of the gateway by the Call-ID of the phone."""
        self._off: set[int] = set()
        self._life = 0
        self.pri_up = False
        self._told = ChannelsChanged(CAMA, "", frozenset())
        self._failed: set[int] = set()
        """Channels that are suspect for what they did themselves: where no circuit gets a wink, the
        others are too."""
        self._calm_from = 0.0
        """Of every channel: when the agent began, and the last alarm was over."""
        self._on_since: dict[int, float] = {}
        self._alarmed = False

    # ---- lives and spans -----------------------------------------------------------------------

    def begin_life(self, now: float) -> None:
        """Another agent, which knows nothing of the one before."""
        self._life += 1
        self.pri_up = False
        self._told = ChannelsChanged(CAMA, "", frozenset())
        self._failed.clear()
        self._calm_from = now
        self._on_since.clear()

    def end_life(self) -> None:
        """The agent died: its legs died with it, unsaid."""
        self._off.clear()
        self._on.clear()

    def alarm(self, now: float, *, active: bool) -> None:
        """The span is in alarm, or mended."""
        self._alarmed = active
        self._calm_from = now
        if active:
            for leg in self._on.values():
                leg.was_harmed |= leg.lives

    # ---- hooks and spills ----------------------------------------------------------------------

    def hook(self, channel: int, now: float, *, off_hook: bool, is_playing: bool) -> None:
        """The agent goes off hook, or on; nothing must be playing there."""
        leg = self._on.get(channel)
        if is_playing:
            self._fault("R2", f"{channel} is hung up or seized while it has digits", now)
        if not off_hook:
            self._off.discard(channel)
            self._on_since[channel] = now
            if leg is not None:
                leg.on_at = now
            return
        self._off.add(channel)
        if leg is None or not leg.lives:
            self._fault("R1", f"{channel} off hook for no leg", now)
        else:
            leg.off_at = leg.stage_at = now

    def seized(self, channel: int, seizure: Seizure) -> None:
        """The far end has seen the off-hook."""
        if channel in self._on:
            self._on[channel].seizure = seizure
            self._on[channel].was_harmed |= self._alarmed

    def pulse(self, channel: int, signals: str, now: float) -> None:
        """R2: an ELIN of the branch in the trunk's format, that of the call, or the failure form
        where there was no other way."""
        leg = self._on.get(channel)
        if leg is None or not leg.lives or channel not in self._off:
            self._fault("R2", f"digits on {channel} for no leg", now)
            return
        leg.spills.append(signals)
        leg.stage_at = now
        sheet, calling = self._sheet, leg.seize.calling
        wanted: tuple[str, ...] = ()
        if not sheet.carries and leg.seize.without_number:
            wanted = sheet.without
            if not self._only and (leg.seize.call, PRI) not in self._tried:
                self._fault("R2", "no number while the PRI was not asked", now)
        elif sheet.carries and isinstance(calling, Elin) and calling.digits in ELINS:
            wanted = sheet.says(calling.digits)
        if tuple(leg.spills) != wanted[: len(leg.spills)]:
            self._fault("R2", f"{leg.spills} pulsed, not {wanted}", now)

    def media_died(self, channels: Iterable[int], now: float) -> None:
        """The digits on these channels end in the midst: their calls take the next step at once."""
        for channel in channels:
            if self._is_taken(channel):
                self._on[channel].must_end_at = now

    def harmed(self, channel: int) -> None:
        """Media did not play what it was asked to, or not tell of it."""
        if channel in self._on:
            self._on[channel].was_harmed = True

    # ---- what agent and trunk say to each other ------------------------------------------------

    def trace(self, value: object, now: float) -> None:
        """Every request to a wire and every event of one, before it is heard."""
        match value:
            case SeizeTrunk():
                self._seize(value, now)
            case Clear() if value.leg in self.legs:
                self._asked_to_end(self.legs[value.leg], value.cause, now)
            case LinkChanged(trunk, up) if trunk == PRI:
                self.pri_up = up
            case ChannelsChanged(trunk) if trunk == CAMA:
                self._changed(value, now)
            case ChannelMoved() if value.leg in self.legs:
                self._fault("R8", "agent and trunk do not agree on who is where", now)
            case Alerting() if value.leg in self.legs:
                self._is_through(self.legs[value.leg], now)
            case Answered() if value.leg in self.legs:
                self.legs[value.leg].answered_at = now
            case Cleared() if value.leg in self.legs:
                self._cleared(self.legs[value.leg], value, now)

    def invited(self, call_id: str, seized: Sequence[SeizeTrunk], now: float) -> None:
        """R1: a phone has dialled 911 and in that step some trunk was seized: off hook, or SETUP.
        A circuit that rests may be waited for where there is no other way."""
        if not seized:
            if not self._only or self.taken() < len(CHANNELS):
                self._fault("R1", f"no seizure for {call_id}", now)
            return
        self.calls[call_id] = seized[-1].call
        last = seized[-1]
        waits = last.trunk == CAMA and self.legs[last.leg].off_at != now
        if waits and self.legs[last.leg].other_ways:
            self._fault("R1", f"{call_id} waits for a circuit that rests", now)

    def _seize(self, seize: SeizeTrunk, now: float) -> None:
        if seize.trunk == CAMA:
            channel = seize.channel
            assert channel is not None
            if not seize.emergency:
                self._fault("R8", "not an emergency call", now)
            others = [n for n in CHANNELS if n == channel or not self._is_taken(n)]
            if self._is_taken(channel):
                self._fault("R8", f"{channel} has a call", now)
            best = min(map(self._doubt, others))
            if self._doubt(channel) > best:
                self._fault("suspect last", f"{channel} chosen, there are better ones", now)
            pri_left = not self._only and self.pri_up and (seize.call, PRI) not in self._tried
            if pri_left and self._doubt(channel):
                self._fault("suspect last", f"{channel} chosen before the PRI", now)
            leg = LegSeen(seize, now, self._life, pri_left or not best)
            self.legs[seize.leg] = self._on[channel] = leg
        self._tried.add((seize.call, seize.trunk))
        self.first_tries.setdefault((seize.call, seize.trunk), now)

    def _is_through(self, leg: LegSeen, now: float) -> None:
        leg.stage_at = None
        if leg.seizure is not None and leg.seizure.dropped and not leg.was_harmed:
            self._fault("R1", f"{leg.seize.channel} has no PSAP and moves on no more", now)

    def _asked_to_end(self, leg: LegSeen, cause: int, now: float) -> None:
        leg.asked_to_end.append((now, cause))
        if cause == PREEMPTED:
            self._fault("R8", "a call of the first rank was pre-empted", now)

    def _cleared(self, leg: LegSeen, said: Cleared, now: float) -> None:
        leg.ended.append(said)
        leg.ended_at = leg.ended_at or now
        channel = leg.seize.channel
        if leg.must_end_at not in (None, now):
            self._fault("R1", f"{channel} waited for digits that nobody plays", now)
        if len(leg.ended) > 1:
            self._fault("ends once", f"leg on {channel}", now)
        if self._on.get(channel or 0) is leg and channel in self._off:
            self._fault("on hook", f"{channel} is off hook and its leg is over", now)
        if channel is not None and said.cause in FAILED and said.sent and not said.lost:
            self._failed.add(channel)
        silent = leg.seizure is not None and not leg.seizure.manners.winks
        failed = silent and not leg.asked_to_end and not leg.was_harmed
        if failed and channel not in self._told.suspect:
            self._fault("suspect", f"{channel} failed and is not suspect", now)

    # ---- doubts --------------------------------------------------------------------------------

    def _is_taken(self, channel: int) -> bool:
        leg = self._on.get(channel)
        return leg is not None and leg.lives

    def _doubt(self, channel: int) -> int:
        told = self._told
        if self._alarmed or channel in told.out_of_service:
            return 3
        return 2 if channel in told.suspect else 1 if channel in told.resting else 0

    def _changed(self, told: ChannelsChanged, now: float) -> None:
        for channel in self._failed - told.suspect:
            self._failed.discard(channel)
            leg = self._on.get(channel)
            seizure = leg.seizure if leg is not None and leg.lives else None
            said_all = seizure is not None and len(seizure.heard) == len(self._sheet.with_number)
            if not said_all and self.calm_s(channel, now) < CALM_S - SLACK_S:
                self._fault("suspect", f"{channel} is back too soon", now)
        self._told = told

    def calm_s(self, channel: int, now: float) -> float:
        """For how long a channel has been on hook at both ends, and no alarm."""
        far = self._tandem.far[channel]
        if self._alarmed or far.shown or self._is_taken(channel):
            return 0.0
        return now - max(self._calm_from, far.since, self._on_since.get(channel, 0.0))

    def look(self, now: float) -> None:
        """A minute of calm clears a circuit of suspicion, and of that against all of them."""
        unrest = [n for n in self._failed if self.calm_s(n, now) <= CALM_S + SLACK_S]
        for channel in self._told.suspect:
            if self.calm_s(channel, now) > CALM_S + SLACK_S and len(unrest) < SEVERAL:
                self._fault("suspect", f"{channel} is suspect for too long", now)

        for channel, leg in self._on.items():
            if leg.lives and leg.stage_at is not None and now - leg.stage_at > NEXT_S + SLACK_S:
                self._fault("R1", f"{channel} has no sign of life and keeps its call", now)

    @property
    def suspect(self) -> frozenset[int]:
        """Circuits that are suspect, as was told last."""
        return self._told.suspect

    # ---- what is asked of it -------------------------------------------------------------------

    def taken(self) -> int:
        """How many channels have a leg."""
        return sum(leg.lives for leg in self._on.values())

    @property
    def off(self) -> frozenset[int]:
        """Channels that are off hook at our end."""
        return frozenset(self._off)

    def of_this_life(self) -> list[LegSeen]:
        """The legs of the agent that lives."""
        return [leg for leg in self.legs.values() if leg.life == self._life]

    def _fault(self, rule: str, what: str, now: float) -> None:
        self.faults.append(f"{rule} at {now:.3f} s: {what}")
