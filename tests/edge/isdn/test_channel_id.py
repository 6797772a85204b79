"""Channels by number, list and map, of T1, E1 and basic rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.elements import (
    BASIC,
    PRIMARY,
    Access,
    ChannelId,
    MalformedElement,
    channel_id,
    channel_list,
    channel_map,
    d_channel_id,
    no_channel_id,
    read_channel_id,
)

T1 = range(1, 24)
E1 = (*range(1, 16), *range(17, 32))
LOGICAL = Access(logical=True)


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("a98381", ChannelId(1, True, (1,))),
        ("a18397", ChannelId(23, False, (23,))),
        ("a3", ChannelId(None)),
        ("ab", ChannelId(None, True)),
        ("a0", ChannelId(None, none=True)),
        ("ac", ChannelId(None, True, d_channel=True, none=True)),
        ("e9818385", ChannelId(5, True, (5,), interface=1)),
        ("e901818385", ChannelId(5, True, (5,), interface=1)),
        ("a9830182", ChannelId(1, True, (1, 2))),
        ("a983818283", ChannelId(1, True, (1, 2, 3))),
        ("a993000005", ChannelId(1, True, (1, 3))),
        ("a99380010002", ChannelId(1, True, (1, 16, 31))),
    ],
    ids=[
        "exclusive",
        "preferred",
        "any",
        "any-exclusive",
        "none",
        "d",
        "interface",
        "long",
        "list",
        "list-all-extended",
        "t1-map",
        "e1-map",
    ],
)
def test_a_channel_is_read_by_number_list_or_map(content: str, read: ChannelId) -> None:
    assert read_channel_id(bytes.fromhex(content)) == read


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("89", ChannelId(1, True, (1,))),
        ("82", ChannelId(2, False, (2,))),
        ("83", ChannelId(None)),
        ("80", ChannelId(None, none=True)),
        ("8c", ChannelId(None, True, d_channel=True, none=True)),
    ],
)
def test_b1_and_b2_stand_in_octet_3(content: str, read: ChannelId) -> None:
    assert read_channel_id(bytes.fromhex(content), BASIC) == read


@pytest.mark.parametrize(
    "content",
    [
        "_",
        "81",
        "a2",
        "a9",
        "a983",
        "e9",
        "e901",
        "a98380",
        "a98681",
        "a993000000",
        "a9930001",
        "a9930000000001",
        "a9938000",
    ],
)
def test_a_channel_that_says_nothing_is_malformed(content: str) -> None:
    with pytest.raises(MalformedElement):
        read_channel_id(bytes.fromhex(content.strip("_")))


def test_the_other_kind_of_interface_is_malformed() -> None:
    with pytest.raises(MalformedElement):
        read_channel_id(b"\xa3", BASIC)
    with pytest.raises(MalformedElement):
        read_channel_id(b"\x83", PRIMARY)


@pytest.mark.parametrize("access", [PRIMARY, LOGICAL, Access(interface=3)], ids=str)
@pytest.mark.parametrize("exclusive", [True, False])
def test_every_channel_of_an_e1_is_read_as_written(access: Access, exclusive: bool) -> None:
    for channel in E1:
        said = channel_id(channel, exclusive=exclusive, access=access)
        read = read_channel_id(said.content, access)
        assert read == ChannelId(channel, exclusive, (channel,), access.interface)


@pytest.mark.parametrize("exclusive", [True, False])
def test_both_channels_of_a_basic_rate_are_read_as_written(exclusive: bool) -> None:
    for channel in (1, 2):
        said = channel_id(channel, exclusive=exclusive, access=BASIC)
        assert read_channel_id(said.content, BASIC) == ChannelId(channel, exclusive, (channel,))


def test_a_switch_that_counts_to_30_calls_slot_17_channel_16() -> None:
    """Below 16 both count alike; slot 31 is its channel 30."""
    said = [channel_id(slot, exclusive=True, access=LOGICAL).content[-1] & 0x7F for slot in E1]
    assert said == list(range(1, 31))
    assert read_channel_id(bytes.fromhex("a9839e"), LOGICAL).channel == 31
    assert read_channel_id(bytes.fromhex("a9839e")).channel == 30


@given(channels=st.lists(st.sampled_from(E1), min_size=1, unique=True))
def test_lists_and_maps_name_the_same_channels(channels: list[int]) -> None:
    listed = read_channel_id(channel_list(channels, exclusive=True).content)
    mapped = read_channel_id(channel_map(channels, slots=32, exclusive=True).content)
    assert listed.named == tuple(channels)
    assert mapped.named == tuple(sorted(channels))


@given(channels=st.sets(st.sampled_from(T1), min_size=1))
def test_a_t1_map_names_its_channels(channels: set[int]) -> None:
    mapped = channel_map(channels, slots=24, exclusive=False)
    assert len(mapped.content) == 5
    assert read_channel_id(mapped.content).named == tuple(sorted(channels))


@pytest.mark.parametrize("access", [PRIMARY, BASIC])
def test_none_and_the_d_channel_name_no_b_channel(access: Access) -> None:
    assert read_channel_id(no_channel_id(access=access).content, access).none
    d_channel = read_channel_id(d_channel_id(access=access).content, access)
    assert d_channel.d_channel
    assert d_channel.named == ()
