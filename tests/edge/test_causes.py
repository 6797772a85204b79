"""Every row of RFC 3398 that we use, in both directions."""

from __future__ import annotations

import pytest

from edge_agent.causes import TEXTS, cause_text, cause_to_sip, sip_to_cause

CAUSE_TO_SIP = [  # RFC 3398 §7.2.4.1
    (1, 404),
    (2, 404),
    (3, 404),
    (17, 486),
    (18, 408),
    (19, 480),
    (20, 480),
    (21, 403),
    (22, 410),
    (23, 410),
    (26, 404),
    (27, 502),
    (28, 484),
    (29, 501),
    (31, 480),
    (34, 503),
    (38, 503),
    (41, 503),
    (42, 503),
    (47, 503),
    (55, 403),
    (57, 403),
    (58, 503),
    (65, 488),
    (70, 488),
    (79, 501),
    (87, 403),
    (88, 503),
    (102, 504),
    (111, 500),
    (127, 500),
]
SIP_TO_CAUSE = [  # RFC 3398 §8.2.6.1
    (400, 41),
    (401, 21),
    (402, 21),
    (403, 21),
    (404, 1),
    (405, 63),
    (406, 79),
    (407, 21),
    (408, 102),
    (410, 22),
    (413, 127),
    (414, 127),
    (415, 79),
    (416, 127),
    (420, 127),
    (421, 127),
    (423, 127),
    (480, 18),
    (481, 41),
    (482, 25),
    (483, 25),
    (484, 28),
    (485, 1),
    (486, 17),
    (500, 41),
    (501, 79),
    (502, 38),
    (503, 41),
    (504, 102),
    (505, 127),
    (513, 127),
    (600, 17),
    (603, 21),
    (604, 1),
]


@pytest.mark.parametrize(("cause", "status"), CAUSE_TO_SIP)
def test_a_cause_becomes_the_response_of_the_table(cause: int, status: int) -> None:
    assert cause_to_sip(cause) == status


@pytest.mark.parametrize(("status", "cause"), SIP_TO_CAUSE)
def test_a_response_becomes_the_cause_of_the_table(status: int, cause: int) -> None:
    assert sip_to_cause(status) == cause


@pytest.mark.parametrize("status", [488, 606])
@pytest.mark.parametrize(
    ("warning", "cause"),
    [
        ('304 pbx "Media type not available"', 65),
        ('305 pbx "Incompatible media format"', 65),
        ('301 pbx "Incompatible network protocol"', 31),
        ('399 pbx "304"', 31),
    ],
)
def test_not_acceptable_is_about_the_bearer_where_a_warning_says_so(
    status: int, warning: str, cause: int
) -> None:
    assert sip_to_cause(status, [warning]) == cause
    assert sip_to_cause(status) == 31
    assert sip_to_cause(486, [warning]) == 17


def test_what_no_table_names_has_a_default() -> None:
    assert (sip_to_cause(499), sip_to_cause(699), sip_to_cause(302)) == (31, 31, 31)
    assert (cause_to_sip(5), cause_to_sip(126)) == (500, 500)


def test_a_rejection_by_the_user_is_a_decline() -> None:
    assert (cause_to_sip(21, location=0), cause_to_sip(21, location=1)) == (603, 403)


def test_clearing_before_answer_is_some_final_response() -> None:
    assert cause_to_sip(16) == 480


def test_every_cause_that_a_network_may_give_has_a_text() -> None:
    """The set of q931.md §4."""
    given = [1, 2, 3, 4, 5, 6, 7, 8, 9, 14, *range(16, 24), *range(25, 32), 33, 34]
    given += [*range(38, 48), 49, 50, 52, 54, 55, 57, 58, 62, 63, 65, 66, 69, 70, 79]
    given += [*range(81, 89), 90, 91, *range(95, 104), 110, 111, 127]
    assert [cause for cause in given if cause not in TEXTS] == []


def test_every_cause_has_a_text_fit_for_a_quoted_string() -> None:
    assert cause_text(17) == "User busy"
    assert cause_text(125) == "Cause 125"
    assert all(text.isascii() and '"' not in text for text in TEXTS.values())
