"""One of everything that this side can write: elements with their octets, and every message type
with all that it may carry.
"""

from __future__ import annotations

from datetime import datetime

from edge_agent.isdn import elements
from edge_agent.isdn.elements import (
    BASIC,
    Access,
    AttService,
    Cause,
    ChangeStatus,
    Element,
    Facility,
    HighLayer,
    Ie,
    Layer1,
    NetworkFacility,
    Notified,
    Npi,
    Number,
    Presentation,
    Progress,
    Repetition,
    RestartClass,
    Screening,
    ServiceState,
    Ton,
    Tone,
    Transfer,
    TransitNetwork,
)
from edge_agent.isdn.message_table import MESSAGES
from edge_agent.isdn.messages import M, Message, in_order

ELIN = Number("4255550142", Ton.NATIONAL, Npi.E164, Presentation.ALLOWED)
FROM_NETWORK = Number("4255550142", Ton.NATIONAL, Npi.E164, screening=Screening.NETWORK)
ON_DS1 = Access(interface=1)
LOGICAL = Access(logical=True)

WRITTEN: dict[str, tuple[Element, str]] = {
    "speech-mu": (elements.bearer(Transfer.SPEECH, Layer1.MU_LAW), "04 03 80 90 a2"),
    "audio-mu": (elements.bearer(Transfer.AUDIO_3K1, Layer1.MU_LAW), "04 03 90 90 a2"),
    "speech-a": (elements.bearer(Transfer.SPEECH, Layer1.A_LAW), "04 03 80 90 a3"),
    "data": (elements.bearer(Transfer.UNRESTRICTED), "04 02 88 90"),
    "cause": (elements.cause(Cause(16)), "08 02 80 90"),
    "cause-3a": (elements.cause(Cause(16, 2, recommendation=0)), "08 03 02 80 90"),
    "cause-element": (elements.cause(Cause(100, 1, diagnostics=b"\x18")), "08 03 81 e4 18"),
    "cause-timer": (elements.cause(Cause(102, diagnostics=b"303")), "08 05 80 e6 33 30 33"),
    "state": (elements.call_state(10), "14 01 0a"),
    "channel-1": (elements.channel_id(1, exclusive=True), "18 03 a9 83 81"),
    "channel-23": (elements.channel_id(23, exclusive=False), "18 03 a1 83 97"),
    "channel-any": (elements.channel_id(None, exclusive=False), "18 01 a3"),
    "channel-none": (elements.no_channel_id(), "18 01 a0"),
    "channel-d": (elements.d_channel_id(), "18 01 ac"),
    "channel-list": (elements.channel_list((1, 2), exclusive=True), "18 04 a9 83 01 82"),
    "channel-t1-map": (
        elements.channel_map((1, 3, 24), slots=24, exclusive=True),
        "18 05 a9 93 80 00 05",
    ),
    "channel-e1-map": (
        elements.channel_map((1, 16, 31), slots=32, exclusive=True),
        "18 06 a9 93 80 01 00 02",
    ),
    "channel-5-of-ds1": (
        elements.channel_id(5, exclusive=True, access=ON_DS1),
        "18 04 e9 81 83 85",
    ),
    "channel-any-of-ds1": (
        elements.channel_id(None, exclusive=False, access=ON_DS1),
        "18 02 e3 81",
    ),
    "slot-17-logical": (
        elements.channel_id(17, exclusive=True, access=LOGICAL),
        "18 03 a9 83 90",
    ),
    "slot-15-logical": (
        elements.channel_id(15, exclusive=True, access=LOGICAL),
        "18 03 a9 83 8f",
    ),
    "b1": (elements.channel_id(1, exclusive=True, access=BASIC), "18 01 89"),
    "b2": (elements.channel_id(2, exclusive=False, access=BASIC), "18 01 82"),
    "b-any": (elements.channel_id(None, exclusive=False, access=BASIC), "18 01 83"),
    "b-none": (elements.no_channel_id(access=BASIC), "18 01 80"),
    "b-d": (elements.d_channel_id(access=BASIC), "18 01 8c"),
    "facility": (
        elements.facility(Facility(0x11, b"\xa2\x03\x02\x01\x01")),
        "1c 06 91 a2 03 02 01 01",
    ),
    "progress": (elements.progress_in_band(), "1e 02 81 88"),
    "progress-3": (elements.progress(Progress(3, 4)), "1e 02 84 83"),
    "att-megacom": (
        elements.network_facility(NetworkFacility(bytes((AttService.MEGACOM,)))),
        "20 02 00 e3",
    ),
    "att-of-288": (
        elements.network_facility(NetworkFacility(bytes((AttService.SDN,)), "288", 0x21)),
        "20 06 04 a1 32 38 38 e1",
    ),
    "notification": (elements.notification(Notified.RESUMED), "27 01 81"),
    "date": (elements.date_time(datetime(2026, 3, 4, 5, 6)), "29 05 1a 03 04 05 06"),
    "keypad": (elements.keypad("911"), "2c 03 39 31 31"),
    "signal": (elements.signal(Tone.OFF), "34 01 3f"),
    "calling": (elements.calling(ELIN), "6c 0c 21 80 34 32 35 35 35 35 30 31 34 32"),
    "calling-83": (elements.calling(FROM_NETWORK), "6c 0c 21 83 34 32 35 35 35 35 30 31 34 32"),
    "called": (elements.called(Number("911")), "70 04 81 39 31 31"),
    "carrier": (elements.transit_network(TransitNetwork("288")), "78 04 a1 32 38 38"),
    "restart": (elements.restart_indicator(RestartClass.ALL_INTERFACES), "79 01 87"),
    "low-layer": (elements.low_layer(Transfer.SPEECH, Layer1.MU_LAW), "7c 03 80 90 a2"),
    "high-layer": (elements.high_layer(HighLayer()), "7d 02 91 81"),
    "more-data": (elements.more_data(), "a0"),
    "sending-complete": (elements.sending_complete(), "a1"),
    "congestion": (elements.congestion_level(15), "bf"),
    "repeat": (elements.repeat_indicator(Repetition.PRIORITISED), "d2"),
}
"""Every call-control element, and what it looks like on the wire."""

MAINTENANCE: dict[str, tuple[Element, str]] = {
    "out": (elements.change_status(ChangeStatus(ServiceState.OUT_OF_SERVICE)), "01 01 c2"),
    "in": (elements.change_status(ChangeStatus(ServiceState.IN_SERVICE)), "01 01 c0"),
}

READ_ONLY: dict[str, tuple[Ie, str]] = {
    "identity": (Ie.CALL_IDENTITY, "01"),
    "segmented": (Ie.SEGMENTED, "80 05"),
    "display": (Ie.DISPLAY, "b1 50 53 41 50"),
    "connected": (Ie.CONNECTED, "21 83 32 30 36 35 35 35 30 39 31 31"),
    "user-user": (Ie.USER_USER, "04 68 69"),
    "redirecting": (Ie.REDIRECTING, "21 03 8f 34 32 35 35 35 35 30 31 34 32"),
    "subaddress": (Ie.CALLING_SUBADDRESS, "a0 31 32"),
}
"""What only a network writes; content alone."""

STANDARD = {
    "BEARER": "speech-mu",
    "CAUSE": "cause-3a",
    "CHANNEL_ID": "channel-1",
    "PROGRESS": "progress",
    "CALL_STATE": "state",
    "CALLING": "calling",
    "CALLED": "called",
}


def octets(element: Element) -> str:
    """The element as on the wire, in hex."""
    if element.id & 0x80:
        return f"{element.id:02x}"
    return bytes((element.id, len(element.content), *element.content)).hex(" ")


def written(ie: Ie) -> Element | None:
    """The usual form of ``ie``; ``None`` where this side has none."""
    found = [each for each, _ in WRITTEN.values() if _is(each, ie)]
    if ie.name in STANDARD:
        return WRITTEN[STANDARD[ie.name]][0]
    return found[0] if found else None


def every_message(reference_octets: int = 2) -> dict[M, Message]:
    """Each type with everything that it may carry and this side can write; where it must have what
    only a network writes, with that too.
    """
    said = {}
    for kind in M:
        row = MESSAGES[kind]
        carried = [each for ie in sorted(row.allowed) if (each := written(ie)) is not None]
        only_read = {ie: bytes.fromhex(content) for ie, content in READ_ONLY.values()}
        carried += [Element(ie, only_read[ie]) for ie in row.mandatory if ie in only_read]
        said[kind] = Message(5, False, kind, in_order(carried), reference_octets=reference_octets)
    return said


def _is(element: Element, ie: Ie) -> bool:
    return element.id == ie or (
        ie in (Ie.CONGESTION_LEVEL, Ie.REPEAT_INDICATOR) and element.id & 0xF0 == ie
    )
