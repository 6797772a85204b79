"""Every limit of a row, one step inside and one step outside it, with the path that an
administrator is told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from e911.hints import ElementKind
from e911.places import Point
from e911.row_limits import CIVIC_LIMITS, Fault, check_row
from e911.rows import (
    CallerRow,
    DeliveredDigits,
    ElementRow,
    ElinRow,
    EmergencyNumber,
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
    TrunkKind,
    TrunkRow,
)
from tests.core.springfield import ANA, BRANCH, E1, HARBOR, POLICY, READBACK, rows

ERL = ErlRow("spf-f2", "springfield", "Floor 2", HARBOR)
ISDN = TrunkRow("spf-pri", "springfield", TrunkKind.ISDN)
SIP = TrunkRow("spf-sip", "springfield", TrunkKind.SIP, host="sbc.example")
PEER = PeerRow("lync", "springfield", "10.1.0.5")
ROUTE = RouteRow("spf-911", "springfield", (RouteStep("spf-pri"),))
CALLER = CallerRow(ANA.contact, "springfield")


def faults(row: Row) -> list[str]:
    return [str(fault) for fault in check_row(row)]


def paths(row: Row) -> list[str]:
    return [fault.path for fault in check_row(row)]


def test_the_rows_of_springfield_are_within_every_limit() -> None:
    assert [fault for row in rows() for fault in check_row(row)] == []


def test_a_fault_names_kind_id_field_and_reason() -> None:
    assert check_row(replace(BRANCH, zone="Springfield/Harbor")) == [
        Fault("branch/springfield.zone", "is no IANA time zone")
    ]
    assert faults(ElinRow(E1, "b", "e", -1)) == ["elin/4255550101.rank: must be 0 to 10000"]


LIMITS: list[tuple[str, Row, str, list[Any], list[Any]]] = [
    ("branch", BRANCH, "name", ["S"], ["", " "]),
    ("branch", BRANCH, "zone", ["UTC", "America/New_York"], ["", "PST8", "../etc/passwd"]),
    ("branch", BRANCH, "window_minutes", [1, 1440], [0, 1441]),
    ("branch", BRANCH, "guard_minutes", [0, 1440], [-1, 1441]),
    ("branch", BRANCH, "leg_hold_s", [0, 20], [-1, 21]),
    ("branch", BRANCH, "psap_hold_s", [0, 1800], [-1, 1801]),
    ("branch", BRANCH, "reserve", [0, 5], [-1]),
    ("branch", BRANCH, "alternates_s", [1, 40], [0]),
    ("branch", BRANCH, "desk_s", [20, 90], [19]),
    ("branch", BRANCH, "give_up_s", [40, 600], [39, 601]),
    ("branch", BRANCH, "relay_number", ["", "8005550100", "+18005550100"], ["12", "call us"]),
    ("erl", ERL, "name", ["Floor"], [""]),
    ("trunk", ISDN, "port", [1, 65535], [0, 65536]),
    ("trunk", ISDN, "capacity", [0, 100], [-1]),
    ("trunk", ISDN, "host", [""], ["sbc.example"]),
    ("trunk", ISDN, "identity", [Identity.ELIN], [Identity.CALLER]),
    ("trunk", SIP, "identity", [Identity.ELIN, Identity.CALLER], []),
    ("trunk", SIP, "host", ["sbc.example", "10.0.0.1", "[2001:db8::1]"], ["", "a b", "x/y"]),
    ("peer", PEER, "host", ["lync.example"], ["", "a b"]),
    ("peer", PEER, "port", [1, 65535], [0, 65536]),
    ("peer", PEER, "strip_prefix", ["", "9", "1234"], ["12345", "+", "x"]),
    ("test-number", READBACK, "number", ["933", "+14255550142"], ["91", "911", "x"]),
    ("caller", CALLER, "extension", ["", "1001"], ["x1001"]),
    ("policy", POLICY, "location_required", ["no", "yes", "disclaimer"], ["", "maybe", "No"]),
    ("policy", POLICY, "refresh_hours", [1, 4, 12], [0, 13]),
    ("policy", POLICY, "usage", ["spf-911"], [""]),
    ("policy", POLICY, "conference_mode", [""], ["oneway"]),
]


@pytest.mark.parametrize(("kind", "row", "field", "good", "bad"), LIMITS)
def test_each_limit_holds_at_its_edge(
    kind: str, row: Row, field: str, good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        assert paths(replace(row, **{field: value})) == [], value
    for value in bad:
        found = paths(replace(row, **{field: value}))
        assert any(p.startswith(f"{kind}/") and p.endswith(f".{field}") for p in found), value


@pytest.mark.parametrize(("name", "limit"), CIVIC_LIMITS.items())
def test_an_address_is_complete_and_fits_set_cslislocation(
    name: str, limit: tuple[int, bool]
) -> None:
    most, needed = limit
    path = [f"erl/spf-f2.civic.{name}"]

    def with_value(value: str) -> ErlRow:
        changes: dict[str, Any] = {name: value}
        return replace(ERL, civic=replace(HARBOR, **changes))

    assert paths(with_value("x" * most)) == []
    assert paths(with_value("x" * (most + 1))) == path
    assert paths(with_value("")) == (path if needed else [])


def test_a_place_inside_has_at_most_20_characters() -> None:
    long = replace(ERL, civic=replace(HARBOR, LOC="Second floor, north 1"))
    assert faults(long) == ["erl/spf-f2.civic.LOC: has more than 20 characters"]


def test_a_point_lies_on_the_globe() -> None:
    assert paths(replace(ERL, point=Point(90, -180, 5))) == []
    bad = replace(ERL, point=Point(90.1, 181, -1))
    assert [p.rpartition(".")[2] for p in paths(bad)] == ["latitude", "longitude", "radius_m"]


@pytest.mark.parametrize(
    ("element", "value", "reason"),
    [
        (ElementKind.SUBNET, "10.10.10.150/25", "is a host in the network 10.10.10.128/25"),
        (ElementKind.SUBNET, "2001:db8::1/64", "is a host in the network 2001:db8::/64"),
        (ElementKind.SUBNET, "floor 2", "is not a network in CIDR form"),
        (ElementKind.BSSID, "0A-1B-2C-3D-4E", "is no BSSID (nn-nn-nn-nn-nn-nn)"),
        (
            ElementKind.PORT,
            "sw-7",
            "must be the switch's chassis id and the port id, as chassis|port",
        ),
        (
            ElementKind.PORT,
            "|7",
            "must be the switch's chassis id and the port id, as chassis|port",
        ),
        (ElementKind.SWITCH, " ", "must be the switch's chassis id"),
        (ElementKind.SWITCH, "sw-7|1", "names a port; a switch is its chassis id alone"),
    ],
)
def test_an_element_can_be_looked_up_by_its_value(
    element: ElementKind, value: str, reason: str
) -> None:
    row = ElementRow("x", "springfield", element, value, "spf-f2")
    assert faults(row) == [f"element/x.value: {reason}"]


@pytest.mark.parametrize(
    ("element", "value"),
    [
        (ElementKind.SUBNET, "10.10.10.128/25"),
        (ElementKind.BSSID, "0A1B2C3D4E5F"),
        (ElementKind.PORT, "sw-7|Gi1/0/7"),
        (ElementKind.SWITCH, "10.1.0.2"),
    ],
)
def test_a_good_element_has_no_fault(element: ElementKind, value: str) -> None:
    assert faults(ElementRow("x", "springfield", element, value, "spf-f2")) == []


def numbers(*given: EmergencyNumber) -> list[str]:
    return faults(replace(POLICY, numbers=given))


def test_a_dial_string_is_1_to_10_digits() -> None:
    assert numbers(EmergencyNumber("1"), EmergencyNumber("1234567890")) == []
    for dial in ("", "12345678901", "+911", "9 11", "٩١١"):
        assert numbers(EmergencyNumber(dial)) == [
            "policy/everybody.numbers[0].dial: must be 1 to 10 digits"
        ]


def test_masks_are_digits_and_the_list_has_at_most_100_characters() -> None:
    nine = tuple(f"{n:010}" for n in range(9))
    assert numbers(EmergencyNumber("911", (*nine, "1"))) == []
    assert numbers(EmergencyNumber("911", (*nine, "12"))) == [
        "policy/everybody.numbers[0].masks: have more than 100 characters"
    ]
    assert numbers(EmergencyNumber("911", ("112", "x"))) == [
        "policy/everybody.numbers[0].masks[1]: must be 1 to 10 digits"
    ]


def test_masks_are_unique_within_the_policy_and_no_dial_string() -> None:
    assert numbers(EmergencyNumber("911", ("112",)), EmergencyNumber("999", ("144", "112"))) == [
        "policy/everybody.numbers[1].masks[1]: is already used in this policy"
    ]
    assert numbers(EmergencyNumber("911"), EmergencyNumber("911")) == [
        "policy/everybody.numbers[1].dial: is already used in this policy"
    ]
    assert numbers(EmergencyNumber("911", ("450",)), EmergencyNumber("450")) == [
        "policy/everybody.numbers[0].masks[0]: is a dial string of this policy"
    ]


def test_a_policy_has_1_to_100_numbers() -> None:
    hundred = tuple(EmergencyNumber(str(n)) for n in range(1000, 1100))
    assert numbers(*hundred) == []
    reason = "policy/everybody.numbers: must be 1 to 100 emergency numbers"
    assert numbers(*hundred, EmergencyNumber("911")) == [reason]
    assert numbers() == [reason]


@pytest.mark.parametrize("given", [EmergencyNumber("933"), EmergencyNumber("911", ("933",))])
def test_the_test_number_is_never_an_emergency(given: EmergencyNumber) -> None:
    assert numbers(given) == [
        "policy/everybody.numbers[0]: 933 is the test number of the plan, never an emergency"
    ]


def test_a_conference_has_a_sip_uri_of_at_most_256_characters_and_a_mode() -> None:
    def conference(uri: str, mode: str) -> list[str]:
        return paths(replace(POLICY, conference_uri=uri, conference_mode=mode))

    assert conference("sip:+14255550123@contoso.example", "oneway") == []
    assert conference("sip:" + "x" * 252, "twoway") == []
    assert conference("sip:" + "x" * 253, "twoway") == ["policy/everybody.conference_uri"]
    assert conference("tel:+14255550123", "twoway") == ["policy/everybody.conference_uri"]
    assert conference("sip:", "twoway") == ["policy/everybody.conference_uri"]
    assert conference("sip:guard@contoso.example", "both") == ["policy/everybody.conference_mode"]
    assert conference("sip:guard@contoso.example", "") == ["policy/everybody.conference_mode"]


def test_a_scope_says_to_whom_it_applies() -> None:
    site = PolicyRow("lab", Scope.NETWORK_SITE, "springfield", ("10.1.2.0/24",), usage="u")
    assert paths(site) == []
    assert paths(replace(site, subjects=())) == ["policy/lab.subjects"]
    assert paths(replace(site, subjects=("10.1.2.1/24",))) == ["policy/lab.subjects[0]"]
    user = replace(site, scope=Scope.USER, subjects=(ANA.contact, "ben"))
    assert paths(user) == ["policy/lab.subjects[1]"]
    branch = replace(site, scope=Scope.BRANCH)
    assert faults(branch) == ["policy/lab.subjects[0]: means nothing in a branch policy"]
    assert paths(replace(POLICY, branch="springfield")) == ["policy/everybody.branch"]


def test_a_relay_needs_its_number_and_its_trunk() -> None:
    relay = replace(BRANCH, outside=OutsidePolicy.RELAY)
    assert paths(relay) == ["branch/springfield.relay_number", "branch/springfield.relay_trunk"]
    assert paths(replace(relay, relay_number="8005550100", relay_trunk="spf-pri")) == []


def test_a_route_leads_somewhere_in_time() -> None:
    assert paths(ROUTE) == []
    assert paths(replace(ROUTE, steps=())) == ["route/spf-911.steps"]
    good = (RouteStep("t", "911", "e164", 2), RouteStep("t", "+14255550911", "subscriber", 60))
    assert paths(replace(ROUTE, steps=good)) == []
    bad = (RouteStep("t", "", "full", 1), RouteStep("t", "sip:911", "national", 61))
    assert [p.rpartition("spf-911.")[2] for p in paths(replace(ROUTE, steps=bad))] == [
        "steps[0].called",
        "steps[0].calling_form",
        "steps[0].seconds",
        "steps[1].called",
        "steps[1].seconds",
    ]


def test_delivered_digits_are_of_a_length_that_trunks_deliver() -> None:
    for count in (3, 4, 7, 10, 11):
        assert paths(replace(ISDN, delivered=DeliveredDigits(count, "+1"))) == []
    odd = replace(ISDN, delivered=DeliveredDigits(5, "x"))
    assert paths(odd) == ["trunk/spf-pri.delivered.count", "trunk/spf-pri.delivered.prefix"]


def test_a_desk_is_a_sip_uri_or_a_number_over_a_trunk() -> None:
    good = ("sip:desk@contoso.example", "tel:+14255550190;trunk=spf-pri")
    assert paths(replace(BRANCH, desk=good)) == []
    assert faults(replace(BRANCH, desk=("tel:+14255550190",))) == [
        "branch/springfield.desk[0]: needs a trunk: tel:+1…;trunk=id"
    ]
    assert paths(replace(ERL, desk=("desk",))) == ["erl/spf-f2.desk[0]"]


@pytest.mark.parametrize(
    ("target", "good", "bad"),
    [
        (TargetKind.SIP_MESSAGE, "sip:desk@contoso.example", "desk@contoso.example"),
        (TargetKind.WEBHOOK, "https://desk.example/hook", "http://desk.example/hook"),
        (TargetKind.SMS, "+14255550190", "desk"),
    ],
)
def test_a_target_is_an_address_of_its_kind(target: TargetKind, good: str, bad: str) -> None:
    assert paths(TargetRow("t", "springfield", target, good)) == []
    assert paths(TargetRow("t", "springfield", target, bad)) == ["target/t.address"]


def test_networks_are_networks_everywhere() -> None:
    assert paths(replace(PEER, networks=("10.0.0.0/8", "10.0.0.1/8"))) == ["peer/lync.networks[1]"]
    assert paths(OutsideNetworkRow("vpn", "b", "10.0.0.1/8")) == ["outside-network/vpn.network"]


@pytest.mark.parametrize("row_id", ["", "a b", "a\n", "x" * 257])
def test_an_id_is_one_word(row_id: str) -> None:
    assert any(path.endswith(".id") for path in paths(replace(ROUTE, id=row_id)))


def test_a_callers_contacts_are_addresses() -> None:
    assert paths(replace(CALLER, id="ana")) == ["caller/ana.id"]
    assert paths(replace(CALLER, alternates=("sip:x@y", "ext 7"))) == [
        f"caller/{ANA.contact}.alternates[1]"
    ]


def test_a_peer_whose_every_call_is_911_hands_over_no_callbacks() -> None:
    every = replace(PEER, every_call_is_911=True)
    assert paths(every) == []
    assert paths(replace(every, delivers_callbacks=True)) == ["peer/lync.delivers_callbacks"]
