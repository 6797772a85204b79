"""Each limit says in words what a value must be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from e911.numbers import Elin
from edge_agent.limits import (
    ADDRESS,
    ELIN,
    FLAG,
    HOST,
    ID,
    NETWORKS,
    PARTY_URI,
    PATH,
    PATHS,
    PORT,
    URL,
    Limit,
    whole,
    word,
)


@pytest.mark.parametrize(
    ("limit", "raw", "value"),
    [
        (PORT, 1, 1),
        (PORT, 65535, 65535),
        (whole(-1, 1), -1, -1),
        (word("udp", "tcp"), "tcp", "tcp"),
        (FLAG, False, False),
        (ADDRESS, "::1", "::1"),
        (NETWORKS, ["10.0.0.0/8", "2001:db8::/32"], ("10.0.0.0/8", "2001:db8::/32")),
        (PATH, "a/b", Path("a/b")),
        (PATHS, ["a"], (Path("a"),)),
        (ELIN, "+1 425 555 0100", Elin("4255550100")),
        (ID, "spf-pri_1.a", "spf-pri_1.a"),
        (HOST, "pbx.example", "pbx.example"),
        (URL, "https://api.example/prod", "https://api.example/prod"),
        (PARTY_URI, "", ""),
        (PARTY_URI, "tel:+14255550199;trunk=pri", "tel:+14255550199;trunk=pri"),
    ],
)
def test_what_is_within_its_limit_is_taken(limit: Limit, raw: Any, value: Any) -> None:
    assert limit["read"](raw) == value


@pytest.mark.parametrize(
    ("limit", "raw", "reason"),
    [
        (PORT, 0, "whole number from 1 to 65535"),
        (PORT, 65536, "whole number"),
        (PORT, 5060.0, "whole number"),
        (PORT, True, "whole number"),
        (word("udp", "tcp"), "sctp", "one of udp, tcp"),
        (FLAG, "yes", "true or false"),
        (ADDRESS, "pbx", "an IP address"),
        (NETWORKS, "10.0.0.0/8", "list of networks"),
        (NETWORKS, ["10.0.0.1/8"], "list of networks"),
        (PATH, "", "a path"),
        (PATH, "a\0b", "a path"),
        (PATHS, "a", "list of paths"),
        (PATHS, [1], "a path"),
        (ELIN, "911", "an ELIN"),
        (ELIN, 4255550100, "an ELIN"),
        (ID, "-x", "an id"),
        (HOST, "a b", "a host name"),
        (URL, "ftp://x", "a URL"),
        (PARTY_URI, "desk", "a SIP or tel URI"),
    ],
)
def test_what_is_not_is_refused_in_words(limit: Limit, raw: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        limit["read"](raw)
