"""Frames octet by octet, as either side writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.isdn.lapd_frame import (
    N201,
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
)
from tests.edge.isdn.goldens import frames

FRAMES: dict[str, Frame] = {
    "sabme-p": Unnumbered(U.SABME, final=True),
    "ua-f": Unnumbered(U.UA, final=True),
    "ua": Unnumbered(U.UA),
    "dm-f": Unnumbered(U.DM, final=True),
    "dm": Unnumbered(U.DM),
    "disc-p": Unnumbered(U.DISC, final=True),
    "frmr": Unnumbered(U.FRMR, info=bytes(5)),
    "ui": Unnumbered(U.UI, info=bytes.fromhex("0802000046")),
    "xid-p": Unnumbered(U.XID, final=True),
    "rr-command-p": Supervisory(S.RR, 5, command=True, final=True),
    "rr-response": Supervisory(S.RR, 5, command=False),
    "rr-response-f": Supervisory(S.RR, 5, command=False, final=True),
    "rej-response": Supervisory(S.REJ, 2, command=False),
    "rnr-command": Supervisory(S.RNR, 3, command=True),
    "i-0-0": Information(0, 0, bytes.fromhex("080200010f")),
    "i-3-5-p": Information(3, 5, bytes.fromhex("0802800102"), poll=True),
}


@pytest.mark.parametrize(("sender", "name", "octets"), frames())
def test_golden_frames_read_and_write_alike(sender: str, name: str, octets: bytes) -> None:
    side = Side[sender.upper()]
    assert decode(octets, side) == FRAMES[name]
    assert encode(FRAMES[name], side) == octets


@pytest.mark.parametrize(
    ("octets", "reason", "rejectable"),
    [
        ("", "frame-short", False),
        ("0201", "frame-short", False),
        ("020101", "frame-short", False),
        ("fe017f", "frame-address", False),
        ("02037f", "frame-address", False),
        ("02010d00", "frame-undefined", True),
        ("02011f", "frame-direction", False),
        ("00017f", "frame-direction", False),
        ("00010000aa", "frame-direction", False),
        ("020133", "frame-undefined", True),
        ("0201010000", "frame-length", True),
        ("02017f00", "frame-length", True),
        ("02010000" + "00" * (N201 + 1), "frame-long", True),
    ],
)
def test_what_is_no_frame_of_the_network_says_why(
    octets: str, reason: str, rejectable: bool
) -> None:
    with pytest.raises(MalformedFrame) as refused:
        decode(bytes.fromhex(octets), Side.NETWORK)
    assert (refused.value.reason, refused.value.rejectable) == (reason, rejectable)


@given(octets=st.binary(max_size=16))
def test_any_octets_are_a_frame_or_malformed(octets: bytes) -> None:
    try:
        frame = decode(octets, Side.NETWORK)
    except MalformedFrame:
        return
    assert decode(encode(frame, Side.NETWORK), Side.NETWORK) == frame
