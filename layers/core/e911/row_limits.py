"""The limits of one row, each with the path of the field and a reason that an administrator can act
on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from e911.errors import InvalidDocument
from e911.hints import ElementKind, fold_mac, read_network
from e911.rows import (
    BranchRow,
    CallerRow,
    ElementRow,
    ElinRow,
    ErlRow,
    Identity,
    OutsideNetworkRow,
    OutsidePolicy,
    PeerRow,
    PolicyRow,
    RouteRow,
    RouteStep,
    Row,
    Scope,
    TargetKind,
    TargetRow,
    TestNumberRow,
    TrunkKind,
    TrunkRow,
)
from e911.snapshot import key_of


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong with a row: ``elin/4255550100.erl``, ``names no ERL``."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


Found = Iterator[tuple[str, str]]
"""(field, reason) of one row; the row's own path is put in front by :func:`check_row`."""

CIVIC_LIMITS: dict[str, tuple[int, bool]] = {
    "country": (2, True),
    "A1": (2, True),
    "A3": (64, True),
    "PRD": (2, False),
    "RD": (60, True),
    "STS": (10, False),
    "POD": (2, False),
    "HNO": (10, True),
    "HNS": (5, False),
    "LOC": (20, False),
    "NAM": (60, False),
    "PC": (10, False),
}
"""Most characters, and whether a valid location needs it: Set-CsLisLocation."""

CALLING_FORMS = ("national", "e164", "subscriber")
DELIVERED_COUNTS = (3, 4, 7, 10, 11)
LOCATION_REQUIRED = ("no", "yes", "disclaimer")
CONFERENCE_MODES = ("oneway", "twoway")
MOST_NUMBERS = 100
MOST_MASK_CHARACTERS = 100
LONGEST_URI = 256


def check_row(row: Row) -> list[Fault]:
    """Everything that is wrong with ``row`` by itself, in the order of its fields; whether what it
    names exists is :func:`e911.rows_check.check_rows`'s question.
    """
    kind, row_id = key_of(row)
    check: Callable[[Any], Found] = _CHECKS[type(row)]
    found = [*_identity(row_id), *check(row)]
    return [Fault(f"{kind}/{row_id}.{field}", reason) for field, reason in found]


def _identity(row_id: str) -> Found:
    if not re.fullmatch(r"[^\s\x00-\x1f\x7f]{1,256}", row_id):
        yield "id", "must be 1 to 256 characters without blanks"


def _branch(row: BranchRow) -> Found:
    yield from _filled("name", row.name)
    if not _is_zone(row.zone):
        yield "zone", "is no IANA time zone"
    yield from _within("window_minutes", row.window_minutes, 1, 1440)
    yield from _within("guard_minutes", row.guard_minutes, 0, 1440)
    yield from _within("leg_hold_s", row.leg_hold_s, 0, 20)
    yield from _within("psap_hold_s", row.psap_hold_s, 0, 1800)
    yield from _within("reserve", row.reserve, 0, 1000)
    yield from _within("alternates_s", row.alternates_s, 1, 600)
    yield from _within("desk_s", row.desk_s, row.alternates_s, 600)
    yield from _within("give_up_s", row.give_up_s, row.desk_s, 600)
    yield from _desk(row.desk)
    if row.outside is OutsidePolicy.RELAY or row.relay_number:
        yield from _digits("relay_number", row.relay_number, 3, 15, plus=True)
    if row.outside is OutsidePolicy.RELAY and not row.relay_trunk:
        yield "relay_trunk", "is needed where outside calls are relayed"


def _erl(row: ErlRow) -> Found:
    yield from _filled("name", row.name)
    for name, (most, needed) in CIVIC_LIMITS.items():
        value = getattr(row.civic, name)
        if needed and not value.strip():
            yield f"civic.{name}", "is missing: responders need a complete address"
        if len(value) > most:
            yield f"civic.{name}", f"has more than {most} characters"
    if row.point is not None:
        yield from _within("point.latitude", row.point.latitude, -90, 90)
        yield from _within("point.longitude", row.point.longitude, -180, 180)
        yield from _within("point.radius_m", row.point.radius_m, 0, 1_000_000)
    yield from _steps(row.steps)
    yield from _desk(row.desk)


def _elin(row: ElinRow) -> Found:
    yield from _within("rank", row.rank, 0, 10_000)


def _element(row: ElementRow) -> Found:
    if row.element is ElementKind.SUBNET:
        yield from _network("value", row.value)
    elif row.element is ElementKind.BSSID:
        if not _MAC.fullmatch(fold_mac(row.value)):
            yield "value", "is no BSSID (nn-nn-nn-nn-nn-nn)"
    elif row.element is ElementKind.PORT:
        chassis, _, port = row.value.partition("|")
        if not chassis.strip() or not port.strip():
            yield "value", "must be the switch's chassis id and the port id, as chassis|port"
    elif not row.value.strip():
        yield "value", "must be the switch's chassis id"
    elif "|" in row.value:
        yield "value", "names a port; a switch is its chassis id alone"


def _caller(row: CallerRow) -> Found:
    yield from _uri("id", row.id, ("sip:", "sips:", "tel:"))
    if row.extension:
        yield from _digits("extension", row.extension, 1, 15)
    for n, contact in enumerate(row.alternates):
        yield from _uri(f"alternates[{n}]", contact, ("sip:", "sips:", "tel:"))


def _policy(row: PolicyRow) -> Found:
    """New-CsLocationPolicy's limits, setting by setting."""
    if row.location_required not in LOCATION_REQUIRED:
        yield "location_required", "must be one of no, yes, disclaimer"
    yield from _numbers(row)
    if not row.usage:
        yield "usage", "is missing: exactly one usage routes the calls"
    if row.conference_uri:
        yield from _uri("conference_uri", row.conference_uri, ("sip:",))
        if row.conference_mode not in CONFERENCE_MODES:
            yield "conference_mode", "must be one of oneway, twoway"
    elif row.conference_mode:
        yield "conference_mode", "needs a conference_uri"
    yield from _within("refresh_hours", row.refresh_hours, 1, 12)
    yield from _scope(row)


def _scope(row: PolicyRow) -> Found:
    if row.scope is Scope.GLOBAL and row.branch:
        yield "branch", "must be empty: the policy is global"
    if row.scope in (Scope.NETWORK_SITE, Scope.USER) and not row.subjects:
        yield "subjects", "is empty: the policy would apply to nobody"
    for n, subject in enumerate(row.subjects):
        if row.scope is Scope.NETWORK_SITE:
            yield from _network(f"subjects[{n}]", subject)
        elif row.scope is Scope.USER:
            yield from _uri(f"subjects[{n}]", subject, ("sip:", "sips:", "tel:"))
        else:
            yield f"subjects[{n}]", f"means nothing in a {row.scope} policy"


def _numbers(row: PolicyRow) -> Found:
    if not 1 <= len(row.numbers) <= MOST_NUMBERS:
        yield "numbers", f"must be 1 to {MOST_NUMBERS} emergency numbers"
    dials = {number.dial for number in row.numbers}
    seen_dials: set[str] = set()
    seen_masks: set[str] = set()
    for n, number in enumerate(row.numbers):
        path = f"numbers[{n}]"
        yield from _digits(f"{path}.dial", number.dial, 1, 10)
        yield from _once(f"{path}.dial", number.dial, seen_dials)
        if len(";".join(number.masks)) > MOST_MASK_CHARACTERS:
            yield f"{path}.masks", f"have more than {MOST_MASK_CHARACTERS} characters"
        for m, mask in enumerate(number.masks):
            yield from _digits(f"{path}.masks[{m}]", mask, 1, 10)
            if mask in dials:
                yield f"{path}.masks[{m}]", "is a dial string of this policy"
            yield from _once(f"{path}.masks[{m}]", mask, seen_masks)
        for digits in {number.dial, *number.masks} & NEVER_EMERGENCIES:
            yield path, f"{digits} is the test number of the plan, never an emergency"


def _route(row: RouteRow) -> Found:
    if not row.steps:
        yield "steps", "are empty: a call on this route would go nowhere"
    yield from _steps(row.steps)


def _trunk(row: TrunkRow) -> Found:
    if row.delivered.count not in DELIVERED_COUNTS:
        yield "delivered.count", "must be one of 3, 4, 7, 10, 11"
    if not re.fullmatch(r"\+?[0-9]{0,10}", row.delivered.prefix, re.ASCII):
        yield "delivered.prefix", "must be at most ten digits, with or without +"
    if row.trunk is TrunkKind.SIP:
        yield from _host(row.host)
    elif row.host:
        yield "host", f"means nothing on a {row.trunk} trunk"
    if row.identity is Identity.CALLER and row.trunk is not TrunkKind.SIP:
        yield "identity", "may be caller on a sip trunk only (R2)"
    yield from _within("port", row.port, 1, 65535)
    yield from _within("capacity", row.capacity, 0, 100_000)


def _peer(row: PeerRow) -> Found:
    yield from _host(row.host)
    yield from _within("port", row.port, 1, 65535)
    for n, network in enumerate(row.networks):
        yield from _network(f"networks[{n}]", network)
    if row.strip_prefix:
        yield from _digits("strip_prefix", row.strip_prefix, 1, 4)
    if row.domain:
        yield from _host(row.domain, "domain")
    if row.address_header and not _HEADER.fullmatch(row.address_header):
        yield "address_header", "is not the name of a SIP header"
    if row.delivers_callbacks and row.every_call_is_911:
        yield "delivers_callbacks", "no callback is told from a 911 call where every call is one"


def _target(row: TargetRow) -> Found:
    if row.target is TargetKind.SIP_MESSAGE:
        yield from _uri("address", row.address, ("sip:", "sips:"))
    elif row.target is TargetKind.WEBHOOK:
        yield from _uri("address", row.address, ("https://",), longest=2048)
    else:
        yield from _digits("address", row.address, 7, 15, plus=True)


def _outside_network(row: OutsideNetworkRow) -> Found:
    yield from _network("network", row.network)


def _test_number(row: TestNumberRow) -> Found:
    yield from _digits("number", row.number, 3, 15, plus=True)
    if row.number.removeprefix("+") == "911":
        yield "number", "is the emergency number itself"


_CHECKS: dict[type[Row], Callable[[Any], Found]] = {
    BranchRow: _branch,
    CallerRow: _caller,
    ElementRow: _element,
    ElinRow: _elin,
    ErlRow: _erl,
    OutsideNetworkRow: _outside_network,
    PeerRow: _peer,
    PolicyRow: _policy,
    RouteRow: _route,
    TargetRow: _target,
    TestNumberRow: _test_number,
    TrunkRow: _trunk,
}

NEVER_EMERGENCIES = frozenset({"933"})
"""A mask 933 of 911 would send every test call to a real PSAP."""

_HEADER = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]{1,64}")
_MAC = re.compile(r"(?:[0-9a-f]{2}-){5}[0-9a-f]{2}")


def _filled(field: str, value: str) -> Found:
    if not value.strip():
        yield field, "is empty"


def _within(field: str, value: float, least: float, most: float) -> Found:
    if not least <= value <= most:
        yield field, f"must be {least} to {most}"


def _digits(field: str, value: str, least: int, most: int, *, plus: bool = False) -> Found:
    sign = r"\+?" if plus else ""
    if not re.fullmatch(rf"{sign}[0-9]{{{least},{most}}}", value, re.ASCII):
        also = ", with or without +" if plus else ""
        yield field, f"must be {least} to {most} digits{also}"


def _network(field: str, value: str) -> Found:
    try:
        read_network(value, field)
    except InvalidDocument as error:
        yield field, error.reason


def _uri(field: str, value: str, begins: tuple[str, ...], longest: int = LONGEST_URI) -> Found:
    if not value.casefold().startswith(begins):
        yield field, f"must begin with {' or '.join(begins)}"
    elif value.casefold() in begins or re.search(r"\s", value):
        yield field, "is no address"
    elif len(value) > longest:
        yield field, f"has more than {longest} characters"


def _host(host: str, field: str = "host") -> Found:
    if not re.fullmatch(r"[A-Za-z0-9.\-:\[\]]{1,253}", host):
        yield field, "must be a host name or an address"


def _desk(desk: Iterable[str]) -> Found:
    for n, contact in enumerate(desk):
        yield from _uri(f"desk[{n}]", contact, ("sip:", "sips:", "tel:"))
        if contact.startswith("tel:") and not re.search(r";trunk=[^;]+", contact):
            yield f"desk[{n}]", "needs a trunk: tel:+1…;trunk=id"


def _steps(steps: Iterable[RouteStep]) -> Found:
    for n, step in enumerate(steps):
        yield from _digits(f"steps[{n}].called", step.called, 1, 15, plus=True)
        if step.calling_form not in CALLING_FORMS:
            yield f"steps[{n}].calling_form", f"must be one of {', '.join(CALLING_FORMS)}"
        yield from _within(f"steps[{n}].seconds", step.seconds, 2, 60)


def _once(field: str, value: str, seen: set[str]) -> Found:
    if value in seen:
        yield field, "is already used in this policy"
    seen.add(value)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True
