"""The limit of one configured value: a reader that returns it, or says in words what it must be.

Each is the ``metadata`` of a dataclass field, so that a value's limit stands beside its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from e911.errors import InvalidNumber
from e911.numbers import Elin

Limit = Mapping[str, Callable[[object], Any]]
"""``{"read": reader}``; the reader raises ``ValueError`` with the reason."""


def whole(least: int, most: int) -> Limit:
    """A whole number within limits."""

    def read(raw: object) -> int:
        if not isinstance(raw, int) or isinstance(raw, bool) or not least <= raw <= most:
            raise ValueError(f"must be a whole number from {least} to {most}, is {raw!r}")
        return raw

    return {"read": read}


def decimal(least: float, most: float) -> Limit:
    """A number within limits."""

    def read(raw: object) -> float:
        is_number = isinstance(raw, int | float) and not isinstance(raw, bool)
        if not is_number or not least <= float(str(raw)) <= most:
            raise ValueError(f"must be a number from {least:g} to {most:g}, is {raw!r}")
        return float(str(raw))

    return {"read": read}


def text(pattern: str, meaning: str) -> Limit:
    """Text of a given form; ``meaning`` says it in words."""

    def read(raw: object) -> str:
        if not isinstance(raw, str) or re.fullmatch(pattern, raw) is None:
            raise ValueError(f"must be {meaning}, is {raw!r}")
        return raw

    return {"read": read}


def word(*known: str) -> Limit:
    """One of a few words."""
    return text("|".join(map(re.escape, known)), "one of " + ", ".join(known))


def _flag(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ValueError(f"must be true or false, is {raw!r}")
    return raw


def _address(raw: object) -> str:
    try:
        return str(ip_address(raw if isinstance(raw, str) else ""))
    except ValueError:
        raise ValueError(f"must be an IP address, is {raw!r}") from None


def _networks(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list):
        raise ValueError(f"must be a list of networks, is {raw!r}")
    try:
        return tuple(str(ip_network(str(each))) for each in raw)
    except ValueError as error:
        raise ValueError(f"must be a list of networks (10.1.0.0/16): {error}") from None


def _path(raw: object) -> Path:
    if not isinstance(raw, str) or not raw or "\0" in raw:
        raise ValueError(f"must be a path, is {raw!r}")
    return Path(raw)


def _paths(raw: object) -> tuple[Path, ...]:
    if not isinstance(raw, list):
        raise ValueError(f"must be a list of paths, is {raw!r}")
    return tuple(_path(each) for each in raw)


def _elin(raw: object) -> Elin:
    try:
        return Elin.parse(raw if isinstance(raw, str) else "")
    except InvalidNumber as error:
        raise ValueError(f"must be an ELIN: {error}") from None


def _channels(raw: object) -> tuple[int, ...]:
    if not isinstance(raw, str) or not re.fullmatch(r"(\s*\d+(-\d+)?\s*(,|$))*", raw):
        raise ValueError(f"must be channels (1-23, or 1-10, 12), is {raw!r}")
    found: list[int] = []
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", raw):
        found += range(int(first), int(last or first) + 1)
    if len(found) != len(set(found)) or not all(1 <= channel <= 31 for channel in found):
        raise ValueError(f"must name channels of 1 to 31 once each, is {raw!r}")
    return tuple(found)


def _seconds(pattern: str, example: str) -> Limit:
    """Seconds by the names of timers."""

    def read(raw: object) -> Mapping[str, float]:
        if not isinstance(raw, dict):
            raise ValueError(f"must be a table of seconds by timer ({example} = 4.0), is {raw!r}")
        for name, seconds in raw.items():
            if not re.fullmatch(pattern, name):
                raise ValueError(f"names no timer: {name!r} ({example} is one)")
            if isinstance(seconds, bool) or not isinstance(seconds, int | float):
                raise ValueError(f"{name} must be seconds, is {seconds!r}")
        return {name: float(seconds) for name, seconds in raw.items()}

    return {"read": read}


def _npd(raw: object) -> Mapping[str, int]:
    if not isinstance(raw, dict):
        raise ValueError(f'must be a table of digits by area code ("425" = 0), is {raw!r}')
    for area, digit in raw.items():
        if not re.fullmatch(r"[2-9]\d\d", area):
            raise ValueError(f"names no area code: {area!r}")
        if isinstance(digit, bool) or not isinstance(digit, int) or not 0 <= digit <= 9:
            raise ValueError(f"{area} must have one digit, has {digit!r}")
    if len(set(raw.values())) != len(raw):
        raise ValueError("gives two area codes the same digit")
    return dict(raw)


FLAG: Limit = {"read": _flag}
ADDRESS: Limit = {"read": _address}
NETWORKS: Limit = {"read": _networks}
PATH: Limit = {"read": _path}
"""A relative path is taken from the folder of the configuration file."""
PATHS: Limit = {"read": _paths}
ELIN: Limit = {"read": _elin}
CHANNELS: Limit = {"read": _channels}
NPD: Limit = {"read": _npd}
TIMERS = _seconds(r"T\d{3}", "T303")
"""Limits of each timer stand beside it in the core; the file is checked against them too."""
CAMA_TIMERS = _seconds(r"[a-z_]{1,20}", "start_wait")
PORT = whole(1, 65535)
OPTIONAL_PORT = whole(0, 65535)
ID = text(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", "an id (letters, digits, . _ and -, at most 63)")
HOST = text(r"[A-Za-z0-9.:-]{1,253}", "a host name or an address")
OPTIONAL_HOST = text(r"[A-Za-z0-9.:-]{0,253}", "a host name or an address, or empty")
URL = text(r"https?://[^\s/]+(/\S*)?", "a URL (https://…)")
OPTIONAL_URL = text(r"(https?://[^\s/]+(/\S*)?)?", "a URL (https://…), or empty")
PARTY_URI = text(r"(sips?:\S+@\S+|tel:\S+)?", "a SIP or tel URI, or empty")
