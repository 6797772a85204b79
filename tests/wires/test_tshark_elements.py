"""tshark, an independent decoder, understands every element and every message type that this side
writes as it is meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from edge_agent.isdn.messages import M, Message, encode
from tests.edge.isdn.goldens import messages
from tests.edge.isdn.samples import MAINTENANCE, WRITTEN, every_message, octets
from tests.wires.test_tshark_isdn import Capture, decoded

PRIMARY, BASIC = (0x00, 0x01), (0x00, 0x81)
"""LAPD addresses: TEI 0, and TEI 64 of a basic rate terminal."""

MEANT = {
    "speech-mu": "Speech; 64 kbit/s; G.711 u-law",
    "audio-mu": "3.1 kHz audio; 64 kbit/s; G.711 u-law",
    "speech-a": "Speech; 64 kbit/s; G.711 A-law",
    "data": "Unrestricted digital information; Circuit mode; 64 kbit/s",
    "cause": "User (U); Normal call clearing (16)",
    "cause-3a": "serving the local user (LN); Recommendation: Q.931; Normal call clearing (16)",
    "cause-element": "(LPN); contents (100); Information element: Channel identification",
    "cause-timer": "Recovery on timer expiry (102); Timer: 303",
    "state": "Call state: Active",
    "channel-1": "Primary rate; Exclusive; by number; B-channel units; Channel number: 1",
    "channel-23": "Primary rate; is preferred; by number; Channel number: 23",
    "channel-any": "Primary rate; Any channel",
    "channel-none": "Primary rate; No channel",
    "channel-d": "Primary rate; D-channel indicator: True; No channel",
    "channel-list": "Exclusive; by number; Channel number: 1; Channel number: 2",
    "channel-t1-map": "by slot map; map: 0x80; map: 0x00; map: 0x05",
    "channel-e1-map": "by slot map; map: 0x80; map: 0x01; map: 0x00; map: 0x02",
    "channel-5-of-ds1": "present: True; Interface ID: 1; Channel number: 5",
    "channel-any-of-ds1": "present: True; Any channel; Interface ID: 1",
    "slot-17-logical": "Channel number: 16",
    "slot-15-logical": "Channel number: 15",
    "b1": "Basic rate; Exclusive; B1 channel",
    "b2": "Basic rate; is preferred; B2 channel",
    "b-any": "Basic rate; Any channel",
    "b-none": "Basic rate; No channel",
    "b-d": "Basic rate; D-channel indicator: True; No channel",
    "facility": "Remote Operations Protocol; returnResult",
    "progress": "(LPN); In-band information",
    "progress-3": "(RLN); Origination address is non-ISDN",
    "att-megacom": "identification length: 0; specification: e3",
    "att-of-288": "Carrier Identification Code; identification: 288; specification: e1",
    "notification": "User resume",
    "date": "26-03-04 05:06",
    "keypad": "Keypad facility: 911",
    "signal": "Tones off",
    "calling": "E.164; National number; not screened; allowed; digits: 4255550142",
    "calling-83": "E.164; National number; Network-provided; allowed; digits: 4255550142",
    "called": "E.164; type: Unknown; digits: 911",
    # tshark takes octet 3 for the length of Network-specific facilities (§4.5.29 has none).
    "carrier": "Transit network selection",
    "restart": "All interfaces",
    "low-layer": "Speech; 64 kbit/s; G.711 u-law",
    "high-layer": "First (primary or only); Telephony",
    "more-data": "More data",
    "sending-complete": "Sending complete",
    "congestion": "Congestion level: Receiver not ready",
    "repeat": "Prioritized list",
}
"""What must be in tshark's words, in this order."""


def test_every_element_is_understood_as_it_is_meant(tmp_path: Path) -> None:
    assert set(MEANT) == set(WRITTEN)
    said = [encode(Message(5, False, M.SETUP, (element,))) for element, _ in WRITTEN.values()]
    words = "\n".join(decoded(captured(said, tmp_path), "-O", "q931")).split("Frame ")[1:]
    for name, heard in zip(WRITTEN, words, strict=True):
        at = heard.index("Message type: SETUP")
        for word in MEANT[name].split("; "):
            assert word in heard[at:], (name, word, heard)
            at = heard.index(word, at)


@pytest.mark.parametrize(("reference_octets", "address"), [(2, PRIMARY), (1, BASIC)])
def test_every_message_type_is_read_without_complaint(
    reference_octets: int, address: tuple[int, int], tmp_path: Path
) -> None:
    said = every_message(reference_octets)
    capture = captured([encode(each) for each in said.values()], tmp_path, address)
    assert complaints(capture) == []
    types = decoded(capture, "-Y", "q931", "-T", "fields", "-e", "q931.message_type")
    assert [int(each, 16) for each in types] == list(said)


def test_every_golden_is_read_without_complaint(tmp_path: Path) -> None:
    assert complaints(captured(messages().values(), tmp_path)) == []


@pytest.mark.parametrize("service", ["030200000f", "4302000007"], ids=["att", "ni2"])
def test_a_change_of_status_is_understood_as_it_is_meant(service: str, tmp_path: Path) -> None:
    meant = {"out": ("Channel (1)", "Out of Service"), "in": ("Channel (1)", "In Service")}
    for name, (element, _) in MAINTENANCE.items():
        said = bytes.fromhex(service + octets(element) + "1803a98385")
        capture = captured([said], tmp_path)
        words = "\n".join(decoded(capture, "-O", "q931"))
        assert all(word in words for word in meant[name]), words
        assert complaints(capture) == []


def test_a_truncated_element_would_be_complained_of(tmp_path: Path) -> None:
    broken = encode(every_message()[M.SETUP])[:-1]
    assert complaints(captured([broken], tmp_path)) != []


def captured(said: Iterable[bytes], folder: Path, address: tuple[int, int] = PRIMARY) -> Path:
    """A capture with every message in an I frame of its own."""
    capture = Capture()
    for number, message in enumerate(said):
        control = bytes((number << 1 & 0xFE, 0x00))
        capture.add(bytes(address) + control + message, ours=True)
    return capture.write(folder / "messages.pcap")


def complaints(capture: Path) -> list[str]:
    """Frames that tshark cannot read, or has something to say about."""
    return decoded(capture, "-Y", "_ws.malformed || _ws.expert.severity >= 4194304")
