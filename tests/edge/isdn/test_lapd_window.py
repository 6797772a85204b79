"""The numbers of one link: what may go, what is acknowledged, what goes back."""

from __future__ import annotations

from edge_agent.isdn.lapd_window import MOST_LINKS, Window


def filled(size: int, *tags: int) -> Window:
    """A window with one message of each tag waiting; the message is the tag."""
    window = Window(size)
    for tag in tags:
        window.put(bytes((tag,)), tag)
    return window


def sends(window: Window) -> list[tuple[int, int]]:
    """Number and tag of all that may go."""
    out = []
    while window.ready:
        number, info = window.send()
        out.append((number, info[0]))
    return out


def test_the_window_closes_when_it_is_full_and_opens_as_far_as_acknowledged() -> None:
    window = filled(3, 1, 2, 3, 4, 5)
    assert sends(window) == [(0, 1), (1, 2), (2, 3)]
    assert window.acknowledge(2)
    assert sends(window) == [(3, 4), (4, 5)]
    assert window.acknowledge(5)
    assert not window.acknowledge(5)
    assert not window.outstanding


def test_only_numbers_between_the_oldest_out_and_the_next_acknowledge() -> None:
    window = filled(7, 1, 2, 3)
    sends(window)
    window.acknowledge(1)
    assert [nr for nr in range(128) if window.acknowledges(nr)] == [1, 2, 3]


def test_numbers_wrap_at_128_in_both_directions() -> None:
    window = Window(7)
    for n in range(130):
        window.put(b"", n)
        assert window.send()[0] == n % 128
        assert window.acknowledges((n + 1) % 128)
        window.acknowledge((n + 1) % 128)
        assert not window.accept((n + 1) % 128)
        assert window.accept(n % 128)
    assert (window.vs, window.va, window.vr) == (2, 2, 2)


def test_what_goes_back_goes_again_first_and_under_the_same_numbers() -> None:
    window = filled(2, 1, 2, 3)
    sends(window)
    window.rewind()
    assert not window.outstanding
    assert sends(window) == [(0, 1), (1, 2)]


def test_what_goes_back_over_an_establishment_goes_again_from_0() -> None:
    window = filled(7, 1, 2, 3)
    sends(window)
    window.acknowledge(1)
    window.accept(0)
    assert window.reset() == 0
    assert window.vr == 0
    assert sends(window) == [(0, 2), (1, 3)]


def test_only_establishments_on_which_a_message_was_sent_count_against_it() -> None:
    window = filled(1, 1, 2)
    for _ in range(MOST_LINKS - 1):
        assert sends(window) == [(0, 1)]
        window.rewind()
        assert sends(window) == [(0, 1)]  # twice on one link is one link
        assert window.reset() == 0
    assert sends(window) == [(0, 1)]
    assert window.reset() == 1
    assert sends(window) == [(0, 2)]


def test_what_never_was_on_the_wire_or_was_on_an_earlier_link_is_dropped() -> None:
    window = filled(1, 1, 1, 2)
    sends(window)
    assert window.unsent(1)
    window.drop(1, out=False)
    assert not window.unsent(1)
    window.rewind()
    assert sends(window) == [(0, 1)]
    window.reset()
    window.drop(1, out=False)
    assert sends(window) == [(0, 2)]


def test_what_goes_back_on_a_link_that_works_keeps_its_number() -> None:
    """The peer may have it: what came under its number would be lost as a repetition."""
    window = filled(7, 1, 2)
    sends(window)
    window.rewind()
    window.drop(1, out=False)
    window.put(b"\x03", 3)
    assert sends(window) == [(0, 1), (1, 2), (2, 3)]


def test_what_is_out_can_be_dropped_only_while_its_number_is_void() -> None:
    window = filled(1, 1)
    sends(window)
    window.drop(1, out=False)
    assert window.outstanding
    window.drop(1, out=True)
    assert window.reset() == 0
    assert sends(window) == []
