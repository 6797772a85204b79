"""ALI holds what a file says, and no file of another form; the exporter is the product's own."""

from __future__ import annotations

import pytest

from lab.pstn.ali import COLUMNS, Ali, AliFileRefused
from tests.lab.pstn.ali_file import carrier_file


def test_a_dispatcher_sees_the_address_of_a_number() -> None:
    ali = Ali()
    assert ali.load(carrier_file()) == 2
    record = ali.look_up("4255550102")
    assert record is not None
    assert record.one_line() == "1200 HARBOR AVE NE, MAIN FLR 2, SPRINGFIELD WA"
    assert record.customer == "SPRINGFIELD MILLS"
    assert ali.look_up("4255550103") is None


def test_a_later_file_deletes_and_lines_may_end_in_any_way() -> None:
    ali = Ali()
    ali.load(carrier_file())
    lines = carrier_file().replace("\r\n", "\n").splitlines()
    gone = "D" + lines[1][1:]
    ali.load("\n".join([lines[0], gone, lines[2], lines[3]]))
    assert ali.look_up("4255550101") is None
    assert ali.look_up("4255550102") is not None


@pytest.mark.parametrize("harm", ["short", "no end", "count", "no trailer", "empty"])
def test_a_file_of_another_form_is_refused_whole(harm: str) -> None:
    lines = carrier_file().splitlines()
    harmed = {
        "short": [*lines[:2], lines[2][:-2] + "*", lines[3]],
        "no end": [*lines[:2], lines[2][:-1] + " ", lines[3]],
        "count": [lines[0], lines[1], lines[3]],
        "no trailer": lines[:3],
        "empty": [],
    }[harm]
    ali = Ali()
    with pytest.raises(AliFileRefused):
        ali.load("\r\n".join(harmed))
    assert ali.look_up("4255550101") is None


def test_no_two_fields_share_a_column() -> None:
    taken = [n for first, last in COLUMNS.values() for n in range(first, last + 1)]
    assert len(taken) == len(set(taken))
