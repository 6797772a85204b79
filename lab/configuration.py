"""What the two branches are configured to be: the drafts that an administrator would type in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lab.cast import Cast, Floor, Office

Draft = tuple[str, str, dict[str, Any]]
"""Kind, id, fields."""

PREFIX = {"springfield": "spf", "shelbyville": "shb"}
TRUNKS = {"isdn": "spf-pri", "cama": "spf-cama"}
"""What Springfield's trunk may be, and what it is then called. Shelbyville's is a provider's."""
BACKUP = "spf-sip"
"""A second way out of Springfield, for the time when its tandem is silent."""
WINDOW_MINUTES = 180


@dataclass(frozen=True, slots=True)
class Reached:
    """Where what the drafts name is to be found: ports on 127.0.0.1."""

    platforms: dict[str, int]
    """By branch."""
    provider: int
    desk: int
    webhooks: str
    """URL to which a target's id is added."""
    kind: str = "isdn"
    """Of Springfield's trunk."""


def trunk_of(branch: str, kind: str = "isdn") -> str:
    """The trunk of a branch; ``kind`` is of Springfield's."""
    return TRUNKS[kind] if branch == "springfield" else "shb-sip"


def edge_of(branch: str) -> str:
    """The edge of a branch."""
    return f"edge-{branch}"


def hook_of(branch: str) -> str:
    """The webhook of a branch."""
    return f"{PREFIX[branch]}-hook"


def drafts(cast: Cast, reached: Reached) -> Iterator[Draft]:
    """Every draft, in an order in which a person would type them."""
    for office in cast.offices:
        yield from _office(office, reached)
        for floor in office.floors:
            yield from _floor(office, floor)
        yield from _people(office)
        yield from _wiring(office, reached)


def _office(office: Office, reached: Reached) -> Iterator[Draft]:
    yield (
        "branch",
        office.id,
        {
            "name": office.name,
            "zone": office.zone,
            "main_number": office.main_number,
            "default_erl": office.floors[0].erl,
            "window_minutes": WINDOW_MINUTES,
            "desk": [f"sip:desk@127.0.0.1:{reached.desk}"],
        },
    )
    yield "edge", edge_of(office.id), {"branch": office.id, "poll_s": 30}


def _floor(office: Office, floor: Floor) -> Iterator[Draft]:
    civic = {
        "country": "US",
        "A1": office.state,
        "A3": office.name,
        "RD": office.street,
        "STS": "Ave",
        "HNO": office.house,
        "LOC": floor.loc,
        "PC": office.postcode,
    }
    fields: dict[str, Any] = {"branch": office.id, "name": floor.name, "civic": civic}
    yield "erl", floor.erl, {**fields, "building": "Main"}
    for rank, elin in enumerate(floor.elins):
        group = f"{PREFIX[office.id]}-main"
        row = {"branch": office.id, "erl": floor.erl, "rank": rank, "overflow_group": group}
        yield "elin", elin, row
    element = {"branch": office.id, "element": "subnet", "value": floor.subnet, "erl": floor.erl}
    yield "element", f"{floor.erl}-lan", element


def _people(office: Office) -> Iterator[Draft]:
    for person in office.people:
        contact = f"sip:{person.user}@{office.id}.example"
        row = {"branch": office.id, "name": person.name, "number": person.number}
        yield "caller", contact, row


def _wiring(office: Office, reached: Reached) -> Iterator[Draft]:
    prefix, branch = PREFIX[office.id], office.id
    here = {"branch": branch, "host": "127.0.0.1"}
    platform: dict[str, Any] = {**here, "port": reached.platforms[branch]}
    if _is_cama(branch, reached):
        platform["delivers_callbacks"] = True
    yield "peer", f"{prefix}-platform", platform
    yield "peer", f"{prefix}-desk", {**here, "port": reached.desk}
    trunks = dict(_trunks(branch, reached))
    for name, trunk in trunks.items():
        yield "trunk", name, trunk
    steps = [
        {"trunk": name, "called": "911", "calling_form": "national", "seconds": 6}
        for name in trunks
    ]
    yield "route", f"{prefix}-911", {"branch": branch, "steps": steps}
    text = {"branch": branch, "target": "sip-message"}
    yield "target", f"{prefix}-text", {**text, "address": f"sip:desk@127.0.0.1:{reached.desk}"}
    hook = {"branch": branch, "target": "webhook"}
    url = f"{reached.webhooks}/{hook_of(branch)}"
    yield "target", hook_of(branch), {**hook, "address": url}
    yield (
        "policy",
        f"{prefix}-policy",
        {
            "scope": "branch",
            "branch": branch,
            "numbers": [{"dial": "911", "masks": ["9911", "112"]}],
            "usage": f"{prefix}-911",
            "targets": [f"{prefix}-text", hook_of(branch)],
        },
    )


def _is_cama(branch: str, reached: Reached) -> bool:
    return branch == "springfield" and reached.kind == "cama"


def _trunks(branch: str, reached: Reached) -> Iterator[tuple[str, dict[str, Any]]]:
    """In the order in which they are tried."""
    provider = {"branch": branch, "host": "127.0.0.1", "trunk": "sip", "port": reached.provider}
    first = trunk_of(branch, reached.kind)
    if branch == "shelbyville":
        yield first, provider
        return
    yield first, {"branch": branch, "trunk": reached.kind}
    if reached.kind == "cama":
        yield BACKUP, provider
