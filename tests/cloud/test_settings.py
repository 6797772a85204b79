"""A function starts with what its environment says, or says what is missing."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from e911_cloud.settings import Settings


def test_what_is_not_given_stays_empty() -> None:
    settings = Settings.read({"STACK": "s", "DEPLOYMENT": "d"})
    assert (settings.bucket, settings.webhook_allowed, settings.twilio_account) == ("", (), "")


def test_networks_are_read_from_a_list() -> None:
    given = {"STACK": "s", "DEPLOYMENT": "d", "WEBHOOK_ALLOWED_CIDRS": "127.0.0.0/8, ::1/128"}
    assert Settings.read(given).webhook_allowed == (
        ip_network("127.0.0.0/8"),
        ip_network("::1/128"),
    )


@pytest.mark.parametrize("missing", ["STACK", "DEPLOYMENT"])
def test_what_every_function_needs_is_named_when_it_is_missing(missing: str) -> None:
    given = {"STACK": "s", "DEPLOYMENT": "d"}
    del given[missing]
    with pytest.raises(KeyError, match=missing):
        Settings.read(given)
