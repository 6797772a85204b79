"""PIDF-LO as Lync, Teams, AudioCodes and the RFCs write it, and as we write it ourselves."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.errors import InvalidLocation
from e911.numbers import Elin
from e911.pidf import ANONYMOUS, PidfLocation, read_pidf, write_pidf
from e911.places import CivicAddress, Point

CIVIC = CivicAddress(
    A1="WA",
    A3="Springfield",
    RD="Harbor",
    STS="Ave",
    POD="NE",
    HNO="1200",
    LOC="Flr 2",
    PC="98000",
)
ELINS = (Elin("4255550101"), Elin("4255550102"))

LYNC = """<?xml version="1.0" encoding="utf-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"
 xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"
 xmlns:ms="urn:schema:Rtc.LIS.msftE911PidfExtn.2008" entity="sip:ana@contoso.example">
 <!-- <gp:method>Manual</gp:method> -->
 <tuple id="0"><status><gp:geopriv><gp:location-info><ca:civicAddress>
  <ca:country>us</ca:country><ca:A1>WA</ca:A1><ca:A3>Springfield</ca:A3><ca:PRD/>
  <ca:RD>Harbor</ca:RD><ca:STS>Ave</ca:STS><ca:POD>NE</ca:POD><ca:HNO>1200</ca:HNO>
  <ca:LOC> Flr  2 </ca:LOC><ca:NAM>425-555-0101; 4255550102 </ca:NAM><ca:PC>98000</ca:PC>
 </ca:civicAddress></gp:location-info><gp:usage-rules/></gp:geopriv>
 <ms:msftE911PidfExtn><ms:ConferenceUri>sip:desk@contoso.example</ms:ConferenceUri>
  <ms:ConferenceMode>twoway</ms:ConferenceMode>
  <LocationPolicyTagID xmlns="urn:schema:Rtc.Lis.LocationPolicyTagID.2008"
  >tag-1</LocationPolicyTagID>
 </ms:msftE911PidfExtn></status><timestamp>2013-02-05T10:11:12.03</timestamp></tuple>
</presence>"""

LIS = """<presence entity="sip:ana@contoso.example" xmlns="urn:ietf:params:xml:ns:pidf">
 <tuple id="_LIS:0"><status><geopriv xmlns="urn:ietf:params:xml:ns:pidf:geopriv10"><location-info>
 <civicAddress xmlns="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"><country>US</country>
 <A1>WA</A1><RD>Harbor</RD><HNO>1200</HNO>{names}</civicAddress>
 </location-info></geopriv></status></tuple></presence>"""

TEAMS = """<presence xmlns="urn:ietf:params:xml:ns:pidf"
 xmlns:x="urn:ietf:params:xml:ns:pidf:geopriv10"
 xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:gml="http://www.opengis.net/gml"
 xmlns:gs="http://www.opengis.net/pidflo/1.0"
 xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr">
 <tuple id="t"><status><x:geopriv><x:location-info><ca:civicAddress><ca:RD>Wrong</ca:RD>
 </ca:civicAddress></x:location-info></x:geopriv></status></tuple>
 <dm:device id="d"><x:geopriv><x:location-info>
 <gs:Circle><gml:pos>47.6434 -122.1267</gml:pos><gs:radius>20</gs:radius></gs:Circle>
 <ca:civicAddress><ca:RD>Harbor</ca:RD><ca:NAM>Contoso Ltd</ca:NAM>
 <ELIN>4255550101</ELIN></ca:civicAddress></x:location-info>
 <x:method>LIS</x:method></x:geopriv></dm:device></presence>"""


def test_lyncs_own_document() -> None:
    location = read_pidf(LYNC.encode())
    assert location.civic == CivicAddress(
        A1="WA",
        A3="Springfield",
        RD="Harbor",
        STS="Ave",
        POD="NE",
        HNO="1200",
        LOC="Flr 2",
        NAM="425-555-0101; 4255550102",
        PC="98000",
    )
    assert location.elins == ELINS
    assert (location.method, location.entity) == ("", "sip:ana@contoso.example")
    assert location.timestamp == "2013-02-05T10:11:12.03"
    assert (location.conference_uri, location.conference_mode, location.policy_tag) == (
        "sip:desk@contoso.example",
        "twoway",
        "tag-1",
    )


def test_a_device_is_believed_before_a_tuple_and_elin_before_the_companys_name() -> None:
    location = read_pidf(TEAMS.encode())
    assert location.civic == CivicAddress(RD="Harbor", NAM="Contoso Ltd")
    assert location.point == Point(47.6434, -122.1267, 20.0)
    assert (location.elins, location.method) == (ELINS[:1], "LIS")


@pytest.mark.parametrize(
    ("names", "elins"),
    [
        ("<NAM>4255550101;4255550102</NAM>", ELINS),
        ("<NAM>+1 (425) 555-0101</NAM>", ELINS[:1]),
        ("<NAM>Contoso; 4255550101</NAM>", ()),
        ("<NAM>Studio 4255550101</NAM>", ()),
        ("<ELIN>junk; 1-425-555-0101</ELIN><NAM>4255550102</NAM>", ELINS[:1]),
        ("<ELIN>MICROSOFT_ELIN</ELIN><NAM>4255550102</NAM>", ELINS[1:]),
        (
            "<NAM>" + ";".join(f"425555010{n}" for n in range(9)) + "</NAM>",
            tuple(Elin(f"425555010{n}") for n in range(5)),
        ),
        ("", ()),
    ],
)
def test_which_entries_are_elins(names: str, elins: tuple[Elin, ...]) -> None:
    assert read_pidf(LIS.format(names=names).encode()).elins == elins


def test_the_old_civic_namespace_and_a_polygons_middle_are_read() -> None:
    old = LIS.format(names="").replace("civicAddress", "civicLoc")
    assert read_pidf(old.encode()).civic == CivicAddress(A1="WA", RD="Harbor", HNO="1200")
    polygon = TEAMS.replace(
        "<gml:pos>47.6434 -122.1267</gml:pos><gs:radius>20</gs:radius>",
        "<gml:pos>1 1</gml:pos><gml:pos>3 1</gml:pos><gml:pos>3 3</gml:pos>"
        "<gml:pos>1 3</gml:pos><gml:pos>1 1</gml:pos><gml:pos>nan 7</gml:pos>",
    )
    assert read_pidf(polygon.encode()).point == Point(2.0, 2.0)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"", "well-formed"),
        (LYNC.encode()[:-5], "well-formed"),
        (b"<presence/>", "no location"),
        (LIS.format(names="").encode().replace(b"civicAddress", b"other"), "no location"),
        (b'<!DOCTYPE p [<!ENTITY a "b">]><presence/>', "document type"),
        (b'<?xml version="1.0"?><!-- <!-- --><!DOCTYPE p><presence/>', "document type"),
        (LYNC.encode("utf-16"), "UTF-8"),
        (b"<presence>" + b" " * 70_000 + b"</presence>", "too long"),
        (b'<?xml version="1.0" encoding="klingon"?><presence/>', "well-formed"),
        (b'<p xmlns:c="x"><c:civicAddress><c:country>US</c:country></c:civicAddress></p>', "empty"),
    ],
)
def test_what_is_no_location_is_refused_with_its_reason(document: bytes, why: str) -> None:
    with pytest.raises(InvalidLocation, match=why):
        read_pidf(document)


def test_blank_lines_around_the_document_are_borne() -> None:
    assert read_pidf(b"\r\n\r\n" + LYNC.encode() + b"\r\n\0").elins == ELINS


@pytest.mark.parametrize("elins_as", ["NAM", "ELIN"])
def test_what_we_write_reads_back(elins_as: str) -> None:
    location = PidfLocation(
        CIVIC,
        Point(47.5, -122.25, 20.0),
        ELINS,
        "LIS",
        "sip:ana@contoso.example",
        "2026-11-22T18:30:00Z",
        "sip:d@h?a=1&b=2",
        "oneway",
        "<tag>",
    )
    back = read_pidf(write_pidf(location, entity=location.entity, elins_as=elins_as))
    assert (back.elins, back.point, back.method) == (ELINS, location.point, "LIS")
    assert (back.entity, back.timestamp) == (location.entity, location.timestamp)
    assert (back.conference_uri, back.conference_mode, back.policy_tag) == (
        "sip:d@h?a=1&b=2",
        "oneway",
        "<tag>",
    )
    assert back.civic is not None
    assert back.civic.matching_key() == CIVIC.matching_key()


def test_r2_nobody_is_named_unless_asked() -> None:
    location = PidfLocation(
        CIVIC, elins=ELINS, entity="sip:ana@contoso.example", conference_uri="sip:ana@h"
    )
    document = write_pidf(location, elins_as="", microsoft=False)
    back = read_pidf(document)
    assert b"ana" not in document
    assert (back.entity, back.elins, back.conference_uri) == (ANONYMOUS, (), "")


def test_a_company_keeps_its_name_where_the_elins_go_elsewhere() -> None:
    company = CivicAddress(RD="Harbor", NAM="Contoso Ltd")
    back = read_pidf(write_pidf(PidfLocation(company, elins=ELINS), elins_as="ELIN"))
    assert back.civic == company
    assert back.elins == ELINS


def test_a_point_without_radius_is_a_point() -> None:
    assert b"<gml:Point" in write_pidf(PidfLocation(point=Point(1.0, 2.0)))
    assert read_pidf(write_pidf(PidfLocation(point=Point(1.0, 2.0)))).point == Point(1.0, 2.0)


@given(st.binary(max_size=300), st.integers(0, len(LYNC)))
def test_no_bytes_break_the_reader(noise: bytes, at: int) -> None:
    document = LYNC.encode()
    for attempt in (noise, document[:at] + noise + document[at:]):
        with suppress(InvalidLocation):
            read_pidf(attempt)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_street_name_survives_being_written(name: str) -> None:
    civic = CivicAddress(RD=name, HNO="1")
    back = read_pidf(write_pidf(PidfLocation(civic)))
    assert back.civic is not None
    assert back.civic.RD.split() == name.split()
