"""A client token is good for its branch and from its networks, and is kept as a hash."""

from __future__ import annotations

import pytest

from e911_cloud.errors import Invalid, NotFound
from e911_cloud.tables import BranchDrafts
from e911_cloud.tokens import Tokens


@pytest.fixture(autouse=True)
def branches(stack: None) -> None:
    for branch in ("springfield", "shelbyville"):
        BranchDrafts("branch", branch, body={}).save()


def test_a_token_is_good_for_its_branch_alone() -> None:
    token = Tokens().make("springfield")
    assert Tokens().is_good("springfield", token, "192.0.2.1")
    assert not Tokens().is_good("shelbyville", token, "192.0.2.1")
    assert not Tokens().is_good("springfield", token + "x", "192.0.2.1")
    assert not Tokens().is_good("springfield", "", "192.0.2.1")


def test_a_token_is_good_from_its_networks_alone() -> None:
    token = Tokens().make("springfield", ["192.0.2.0/24", "2001:db8::/32"])
    assert Tokens().is_good("springfield", token, "192.0.2.9")
    assert Tokens().is_good("springfield", token, "2001:db8::9")
    assert not Tokens().is_good("springfield", token, "198.51.100.9")
    assert not Tokens().is_good("springfield", token, "nonsense")


def test_the_token_before_stays_good_while_clients_change_over() -> None:
    first, second = Tokens().make("springfield"), Tokens().make("springfield")
    assert Tokens().is_good("springfield", first, "192.0.2.1")
    third = Tokens().make("springfield")
    found = [
        Tokens().is_good("springfield", token, "192.0.2.1") for token in (first, second, third)
    ]
    assert found == [False, True, True]


def test_what_is_kept_is_a_hash() -> None:
    token = Tokens().make("springfield")
    assert token not in str([row.body for row in BranchDrafts.scan()])


def test_a_token_needs_a_branch_and_networks() -> None:
    with pytest.raises(NotFound):
        Tokens().make("nowhere")
    with pytest.raises(Invalid) as caught:
        Tokens().make("springfield", ["10.0.0.0/8", "ten"])
    assert caught.value.details[0].loc == "networks[1]"
