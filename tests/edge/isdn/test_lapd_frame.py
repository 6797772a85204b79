"""Frames octet by octet, as either side writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.lapd_frame import (
    N201,
    Address,
    Frame,
    Information,
    MalformedFrame,
    S,
    Side,
    Supervisory,
    U,
    Unnumbered,
    decode,
    encode,
    read_address,
)
from tests.edge.isdn.goldens import Golden, frames

_RESTART = bytes.fromhex("0802000046")


def _supervision() -> dict[str, Frame]:
    named: dict[str, Frame] = {}
    for kind, nr in ((S.RR, 5), (S.RNR, 3), (S.REJ, 2)):
        for command in (True, False):
            word = "command" if command else "response"
            name = f"{kind.name.lower()}-{word}"
            named[name] = Supervisory(kind, nr, command)
            named[name + ("-p" if command else "-f")] = Supervisory(kind, nr, command, final=True)
    return named


FRAMES: dict[str, Frame] = {
    **{kind.name.lower(): Unnumbered(kind) for kind in (U.SABME, U.UA, U.DM, U.DISC, U.XID)},
    **{f"{kind.name.lower()}-p": Unnumbered(kind, final=True) for kind in (U.SABME, U.DISC, U.XID)},
    **{f"{kind.name.lower()}-f": Unnumbered(kind, final=True) for kind in (U.UA, U.DM)},
    "frmr": Unnumbered(U.FRMR, info=bytes(5)),
    "frmr-f": Unnumbered(U.FRMR, final=True, info=bytes(5)),
    "ui": Unnumbered(U.UI, info=_RESTART),
    "ui-p": Unnumbered(U.UI, final=True, info=_RESTART),
    **_supervision(),
    "i-0-0": Information(0, 0, bytes.fromhex("080200010f")),
    "i-3-5-p": Information(3, 5, bytes.fromhex("0802800102"), poll=True),
    "i-127-127": Information(127, 127, bytes.fromhex("0802800102")),
    "tei-request": Unnumbered(U.UI, info=bytes.fromhex("0f123401ff")),
    "tei-assigned": Unnumbered(U.UI, info=bytes.fromhex("0f12340281")),
    "tei-denied": Unnumbered(U.UI, info=bytes.fromhex("0f123403ff")),
    "tei-check": Unnumbered(U.UI, info=bytes.fromhex("0f00000481")),
    "tei-check-all": Unnumbered(U.UI, info=bytes.fromhex("0f000004ff")),
    "tei-response": Unnumbered(U.UI, info=bytes.fromhex("0f12340581")),
    "tei-remove": Unnumbered(U.UI, info=bytes.fromhex("0f00000681")),
    "tei-remove-all": Unnumbered(U.UI, info=bytes.fromhex("0f000006ff")),
    "tei-verify": Unnumbered(U.UI, info=bytes.fromhex("0f00000781")),
}


@pytest.mark.parametrize("golden", frames(), ids=lambda golden: f"{golden.sender}-{golden.name}")
def test_golden_frames_read_and_write_alike(golden: Golden) -> None:
    side, address = Side[golden.sender.upper()], Address(golden.sapi, golden.tei)
    assert read_address(golden.octets) == address
    assert decode(golden.octets, side) == FRAMES[golden.name]
    assert encode(FRAMES[golden.name], side, address) == golden.octets


def test_every_frame_of_the_standard_has_a_golden_and_every_golden_a_source() -> None:
    goldens = frames()
    assert {golden.name for golden in goldens} == set(FRAMES)
    assert all(golden.source for golden in goldens)
    for side in Side:
        written = {FRAMES[golden.name] for golden in goldens if golden.sender == side.name.lower()}
        kinds = {frame.kind for frame in written if not isinstance(frame, Information)}
        assert kinds == {*S, *U}


@pytest.mark.parametrize(
    ("octets", "reason", "rejectable"),
    [
        ("", "frame-short", False),
        ("0201", "frame-short", False),
        ("020101", "frame-short", False),
        ("03017f", "frame-address", False),
        ("02007f", "frame-address", False),
        ("02010d00", "frame-undefined", True),
        ("02011f", "frame-direction", False),
        ("00017f", "frame-direction", False),
        ("00010000aa", "frame-direction", False),
        ("020133", "frame-undefined", True),
        ("0201010000", "frame-length", True),
        ("02017f00", "frame-length", True),
        ("02010000" + "00" * (N201 + 1), "frame-long", True),
        ("020103" + "00" * (N201 + 1), "frame-long", True),
    ],
)
def test_what_is_no_frame_of_the_network_says_why(
    octets: str, reason: str, rejectable: bool
) -> None:
    with pytest.raises(MalformedFrame) as refused:
        decode(bytes.fromhex(octets), Side.NETWORK)
    assert (refused.value.reason, refused.value.rejectable) == (reason, rejectable)


@given(octets=st.binary(max_size=16), sender=st.sampled_from(Side))
def test_any_octets_are_a_frame_or_malformed(octets: bytes, sender: Side) -> None:
    try:
        frame = decode(octets, sender)
    except MalformedFrame:
        return
    assert encode(frame, sender, read_address(octets)) == octets
