"""A row of Lync's becomes an element that stands at an address with ELINs, or faults by field.

Lync checks none of this at entry (Set-CsLis*): a mistake is found by a caller. Here it is found
before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from e911.errors import InvalidDocument, InvalidNumber
from e911.hints import ElementKind, fold_mac, port_value, read_address, read_network
from e911.numbers import Elin
from e911.places import CivicAddress
from e911.row_limits import check_row
from e911.rows import ElementRow, ErlRow
from elingate_admin.lync_csv import ADDRESS, COMPANY, DESCRIPTION, NAMES, Finding, Row

MOST_ELINS = 5
"""Gateways read no more than five from one PIDF-LO."""
_SUBTYPES = {"", "1", "5", "7", "interfacealias", "interfacename", "locallyassigned"}
"""PortIDSubType of LLDP that Lync knows; empty is 7."""
_HEADERS = {f"civic.{element}": header for header, element in ADDRESS.items()}
_MAC = re.compile(r"(?:[0-9a-f]{2}-){5}[0-9a-f]{2}")


@dataclass(frozen=True, slots=True)
class Line:
    """A row that was read: an element, where it stands, and the ELINs it named there."""

    row: Row
    value: str
    """Of the element, in the form that an element draft has."""
    civic: CivicAddress
    elins: tuple[Elin, ...]

    @property
    def where(self) -> str:
        """The line, as a person names it."""
        return f"{self.row.file}:{self.row.line}"

    @property
    def description(self) -> str:
        """What the file says of the element."""
        return self.row.values[DESCRIPTION]


def read_row(row: Row, prefix: int | None) -> tuple[Line | None, list[Finding]]:
    """The line that a row makes, or none and its faults; an element without any address is none
    and no fault (Lync allows it).

    ``prefix`` is the length of networks that are written without one, as Lync writes them.
    """
    if not any(row.values[header] for header in ADDRESS):
        return None, []
    faults: list[Finding] = []
    value = _value(row, prefix, faults)
    civic = _civic(row, faults)
    elins = _elins(row, faults)
    return (None, faults) if faults else (Line(row, value, civic, elins), [])


def _value(row: Row, prefix: int | None, faults: list[Finding]) -> str:
    header = NAMES[row.kind][-1]
    text = row.values[header]
    if not text:
        faults.append(row.finding(header, "is empty"))
        return ""
    if row.kind is ElementKind.SUBNET:
        return _subnet(row, text, prefix, faults)
    if row.kind is ElementKind.BSSID:
        text = fold_mac(text)
        trial = ElementRow("trial", "trial", row.kind, text, "trial")
        faults.extend(row.finding(header, fault.reason) for fault in check_row(trial))
        return text
    chassis = _chassis(row, faults)
    if row.kind is ElementKind.SWITCH:
        return chassis
    if row.values["PortIDSubType"].casefold() not in _SUBTYPES:
        faults.append(row.finding("PortIDSubType", "must be 1, 5 or 7"))
    return port_value(chassis, text)


def _subnet(row: Row, text: str, prefix: int | None, faults: list[Finding]) -> str:
    if "/" not in text:
        if prefix is None:
            reason = "has no prefix length: write 10.1.2.0/24, or give --prefix for all such"
            faults.append(row.finding("Subnet", reason))
            return ""
        text = f"{text}/{prefix}"
    try:
        return str(read_network(text))
    except InvalidDocument as error:
        faults.append(row.finding("Subnet", error.reason))
        return ""


def _chassis(row: Row, faults: list[Finding]) -> str:
    text = fold_mac(row.values["ChassisID"])
    if _MAC.fullmatch(text):
        return text
    try:
        return str(read_address(text))
    except InvalidDocument:
        reason = "is neither a MAC address (nn-nn-nn-nn-nn-nn) nor an IP address"
        faults.append(row.finding("ChassisID", reason if text else "is empty"))
        return ""


def _civic(row: Row, faults: list[Finding]) -> CivicAddress:
    given = {element: row.values[header] for header, element in ADDRESS.items()}
    civic = CivicAddress(**given)
    for fault in check_row(ErlRow("trial", "trial", "trial", civic)):
        field = fault.path.removeprefix("erl/trial.")
        faults.append(row.finding(_HEADERS.get(field, field), fault.reason))
    return civic


def _elins(row: Row, faults: list[Finding]) -> tuple[Elin, ...]:
    texts = [text.strip() for text in row.values[COMPANY].split(";") if text.strip()]
    if len(texts) > MOST_ELINS:
        faults.append(row.finding(COMPANY, f"has {len(texts)} ELINs, at most {MOST_ELINS}"))
    elins: list[Elin] = []
    for text in texts:
        try:
            elins.append(Elin.parse(text))
        except InvalidNumber:
            faults.append(row.finding(COMPANY, f"{text!r} is no ELIN: ten digits are needed"))
    return tuple(dict.fromkeys(elins))
