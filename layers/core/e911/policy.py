"""What is an emergency call, and what a branch does with one: the location policy in effect, as a
route plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from e911.hints import IpAddress
from e911.rows import EmergencyNumber, ErlRow, PeerRow, PolicyRow, RouteStep, Scope
from e911.snapshot import Snapshot

MARKED = "marked"
EVERY_CALL = "every-call"

URN = "urn:service:sos"
"""RFC 5031; its sub-services (``urn:service:sos.fire``) are emergencies as well."""

ALWAYS = EmergencyNumber("911")
"""Recognised whatever a policy lists: nobody who dials 911 in the numbering plan of our ELINs means
anything else.
"""

TEST_DIALS = frozenset({"933"})
"""Reads back what the caller's location is; never an emergency, however it is marked."""

LONGEST_MARKED = 4
"""With ``Priority: emergency``, this many digits or fewer are taken for an emergency number that no
policy lists.
"""


@dataclass(frozen=True, slots=True)
class Emergency:
    """An emergency call was recognised."""

    dial: str
    """The dial string that was meant; what is sent comes from the route step."""
    note: str = ""
    """``marked`` (only its priority says so: alarm), ``every-call`` (the peer's), or empty."""


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """The policy applied to one call."""

    steps: tuple[RouteStep, ...]
    targets: tuple[str, ...]
    """Ids of the targets that are told."""
    policy: str
    """Id of the policy in effect; empty where there is none."""
    conference_uri: str
    conference_mode: str
    desk: tuple[str, ...]


def recognise(
    snapshot: Snapshot,
    dialled: str,
    marked_emergency: bool,
    peer: PeerRow | None,
    address: IpAddress | None,
    contact: str,
) -> Emergency | None:
    """The emergency that was dialled, or ``None``.

    ``dialled`` is a Request-URI's user part or a URN, as received; parameters, ``+`` and the peer's
    prefix are removed here.
    """
    policies = tuple(policies_for(snapshot, contact, address))
    if dialled.strip().casefold().startswith(URN):
        return _urn(dialled, policies)
    spellings = _spellings(dialled, peer)
    for number in _numbers(policies):
        if any(digits == number.dial or digits in number.masks for digits in spellings):
            return Emergency(number.dial)
    if peer is not None and peer.every_call_is_911:
        return Emergency(_first_dial(policies), EVERY_CALL)
    if marked_emergency and _may_be_marked(snapshot, spellings[-1]):
        return Emergency(spellings[-1], MARKED)
    return None


def policies_for(
    snapshot: Snapshot, contact: str, address: IpAddress | None
) -> Iterator[PolicyRow]:
    """Every policy that applies, narrowest scope first: network site, user, branch, global."""
    applying = (
        snapshot.policy_of_network(address) if address is not None else None,
        snapshot.policy_of_user(contact),
        snapshot.policy_of_scope(Scope.BRANCH),
        snapshot.policy_of_scope(Scope.GLOBAL),
    )
    yield from (policy for policy in applying if policy is not None)


def policy_for(snapshot: Snapshot, contact: str, address: IpAddress | None) -> PolicyRow | None:
    """The policy in effect: the narrowest that applies."""
    return next(policies_for(snapshot, contact, address), None)


def plan(snapshot: Snapshot, erl: str, policy: PolicyRow | None) -> RoutePlan:
    """What is done with a call from ``erl`` under ``policy``.

    The ERL's own steps go before the policy's usage. Where neither leads to a trunk of ours, the
    branch's other routes and then its bare trunks are tried: a hole in the configuration is no
    reason not to call (R1).
    """
    row = snapshot.erls.get(erl)
    return RoutePlan(
        steps=_steps(snapshot, row, policy),
        targets=policy.targets if policy else (),
        policy=policy.id if policy else "",
        conference_uri=policy.conference_uri if policy else "",
        conference_mode=policy.conference_mode if policy else "",
        desk=(row.desk if row else ()) or snapshot.branch.desk,
    )


def _steps(
    snapshot: Snapshot, erl: ErlRow | None, policy: PolicyRow | None
) -> tuple[RouteStep, ...]:
    usage = snapshot.routes.get(policy.usage) if policy else None
    candidates = [erl.steps if erl else (), usage.steps if usage else ()]
    candidates += [route.steps for _, route in sorted(snapshot.routes.items())]
    ours = sorted(row.id for row in snapshot.trunks.values() if row.branch == snapshot.branch.id)
    candidates += [tuple(RouteStep(trunk) for trunk in ours)]
    for steps in candidates:
        usable = tuple(step for step in steps if step.trunk in ours)
        if usable:
            return usable
    return ()


def _urn(dialled: str, policies: tuple[PolicyRow, ...]) -> Emergency | None:
    """``urn:service:sos`` and its sub-services, but no other word that merely begins like them."""
    rest = dialled.strip()[len(URN) :]
    return Emergency(_first_dial(policies)) if not rest or rest[0] in ".;" else None


def _spellings(dialled: str, peer: PeerRow | None) -> tuple[str, ...]:
    """The dialled digits as they are, and without the prefix that the peer's users dial for an
    outside line.
    """
    bare = re.split(r"[;@?]", dialled.strip(), maxsplit=1)[0]
    digits = re.sub(r"[\s().\-]", "", bare).removeprefix("+")
    prefix = peer.strip_prefix if peer is not None else ""
    if prefix and digits.startswith(prefix) and digits != prefix:
        return digits, digits[len(prefix) :]
    return (digits,)


def _numbers(policies: tuple[PolicyRow, ...]) -> Iterator[EmergencyNumber]:
    for policy in policies:
        yield from policy.numbers
    yield ALWAYS


def _first_dial(policies: tuple[PolicyRow, ...]) -> str:
    return next(_numbers(policies)).dial


def _may_be_marked(snapshot: Snapshot, digits: str) -> bool:
    if not re.fullmatch(rf"[0-9]{{1,{LONGEST_MARKED}}}", digits) or digits in TEST_DIALS:
        return False
    return all(row.number != digits for row in snapshot.test_numbers.values())
