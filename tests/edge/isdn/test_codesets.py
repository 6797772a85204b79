"""Elements of one message, codeset by codeset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.codesets import Cut, Shifted, cut, pasted
from edge_agent.isdn.ie import Element

BEARER = Element(4, b"\x80\x90\xa2")
CALLED = Element(0x70, b"\x81911")
LINE = Element(1, b"\x3d")
B, C = "040380 90a2", "7004 81393131"


@pytest.mark.parametrize(
    ("octets", "elements", "shifted"),
    [
        (f"{B} 9e 01013d {C}", (BEARER, CALLED), (Shifted(6, LINE),)),
        (f"{B} 96 01013d {C}", (BEARER,), (Shifted(6, LINE), Shifted(6, CALLED))),
        (f"{B} 95 01013d 9f 01013d {C}", (BEARER,), None),
        (f"{B} 96 01013d 90 {C}", (BEARER, CALLED), (Shifted(6, LINE),)),
        (f"{B} 96 98 {C} 01013d", (BEARER, CALLED), (Shifted(6, LINE),)),
        (f"{B} 9c a1 {C}", (BEARER, CALLED), (Shifted(4, Element(0xA1, b"")),)),
        (f"{B} 9e", (BEARER,), ()),
        (f"{B} 9d 9e 01013d {C}", (BEARER, CALLED), (Shifted(6, LINE),)),
    ],
    ids=["one", "locked", "both", "back", "once", "single", "at-the-end", "twice"],
)
def test_a_shift_holds_for_one_element_or_until_the_next(
    octets: str, elements: tuple[Element, ...], shifted: tuple[Shifted, ...] | None
) -> None:
    parts = cut(bytes.fromhex(octets))
    assert parts.elements == elements
    if shifted is None:
        shifted = (Shifted(5, LINE), Shifted(7, LINE), Shifted(5, CALLED))
    assert parts.shifted == shifted


@pytest.mark.parametrize("octets", ["08", "0801", "080280"])
def test_an_element_longer_than_the_message_is_named(octets: str) -> None:
    assert cut(bytes.fromhex(B + octets)) == Cut((BEARER,), (), 8)
    assert cut(bytes.fromhex(B + "96" + octets)) == Cut((BEARER,))


ELEMENT = st.builds(Element, st.integers(0, 0x7F), st.binary(max_size=20)) | st.builds(
    Element, st.sampled_from([0xA0, 0xA1, 0xB0, 0xBF, 0xD2]), st.just(b"")
)


@given(
    elements=st.lists(ELEMENT, max_size=6),
    shifted=st.lists(st.builds(Shifted, st.integers(1, 7), ELEMENT), max_size=6),
)
def test_elements_are_read_as_written(elements: list[Element], shifted: list[Shifted]) -> None:
    ordered = tuple(sorted(shifted, key=lambda each: each.codeset))
    assert cut(pasted(elements, shifted)) == Cut(tuple(elements), ordered)


@given(octets=st.binary(max_size=260))
def test_any_octets_are_elements_until_one_is_cut_off(octets: bytes) -> None:
    parts = cut(octets)
    assert len(pasted(parts.elements)) <= len(octets)
