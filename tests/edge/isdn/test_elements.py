"""Every information element: what is written is read back, and nothing read can do worse than be
malformed.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn import bearer, elements, indicators, party_number, services, texts
from edge_agent.isdn.elements import READERS, READERS_6, Element, Ie, Ie6, MalformedElement, Reader
from edge_agent.isdn.ie import LONGEST
from tests.edge.isdn.samples import MAINTENANCE, READ_ONLY, WRITTEN, octets

ALL = {**WRITTEN, **MAINTENANCE}
EVERY_READER: list[tuple[Ie | Ie6, Reader]] = [
    *READERS.items(),
    *READERS_6.items(),
    (Ie.BEARER, elements.read_transfer),
    (Ie.PROGRESS, elements.read_progress),
    (Ie.CHANNEL_ID, lambda content: elements.read_channel_id(content, elements.BASIC)),
    (Ie.REDIRECTING, lambda content: elements.read_number(content, Ie.REDIRECTING)),
]
UNREAD = {
    Ie.SEGMENTED: "a message in pieces is not put together",
    Ie.CALL_IDENTITY: "no call is ever parked",
    Ie.MORE_DATA: "nothing in it",
    Ie.SENDING_COMPLETE: "nothing in it",
}


@pytest.mark.parametrize("name", ALL)
def test_an_element_is_written_octet_by_octet(name: str) -> None:
    element, expected = ALL[name]
    assert octets(element) == expected


@pytest.mark.parametrize("ie", Ie)
def test_every_element_has_a_reader_or_a_reason(ie: Ie) -> None:
    assert (ie in READERS) is (ie not in UNREAD)


@pytest.mark.parametrize("name", [name for name in ALL if not name.startswith("b")])
def test_what_we_write_we_read(name: str) -> None:
    element, _ = ALL[name]
    reader = READERS.get(_ie(element))
    assert reader is None or reader(_content(element)) is not None


def test_no_writer_exists_for_what_could_carry_a_person_r2() -> None:
    """Display, User-user, connected, redirecting number and subaddresses have only readers."""
    person = {"display", "user_user", "connected", "redirecting", "subaddress", "generic_digits"}
    for module in (bearer, elements, indicators, party_number, services, texts):
        assert not {name for name in vars(module) if name in person}, module.__name__
    known_writers = {_ie(element) for element, _ in ALL.values()}
    assert known_writers.isdisjoint(ie for ie, _ in READ_ONLY.values())


@pytest.mark.parametrize("name", ALL)
def test_a_shorter_or_longer_element_is_read_or_malformed(name: str) -> None:
    element, _ = ALL[name]
    reader = READERS.get(_ie(element))
    content = element.content
    if reader is None:
        assert not content
        return
    for length in range(len(content)):
        _read(reader, _ie(element), content[:length])
    for octet in (0x00, 0x7F, 0x80, 0xFF):
        _read(reader, _ie(element), content + bytes((octet,)) * (255 - len(content)))


@pytest.mark.parametrize("ie", LONGEST)
def test_what_is_longer_than_the_standard_allows_is_malformed(ie: Ie) -> None:
    reader = READERS.get(ie)
    if reader is None:
        assert ie in UNREAD
        return
    with pytest.raises(MalformedElement) as refused:
        reader(b"\x81" * (LONGEST[ie] + 1))
    assert refused.value.ie is ie


@pytest.mark.parametrize("ie", [*READERS, *READERS_6])
def test_an_element_without_content_is_malformed(ie: Ie | Ie6) -> None:
    reader = READERS[ie] if isinstance(ie, Ie) else READERS_6[ie]
    with pytest.raises(MalformedElement):
        reader(b"")


@pytest.mark.parametrize(("ie", "reader"), EVERY_READER, ids=lambda each: getattr(each, "name", ""))
@given(content=st.binary(max_size=24) | st.binary(max_size=255))
def test_any_content_is_read_or_malformed(ie: Ie | Ie6, reader: Reader, content: bytes) -> None:
    _read(reader, ie, content)


def _read(reader: Reader, ie: Ie | Ie6, content: bytes) -> None:
    """Nothing but the one exception, and it names the element."""
    refused = None
    try:
        assert reader(content) is not None
    except MalformedElement as malformed:
        refused = malformed.ie
    assert refused in (None, ie)


def _ie(element: Element) -> Ie:
    return Ie(element.id & 0xF0 if element.id >= 0xB0 else element.id)


def _content(element: Element) -> bytes:
    return bytes((element.id & 0x0F,)) if element.id >= 0xB0 else element.content
