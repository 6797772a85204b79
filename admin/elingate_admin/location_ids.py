"""Ids of what an import makes: the same file gives the same ids, and a person can read them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from hashlib import sha256

from e911.hints import ElementKind
from e911.places import CivicAddress

_LONGEST = 100
_HASH_CHARACTERS = 8


def erl_id(branch: str, civic: CivicAddress, taken: Container[str]) -> str:
    """``springfield-742-evergreen-ter-flr-2``; numbered where another address has that id."""
    words = (branch, civic.HNO, civic.HNS, civic.PRD, civic.RD, civic.STS, civic.POD, civic.LOC)
    plain = unicodedata.normalize("NFKD", " ".join(words)).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")[:_LONGEST]
    found, n = stem, 1
    while found in taken:
        n += 1
        found = f"{stem}-{n}"
    return found


def element_id(branch: str, kind: ElementKind, value: str) -> str:
    """``springfield-subnet-10.1.2.0-24``; with a hash where the value had to be changed."""
    clean = re.sub(r"[^A-Za-z0-9._:|-]", "-", value)
    # A slash of a subnet is the only one it has; a port's name without its signs may be another's.
    if clean != value and kind is not ElementKind.SUBNET:
        clean = f"{clean[: _LONGEST // 2]}-{sha256(value.encode()).hexdigest()[:_HASH_CHARACTERS]}"
    return f"{branch}-{kind.value}-{clean}"


def building_of(civic: CivicAddress) -> str:
    """The building of an address: ERLs of one building may lend each other ELINs (R3)."""
    words = (civic.HNO, civic.HNS, civic.PRD, civic.RD, civic.STS, civic.POD, civic.A3)
    return " ".join(word for word in words if word)
