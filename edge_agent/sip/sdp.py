"""SDP (RFC 8866) with offer and answer (RFC 3264): read whatever comes, write G.711 and key events
only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from edge_agent.leg import Law
from edge_agent.sip.grammar import MalformedMessage
from edge_agent.sip.uri import is_literal

LAWS = {"0": Law.MU, "8": Law.A}
"""Static payload types of RFC 3551 §6 that we carry."""
_CODECS = {"PCMU/8000": Law.MU, "PCMA/8000": Law.A}
_PAYLOAD = {Law.MU: "0 PCMU/8000", Law.A: "8 PCMA/8000"}
OUR_EVENTS = 101
DIGIT_EVENTS = "0-15"
"""What a far end takes that lists nothing (RFC 4733 §2.5.1.1)."""
FLASH_EVENTS = "0-16"
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_TURNED = {"sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
_MEDIA = re.compile(r"(\S+)\s+(\d{1,5})(?:/\d+)?\s+(\S+)\s*(.*)")
_FMTP = re.compile(r"fmtp:\s*(\d{1,3})\s+([\d,\-\s]+)", re.IGNORECASE)
_RANGE = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")
_RTPMAP = re.compile(r"rtpmap:\s*(\d{1,3})\s+([\w.\-]+/\d+)", re.IGNORECASE)


@dataclass(slots=True)
class MediaLine:
    """One ``m=`` line with what belongs to it."""

    kind: str
    port: int
    profile: str
    formats: tuple[str, ...]
    host: str = ""
    direction: str = ""
    maps: dict[str, str] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    """Payload type to the telephone-events that it lists (``0-16``), or any other fmtp."""


@dataclass(frozen=True, slots=True)
class Description:
    """What the far end said of its media, line by line."""

    media: tuple[MediaLine, ...]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What both ends can do, from the first voice line that can be used."""

    line: int
    """Index of the line in the description."""
    remote: tuple[str, int] | None
    law: Law
    payload: int
    event_payload: int | None
    direction: str
    """Theirs: ``sendonly`` is a hold."""
    events: str = DIGIT_EVENTS
    """Theirs: no other may be sent to them (RFC 4733 §2.5.1.1)."""

    def takes(self, event: int) -> bool:
        """Whether they can be sent this telephone-event."""
        return self.event_payload is not None and _lists(self.events, event)


def read_sdp(body: bytes) -> Description:
    """The media lines of ``body``; everything else is passed over.

    Raises:
        MalformedMessage: there is no readable ``m=`` line.
    """
    session_host, session_direction = "", "sendrecv"
    media: list[MediaLine] = []
    for line in body.decode("utf-8", "replace").splitlines():
        kind, _, value = line.strip().partition("=")
        if kind == "m" and value:
            media.append(_media_line(value))
        elif kind == "c":
            host = _host(value)
            if media:
                media[-1].host = host
            else:
                session_host = host
        elif kind == "a":
            if media:
                _attribute(media[-1], value)
            elif value in DIRECTIONS:
                session_direction = value
    if not media:
        raise MalformedMessage("no media line", 488)
    for entry in media:
        entry.host = entry.host or session_host
        entry.direction = entry.direction or session_direction
    return Description(tuple(media))


def agree(description: Description, fallback_host: str = "") -> Agreed | None:
    """The first voice line in clear RTP with a codec of ours, in the far end's order of preference.

    Where no codec is common the line is still taken, as mu-law: silence is worse than a call that a
    tolerant peer may hear (R1). ``fallback_host`` stands in for a missing ``c=`` line. ``None``
    where no line carries voice.
    """
    lines = [(i, m) for i, m in enumerate(description.media) if m.kind == "audio" and m.port > 0]
    clear = [(i, m) for i, m in lines if "SAVP" not in m.profile.upper()]
    for index, line in clear:
        for payload in line.formats:
            law = _law(line, payload)
            if law is not None:
                return _agreed(index, line, law, int(payload), fallback_host)
    for index, line in clear or lines:
        return _agreed(index, line, Law.MU, 0, fallback_host)
    return None


def write_offer(
    address: str, port: int, session: int, version: int, events: str = DIGIT_EVENTS
) -> bytes:
    """Our offer: both laws and key events. ``o=`` names nobody (R2)."""
    lines = [*_session(address, session, version), _voice_line(port, "RTP/AVP", "0 8 101")]
    return _joined(
        lines + [f"a=rtpmap:{_PAYLOAD[law]}" for law in Law] + _events(OUR_EVENTS, events)
    )


def write_answer(
    offer: Description,
    agreed: Agreed | None,
    address: str,
    port: int,
    session: int,
    version: int,
    events: str = DIGIT_EVENTS,
) -> bytes:
    """Our answer: one codec, every line that we do not take refused by port 0 (RFC 3264 §6)."""
    lines = _session(address, session, version)
    for index, line in enumerate(offer.media):
        if agreed is None or index != agreed.line:
            lines.append(f"m={line.kind} 0 {line.profile} {' '.join(line.formats) or '0'}")
            continue
        keys = agreed.event_payload
        formats = f"{agreed.payload}" + (f" {keys}" if keys is not None else "")
        lines.append(_voice_line(port, line.profile, formats))
        lines.append(f"a=rtpmap:{agreed.payload} {_PAYLOAD[agreed.law].partition(' ')[2]}")
        lines += _events(keys, events) if keys is not None else []
        lines += [f"a={_TURNED[agreed.direction]}"] if agreed.direction in _TURNED else []
    return _joined(lines)


def _media_line(value: str) -> MediaLine:
    match = _MEDIA.fullmatch(value.strip())
    if match is None or int(match[2]) > 65535:
        return MediaLine("audio", 0, "RTP/AVP", ())
    return MediaLine(match[1].lower(), int(match[2]), match[3], tuple(match[4].split()))


def _host(value: str) -> str:
    words = value.split()
    return words[2].partition("/")[0] if len(words) > 2 else ""


def _attribute(line: MediaLine, value: str) -> None:
    value = value.strip()
    if value.lower() in DIRECTIONS:
        line.direction = value.lower()
        return
    match = _RTPMAP.match(value)
    if match is not None:
        line.maps[match[1]] = match[2].upper()
    match = _FMTP.fullmatch(value)
    if match is not None:
        line.events[match[1]] = match[2]


def _law(line: MediaLine, payload: str) -> Law | None:
    if not payload.isascii() or not payload.isdigit() or int(payload) > 127:
        return None
    return _CODECS.get(line.maps[payload]) if payload in line.maps else LAWS.get(payload)


def _agreed(index: int, line: MediaLine, law: Law, payload: int, fallback_host: str) -> Agreed:
    host = line.host or fallback_host
    direction = line.direction
    if host in ("0.0.0.0", "::"):  # the hold of RFC 2543 times
        direction = "inactive" if direction == "inactive" else "sendonly"
    remote = None if host in ("0.0.0.0", "::") or not is_literal(host) else (host, line.port)
    keys = [int(p) for p, name in line.maps.items() if name == "TELEPHONE-EVENT/8000"]
    keys = [p for p in keys if str(p) in line.formats and p < 128]
    events = line.events.get(str(keys[0]), DIGIT_EVENTS) if keys else DIGIT_EVENTS
    return Agreed(index, remote, law, payload, keys[0] if keys else None, direction, events)


def _session(address: str, session: int, version: int) -> list[str]:
    family = "IP6" if ":" in address else "IP4"
    origin = f"o=- {session} {version} IN {family} {address}"
    return ["v=0", origin, "s=-", f"c=IN {family} {address}", "t=0 0"]


def _voice_line(port: int, profile: str, formats: str) -> str:
    return f"m=audio {port} {profile} {formats}"


def _events(payload: int, events: str) -> list[str]:
    return [f"a=rtpmap:{payload} telephone-event/8000", f"a=fmtp:{payload} {events}"]


def _lists(events: str, event: int) -> bool:
    """Whether ``0-15,66`` names ``event``; what cannot be read names nothing."""
    for each in re.sub(r"\s", "", events).split(","):
        match = _RANGE.fullmatch(each)
        if match is not None and int(match[1]) <= event <= int(match[2] or match[1]):
            return True
    return False


def _joined(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode()
