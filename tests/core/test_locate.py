"""Where a call is from, clue by clue: inside by rank, outside by evidence, else unknown (R9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.bindings import How
from e911.hints import ElementKind, IpAddress, LocationHint, fold_mac
from e911.locate import NEAR_M, Clues, Evidence, Located, Outside, distance_m, locate
from e911.numbers import Caller, Elin
from e911.pidf import PidfLocation
from e911.places import CivicAddress, Point
from e911.rows import CallerRow, ElementRow, ElinRow, ErlRow, PeerRow
from tests.core.springfield import (
    ANA,
    CAM,
    E1,
    E2,
    FAR,
    HARBOR,
    LOBBY,
    NOBODYS,
    NOON,
    SHELBY,
    after,
    snapshot,
)

SPRINGFIELD = snapshot()
FLOOR2 = replace(HARBOR, LOC="Flr 2")
AP = fold_mac("0a1b2c3d4e5f")
SWITCH = fold_mac("001122334455")
OURS = Point(47.6, -122.3)
OCEAN = Point(45.0, -140.0)


def where(
    location: PidfLocation | None = None,
    hint: LocationHint | None = None,
    caller: Caller = ANA,
    peer: PeerRow | None = None,
) -> Located | Outside:
    return locate(SPRINGFIELD, Clues(location, hint or LocationHint(), caller, peer, NOON))


def inside(
    location: PidfLocation | None = None, hint: LocationHint | None = None, caller: Caller = ANA
) -> Located:
    located = where(location, hint, caller)
    assert isinstance(located, Located)
    return located


def at(address: str, **more: str) -> LocationHint:
    ip: IpAddress = ip_address(address)
    return LocationHint(address=ip, **more)


def test_the_pidfs_elin_is_believed_first() -> None:
    found = inside(PidfLocation(civic=HARBOR, elins=(E2, E1)), at("10.1.9.9"))
    assert (found.erl, found.how, found.elins) == ("spf-f2", How.PIDF_ELIN, (E2, E1))
    assert found.note == ""


def test_what_lower_ranks_say_otherwise_is_listed_not_followed() -> None:
    found = inside(PidfLocation(civic=HARBOR, elins=(E1,)), at("10.1.9.9"))
    assert found.disagreeing == ("civic says spf-f1", "subnet says spf-f1")


def test_agreement_is_no_news() -> None:
    assert inside(PidfLocation(elins=(E1,)), at("10.1.2.9", bssid=AP)).disagreeing == ()


def test_a_foreign_elin_among_ours_does_not_hide_ours() -> None:
    found = inside(PidfLocation(elins=(Elin("2065550199"), E1)))
    assert (found.erl, found.how) == ("spf-f2", How.PIDF_ELIN)


def test_the_civic_address_names_the_floor() -> None:
    found = inside(PidfLocation(civic=FLOOR2))
    assert (found.erl, found.how, found.disagreeing) == ("spf-f2", How.CIVIC, ())


@pytest.mark.parametrize(
    ("inside_text", "erl"),
    [("Flr 2 1200", "spf-f2"), ("2nd Floor", "spf-f2"), ("Floor 1, North", "spf-f1")],
)
def test_the_most_similar_place_inside_the_building_is_taken_and_told(
    inside_text: str, erl: str
) -> None:
    found = inside(PidfLocation(civic=replace(HARBOR, LOC=inside_text)))
    assert (found.erl, found.how) == (erl, How.CIVIC)
    assert found.disagreeing == ("civic names no place inside that we know",)


def test_a_building_without_a_floor_is_its_first_erl_and_contradicts_no_hint() -> None:
    building = PidfLocation(civic=replace(HARBOR, LOC=""))
    assert inside(building).erl == "spf-f1"
    with_elin = replace(building, elins=(E1,))
    assert inside(with_elin).disagreeing == ()


def test_the_only_erl_of_a_street_needs_no_floor() -> None:
    row = ErlRow("spf-annex", "springfield", "Annex", replace(NOBODYS, LOC="Hall"))
    picture = snapshot(row, ElinRow(Elin("4255550177"), "springfield", "spf-annex"))
    clues = Clues(PidfLocation(civic=NOBODYS), LocationHint(), ANA, None)
    assert locate(picture, clues) == Located("spf-annex", How.CIVIC)


@pytest.mark.parametrize(
    ("hint", "erl", "how"),
    [
        (LocationHint(bssid=AP), "spf-f2", How.BSSID),
        (LocationHint(chassis=SWITCH, port="gi1/0/7"), "spf-f2", How.PORT),
        (LocationHint(chassis=SWITCH, port="gi1/0/8"), "spf-f1", How.SWITCH),
        (LocationHint(chassis=SWITCH), "spf-f1", How.SWITCH),
        (at("10.1.2.3"), "spf-f2", How.SUBNET),
        (at("10.1.3.3"), "spf-f1", How.SUBNET),
        (at("2001:db8:1:2::9"), "spf-f2", How.SUBNET),
        (at("2001:db8:1:3::9"), "spf-f1", How.SUBNET),
    ],
)
def test_the_network_tells_where_a_phone_is(hint: LocationHint, erl: str, how: How) -> None:
    found = inside(None, hint)
    assert (found.erl, found.how, found.note) == (erl, how, "")


def test_network_hints_are_believed_in_lyncs_order() -> None:
    found = inside(None, at("10.1.9.9", bssid=AP, chassis=SWITCH))
    assert (found.erl, found.how) == ("spf-f2", How.BSSID)
    assert found.disagreeing == ("switch says spf-f1", "subnet says spf-f1")


def test_the_callers_record_is_better_than_nothing_and_contradicts_nothing() -> None:
    assert inside(caller=CAM).how is How.CALLER
    shouted = replace(CAM, contact=CAM.contact.upper())
    assert inside(caller=shouted).erl == "spf-f2"
    roaming = inside(None, at("10.1.9.9"), CAM)
    assert (roaming.erl, roaming.disagreeing) == ("spf-f1", ())


def test_r9_unknown_is_inside_at_the_branch_default() -> None:
    assert inside() == Located("spf-f1", How.DEFAULT, note="unknown")
    assert inside(None, at("192.168.7.7")).note == "unknown"


@pytest.mark.parametrize(
    "location",
    [
        PidfLocation(),
        PidfLocation(civic=CivicAddress()),
        PidfLocation(civic=CivicAddress(A3="Capital City")),
        PidfLocation(civic=CivicAddress(RD="Elm", HNO="40")),
        PidfLocation(civic=replace(NOBODYS, HNO="")),
    ],
)
def test_r9_a_pidf_that_says_too_little_is_no_evidence(location: PidfLocation) -> None:
    assert inside(location).note == "unknown"


def test_r9_a_peer_marked_outside_is_evidence_whatever_else_is_said() -> None:
    peer = PeerRow("home", "springfield", "198.51.100.7", outside=True)
    location = PidfLocation(civic=HARBOR, elins=(E1,))
    assert where(location, at("10.1.2.3"), peer=peer) == Outside(Evidence.PEER)
    assert isinstance(where(location, peer=replace(peer, outside=False)), Located)


def test_r9_an_address_in_a_vpn_is_evidence_even_if_the_pidf_says_an_office() -> None:
    """A VPN client carries the location of the office that it dialled into."""
    location = PidfLocation(civic=HARBOR, elins=(E1,))
    assert where(location, at("10.99.3.4")) == Outside(Evidence.NETWORK)


def test_r9_a_civic_address_that_is_nobodys_is_evidence_and_no_hint_overturns_it() -> None:
    """The subnets of an office are also those of half the homes."""
    location = PidfLocation(civic=NOBODYS)
    assert where(location) == Outside(Evidence.CIVIC)
    assert where(location, at("10.1.2.3")) == Outside(Evidence.CIVIC)


def test_r9_an_elin_of_ours_in_the_pidf_outweighs_a_civic_address_that_is_not() -> None:
    """The location came from our own service; its spelling of the street may be another's."""
    assert inside(PidfLocation(civic=NOBODYS, elins=(E1,))).how is How.PIDF_ELIN


def test_r9_a_spelled_out_street_is_not_outside() -> None:
    spelled = replace(HARBOR, RD="HARBOR AVENUE", STS="", POD="Northeast")
    assert inside(PidfLocation(civic=spelled)).how is How.CIVIC


def test_r9_a_point_far_from_every_location_is_evidence() -> None:
    assert where(PidfLocation(point=OCEAN)) == Outside(Evidence.GEO)


def test_r9_a_point_is_no_evidence_near_us_or_where_its_radius_reaches_us() -> None:
    near = Point(47.6 + 0.9 * NEAR_M / 111_195, -122.3)
    beyond = Point(47.6 + 1.1 * NEAR_M / 111_195, -122.3)
    assert inside(PidfLocation(point=near)).note == "unknown"
    assert where(PidfLocation(point=beyond)) == Outside(Evidence.GEO)
    assert inside(PidfLocation(point=replace(beyond, radius_m=200))).note == "unknown"


def test_r9_a_matching_civic_address_outweighs_a_far_point() -> None:
    assert inside(PidfLocation(civic=FLOOR2, point=OCEAN)).erl == "spf-f2"


def test_r9_where_no_location_has_a_point_a_point_proves_nothing() -> None:
    bare = [replace(erl, point=None) for erl in SPRINGFIELD.erls.values()]
    clues = Clues(PidfLocation(point=OCEAN), LocationHint(), ANA, None)
    assert isinstance(locate(snapshot(*bare), clues), Located)


@pytest.mark.parametrize("location", [PidfLocation(elins=(FAR,)), PidfLocation(civic=SHELBY)])
def test_r9_another_branchs_location_is_offered_and_our_default_stands_in(
    location: PidfLocation,
) -> None:
    found = inside(location)
    assert (found.erl, found.how, found.note) == ("spf-f1", How.DEFAULT, "other-branch")
    assert found.offered_erl == "shv-f1"


def test_r9_of_another_branch_with_a_hint_of_ours_the_hint_stands_in() -> None:
    """A traveller's cached location against the network that the phone is on: told."""
    found = inside(PidfLocation(elins=(FAR,)), at("10.1.2.3"))
    assert (found.erl, found.how, found.offered_erl) == ("spf-f2", How.SUBNET, "shv-f1")
    assert found.note == "other-branch"
    assert found.disagreeing == ("subnet says spf-f2",)


def test_a_lower_clue_to_another_branch_is_only_a_disagreement() -> None:
    roamer = CallerRow(ANA.contact, "springfield", erl="shv-f1")
    element = ElementRow("n9", "springfield", ElementKind.SUBNET, "10.7.0.0/16", "shv-f1")
    clues = Clues(PidfLocation(elins=(E1,)), at("10.7.1.1"), ANA, None)
    found = locate(snapshot(roamer, element), clues)
    assert isinstance(found, Located)
    assert (found.erl, found.note, found.offered_erl) == ("spf-f2", "", "")
    assert found.disagreeing == ("subnet says shv-f1",)


def test_an_element_whose_erl_is_gone_is_passed_over() -> None:
    element = ElementRow("ap", "springfield", ElementKind.BSSID, AP, "demolished")
    clues = Clues(None, at("10.1.2.3", bssid=AP), ANA, None)
    found = locate(snapshot(element), clues)
    assert isinstance(found, Located)
    assert (found.erl, found.how) == ("spf-f2", How.SUBNET)


@pytest.mark.parametrize(
    ("stamp", "age"),
    [
        ("2026-03-02T11:00:00Z", 3600.0),
        ("2026-03-02T04:00:00-07:00", 3600.0),
        ("2026-03-02T13:00:00Z", 0.0),
        ("2013-02-05T10:11:12.03", None),
        ("yesterday Z", None),
        ("", None),
    ],
)
def test_the_age_of_a_location_needs_a_zone_and_never_rejects_it(
    stamp: str, age: float | None
) -> None:
    found = inside(PidfLocation(elins=(LOBBY,), timestamp=stamp))
    assert found.erl == "spf-f1"
    assert found.age_s == age


def test_distances_are_those_of_the_globe() -> None:
    assert distance_m(Point(0, 0), Point(0, 1)) == pytest.approx(111_195, rel=0.001)
    assert distance_m(Point(0, 179.5), Point(0, -179.5)) == pytest.approx(111_195, rel=0.001)
    assert distance_m(OURS, OURS) == 0
    assert distance_m(Point(90, 0), Point(-90, 0)) == pytest.approx(20_015_087, rel=0.001)


CIVICS = st.sampled_from([HARBOR, FLOOR2, SHELBY, NOBODYS, CivicAddress(), None])
POINTS = st.sampled_from([OURS, OCEAN, None])
ELINS = st.lists(st.sampled_from([E1, LOBBY, FAR, Elin("2065550199")]), max_size=5).map(tuple)
LOCATIONS = st.none() | st.builds(PidfLocation, civic=CIVICS, point=POINTS, elins=ELINS)
ADDRESSES = st.none() | st.sampled_from(["10.1.2.3", "10.99.0.1", "8.8.8.8", "::1"]).map(ip_address)
HINTS = st.builds(
    LocationHint,
    bssid=st.sampled_from(["", AP, "x"]),
    chassis=st.sampled_from(["", SWITCH]),
    port=st.sampled_from(["", "gi1/0/7"]),
    address=ADDRESSES,
)


@given(LOCATIONS, HINTS, st.sampled_from([ANA, CAM]))
def test_r1_whatever_the_clues_there_is_an_answer_and_it_is_an_erl_of_the_branch(
    location: PidfLocation | None, hint: LocationHint, caller: Caller
) -> None:
    found = where(location, hint, caller)
    outside_network = hint.address is not None and SPRINGFIELD.is_outside_address(hint.address)
    if isinstance(found, Outside):
        assert outside_network or location is not None
        return
    assert not outside_network
    assert SPRINGFIELD.erls[found.erl].branch == "springfield"
    assert (found.note == "other-branch") == bool(found.offered_erl)
    if found.offered_erl:
        assert SPRINGFIELD.erls[found.offered_erl].branch != "springfield"
    assert not _names(found.disagreeing, found.offered_erl or found.erl)


def _names(disagreeing: Iterable[str], erl: str) -> bool:
    return any(said.endswith(f"says {erl}") for said in disagreeing)


def test_the_clock_is_optional() -> None:
    clues = Clues(PidfLocation(elins=(E1,), timestamp="2026-03-02T11:00:00Z"), at("::1"), ANA, None)
    found = locate(SPRINGFIELD, clues)
    assert isinstance(found, Located)
    assert found.age_s is None
    later = locate(SPRINGFIELD, replace(clues, utc=after(60)))
    assert isinstance(later, Located)
    assert later.age_s == 7200


def test_r9_the_network_is_the_evidence_that_is_told_where_both_speak() -> None:
    assert where(PidfLocation(civic=NOBODYS), at("10.99.3.4")) == Outside(Evidence.NETWORK)


def test_of_two_branches_in_one_building_the_own_comes_first_but_a_floor_is_a_floor() -> None:
    tenant = ErlRow("a-tenant", "shelbyville", "Upstairs", replace(HARBOR, LOC="Flr 9"))
    same = ErlRow("a-same", "shelbyville", "Shared", replace(HARBOR, LOC="Flr 2"))
    picture = snapshot(tenant, same)

    def at_floor(inside_text: str) -> Located | Outside:
        civic = replace(HARBOR, LOC=inside_text)
        return locate(picture, Clues(PidfLocation(civic=civic), LocationHint(), ANA, None))

    upstairs, floor2, building = at_floor("Flr 9"), at_floor("Flr 2"), at_floor("")
    assert isinstance(upstairs, Located)
    assert isinstance(floor2, Located)
    assert isinstance(building, Located)
    assert (upstairs.note, upstairs.offered_erl) == ("other-branch", "a-tenant")
    assert floor2.erl == "spf-f2"
    assert (building.erl, building.how) == ("spf-f1", How.CIVIC)
