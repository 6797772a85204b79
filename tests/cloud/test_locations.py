"""The best clue that is published wins, and the answer carries address and ELINs in pool order."""

from __future__ import annotations

import pytest

from e911.errors import InvalidDocument
from e911.pidf import read_pidf
from e911.rows import Row
from e911_cloud import lookups
from e911_cloud.drafts import EdgeDraft, read_draft
from e911_cloud.locations import Locations, LocationUnknown, read_hint
from e911_cloud.lookups import Published
from tests.cloud.calls_of import NOON
from tests.cloud.places import DRAFTS
from tests.cloud.test_lookups import rows


@pytest.fixture
def locations(stack: None) -> Locations:
    publish(rows())
    return Locations(Published())


def publish(published: list[Row]) -> None:
    values = lookups.values_of(published)
    lookups.write(values, 1)
    lookups.flip(1, lookups.prefix_lengths(values))


@pytest.mark.parametrize(
    ("bssid", "chassis", "port", "address", "found"),
    [
        ("", "", "", "10.1.2.3", ("spf-2", "subnet")),
        ("", "", "", "10.1.9.3", ("spf-1", "subnet")),
        ("", "", "", "::ffff:10.1.2.3", ("spf-2", "subnet")),
        ("", "", "", "2001:db8:1::5", ("spf-2", "subnet")),
        ("", "AA-BB-CC-DD-EE-FF", "", "10.1.2.3", ("spf-1", "switch")),
        ("", "AA-BB-CC-DD-EE-FF", "Gi1/0/7", "10.1.9.3", ("spf-2", "port")),
        ("", "AA-BB-CC-DD-EE-FF", "Gi1/0/8", "10.1.2.3", ("spf-1", "switch")),
        ("001122334455", "AA-BB-CC-DD-EE-FF", "Gi1/0/7", "10.1.2.3", ("spf-1", "bssid")),
        ("ffffffffffff", "", "", "10.1.2.3", ("spf-2", "subnet")),
    ],
)
def test_the_best_clue_wins(
    locations: Locations, bssid: str, chassis: str, port: str, address: str, found: tuple[str, str]
) -> None:
    answer = locations.find(read_hint(bssid, chassis, port, address), "", NOON)
    assert (answer.erl, answer.how) == found


def test_the_answer_is_a_pidf_lo_that_reads_back(locations: Locations) -> None:
    answer = locations.find(read_hint("", "", "", "10.1.2.3"), "sip:homer@pbx.example", NOON)
    location = read_pidf(answer.pidf.encode())
    assert location.civic is not None
    assert (location.civic.HNO, location.civic.LOC) == ("742", "FLR 2")
    assert [elin.digits for elin in location.elins] == ["2175550122", "2175550121"]
    assert (answer.elins, answer.refresh_hours) == (("2175550122", "2175550121"), 4)


@pytest.mark.parametrize(
    ("branch", "erl"), [("springfield", "spf-2"), ("shelbyville", "shv-1"), ("ogdenville", "ogd-1")]
)
def test_a_network_that_branches_share_is_the_askers_own(
    stack: None, branch: str, erl: str
) -> None:
    """Private networks repeat from office to office: the wrong one is another town's address."""
    ogdenville = {**DRAFTS["erl", "shv-1"], "branch": "ogdenville"}
    net2 = {"element": "subnet", "value": "10.1.2.0/24"}
    drafts = {
        ("erl", "ogd-1"): ogdenville,
        ("element", "shv-net2"): {**net2, "branch": "shelbyville", "erl": "shv-1"},
        ("element", "ogd-net2"): {**net2, "branch": "ogdenville", "erl": "ogd-1"},
    }
    extra = [read_draft(kind, id_, body) for (kind, id_), body in drafts.items()]
    publish([*rows(), *(row for row in extra if not isinstance(row, EdgeDraft))])
    hint = read_hint("", "", "", "10.1.2.3")
    assert Locations(Published()).find(hint, "", NOON, branch).erl == erl


def test_a_network_that_branches_share_says_nothing_to_who_is_of_neither(stack: None) -> None:
    """Nor does the wider network around it, though that is one branch's alone."""
    net2 = {"branch": "shelbyville", "element": "subnet", "value": "10.1.2.0/24", "erl": "shv-1"}
    shared = read_draft("element", "shv-net2", net2)
    assert not isinstance(shared, EdgeDraft)
    publish([*rows(), shared])
    locations = Locations(Published())
    with pytest.raises(LocationUnknown):
        locations.find(read_hint("", "", "", "10.1.2.3"), "", NOON)
    assert locations.find(read_hint("", "", "", "10.1.9.3"), "", NOON).erl == "spf-1"


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8:ffff::1", ""])
def test_no_clue_no_location(locations: Locations, address: str) -> None:
    with pytest.raises(LocationUnknown):
        locations.find(read_hint("", "", "", address), "", NOON)


def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(InvalidDocument, match="address"):
        read_hint("", "", "", "ten")
