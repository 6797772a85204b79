"""What the tests of the data link share: frames in hex, a moved clock, links that work."""

from __future__ import annotations

from edge_agent.isdn.lapd_link import Link, LinkConfig, LinkOutput, LinkUp, SendFrame

SABME, UA, DM, DISC = "00017f", "020173", "02011f", "000153"
THEIR_UA, THEIR_SABME, THEIR_DISC = "000173", "02017f", "020153"
POLL = "000101"
A, B = b"\x08\x02\x00\x01\x05", b"\x08\x02\x00\x02\x05"

REFERENCE = 0x1234
REQUEST, CHECKED, VERIFY = "fcff030f123401ff", "fcff030f12340581", "fcff030f00000781"
ASSIGNED, DENIED = "feff030f12340281", "feff030f123403ff"
CHECK, CHECK_ALL = "feff030f00000481", "feff030f000004ff"
REMOVE, REMOVE_ALL = "feff030f00000681", "feff030f000006ff"
SABME_64, UA_64 = "00817f", "008173"


def sent(outputs: list[LinkOutput]) -> list[str]:
    """Frames that go out, in hex."""
    return [output.data.hex() for output in outputs if isinstance(output, SendFrame)]


def hears(link: Link, frame: str, now: float = 0.0) -> list[LinkOutput]:
    """A frame comes in, and the messages in it have been taken."""
    outputs = link.receive(bytes.fromhex(frame), now)
    return outputs + link.settle(now)


def at(link: Link, now: float) -> list[LinkOutput]:
    """Move the clock, through every deadline on the way."""
    outputs: list[LinkOutput] = []
    while (due := link.next_deadline()) is not None and due <= now:
        outputs += link.handle_timeout(due)
    return outputs


def established() -> Link:
    """A primary rate link that works since 0.0."""
    link = Link()
    assert sent(link.establish(0.0)) == [SABME]
    assert hears(link, THEIR_UA) == [LinkUp()]
    return link


def on_a_bus(config: LinkConfig | None = None) -> Link:
    """A link of a multipoint line that has not asked for a TEI yet."""
    return Link(config or LinkConfig.multipoint(), reference=lambda: REFERENCE)


def established_on_a_bus(config: LinkConfig | None = None) -> Link:
    """The same, working on TEI 64 since 0.0."""
    link = on_a_bus(config)
    assert sent(link.establish(0.0)) == [REQUEST]
    assert sent(hears(link, ASSIGNED)) == [SABME_64]
    assert hears(link, UA_64) == [LinkUp()]
    return link
