"""The Playbook notices what a test forgot: a wrong, a missing and a left-over output."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.play import Datagram, Like, Playbook, left_unheard


@dataclass(frozen=True, slots=True)
class Said:
    word: str
    at: float


@dataclass
class Echo:
    """Says back what it hears, and once more at each deadline."""

    deadlines: list[float] = field(default_factory=list)

    def receive(self, data: bytes, source: object, now: float) -> list[Said]:
        return [Said(f"{data.decode()} from {source}", now)]

    def handle(self, request: str, now: float) -> list[Said]:
        return [Said(word, now) for word in request.split()]

    def handle_timeout(self, now: float) -> list[Said]:
        self.deadlines.pop(0)
        return [Said("again", now)]

    def next_deadline(self) -> float | None:
        return self.deadlines[0] if self.deadlines else None


class Stuck(Echo):
    def handle_timeout(self, now: float) -> list[Said]:
        return []


def test_outputs_are_expected_in_order_by_value_by_class_or_by_some_fields() -> None:
    play = Playbook(Echo(), now=1.0)
    play >> "one two three" << Said("one", 1.0) << Said << Like(Said, word="three")
    play >> Datagram(b"hello", "phone") << Said("hello from phone", 1.0)


def test_a_bare_handle_will_do() -> None:
    play = Playbook(Echo().handle)
    play @ 2.0 >> "one" << Said("one", 2.0)


def test_timers_fire_on_the_way_each_at_its_own_time() -> None:
    play = Playbook(Echo([4.0, 8.0, 12.0]))
    play @ 10.0 << Said("again", 4.0) << Said("again", 8.0)
    play @ 11.0
    play @ 12.0 << Said("again", 12.0)


@pytest.mark.parametrize("expected", [Said("two", 0.0), str, Like(Said, word="two"), Like(str)])
def test_a_wrong_output_is_told(expected: object) -> None:
    play = Playbook(Echo())
    with pytest.raises(AssertionError, match="expected .* heard .*one"):
        play >> "one" << expected


def test_a_missing_output_is_told() -> None:
    play = Playbook(Echo())
    with pytest.raises(AssertionError, match="heard nothing more"):
        play >> "one" << Said << Said


def test_an_output_left_over_is_told_before_the_next_input_or_the_next_instant() -> None:
    play = Playbook(Echo())
    with pytest.raises(AssertionError, match="nobody expected .*one"):
        play >> "one" >> "two"
    play >> "three"
    with pytest.raises(AssertionError, match="nobody expected .*three"):
        play @ 4.0


def test_an_output_left_over_at_the_end_is_found() -> None:
    play = Playbook(Echo())
    play >> "one two" << Said
    assert left_unheard() == [Said("two", 0.0)]
    assert left_unheard() == []


def test_time_does_not_go_back_and_a_core_whose_deadline_stays_is_told() -> None:
    play = Playbook(Stuck([1.0]))
    with pytest.raises(AssertionError, match="still one due at 1"):
        play @ 2.0
    with pytest.raises(AssertionError, match="does not go back"):
        play @ 0.5
