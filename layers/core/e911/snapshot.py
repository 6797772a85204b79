"""What an edge may believe: one immutable, numbered picture of its branch, indexed so that a call
asks nobody.

The body of a snapshot is JSON Lines: a header, then rows sorted by (kind, id). The same rows give
the same bytes, in whatever order they come. Rows are indexed one by one (``SnapshotBuilder.add``),
so that a loop adopts in slices.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from e911.errors import InvalidDocument
from e911.hints import ElementKind, IpAddress, PrefixTable, element_key, read_network
from e911.numbers import Elin
from e911.rows import (
    KINDS,
    BranchRow,
    CallerRow,
    ElementRow,
    ElinRow,
    ErlRow,
    OutsideNetworkRow,
    PeerRow,
    PolicyRow,
    RouteRow,
    Row,
    Scope,
    TargetRow,
    TestNumberRow,
    TrunkRow,
)
from e911.wire import Document, from_document, from_line, to_document, to_line

SCHEMA = 1
"""Schema of the rows that this code writes, and the newest that it reads."""

HEADER = "header"
MOST_OVERFLOWS = 64
"""Buildings whose ELINs are kept sorted: to sort those of a tower takes longer than a SETUP."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a body: whose picture this is, and which."""

    schema: int
    min_reader: int
    """The oldest schema whose readers understand this body."""
    branch: str
    serial: int
    """Only ever rises at an edge (R10)."""
    generation: int
    """Which content: a rollback gives an old generation's content a new generation and a new
    serial.
    """


class Snapshot:
    """The rows of one branch, and every index that a call needs. Nothing changes it once it is
    built.
    """

    def __init__(self, header: Header, branch: BranchRow, rows: _Tables) -> None:
        self.header = header
        self.branch = branch
        self.erls: dict[str, ErlRow] = rows.erls
        self.elins: dict[Elin, ElinRow] = rows.elins
        self.callers: dict[str, CallerRow] = rows.callers
        """By contact, casefolded."""
        self.peers: dict[str, PeerRow] = rows.peers
        self.trunks: dict[str, TrunkRow] = rows.trunks
        self.routes: dict[str, RouteRow] = rows.routes
        self.targets: dict[str, TargetRow] = rows.targets
        self.test_numbers: dict[str, TestNumberRow] = rows.test_numbers
        self.policies: tuple[PolicyRow, ...] = tuple(rows.policies)
        self._tables = rows
        self._overflows: dict[tuple[str, ...], tuple[ElinRow, ...]] = {}

    @classmethod
    def build(cls, header: Header, rows: Iterable[Row]) -> Snapshot:
        """The snapshot of all ``rows`` at once.

        Raises:
            InvalidDocument: a row cannot be indexed, or the header's branch has no row.
        """
        builder = SnapshotBuilder(header)
        for row in rows:
            builder.add(row)
        return builder.finish()

    def pool(self, erl: str) -> tuple[ElinRow, ...]:
        """The ELINs of an ERL, by rank, then number."""
        return _by_rank(self._tables.pools.get(erl, ()))

    def overflow(self, erl: str) -> tuple[ElinRow, ...]:
        """ELINs of other ERLs that may stand in for those of ``erl`` (R3, rank 4): one group, or
        one building.
        """
        row = self.erls.get(erl)
        building = (row.branch, row.building) if row else ("", "")
        groups = {row.overflow_group for row in self._tables.pools.get(erl, ())} - {""}
        key = (*building, *sorted(groups))
        known = self._overflows.get(key)
        if known is None:
            known = _by_rank(self._near(building, groups))
            if len(self._overflows) >= MOST_OVERFLOWS:
                self._overflows.clear()
            self._overflows[key] = known
        return tuple(row for row in known if row.erl != erl)

    def element(self, kind: ElementKind, value: str) -> str | None:
        """The ERL of a network element, however its value is spelled; for a subnet, of exactly that
        network.
        """
        if kind is ElementKind.SUBNET:
            return self._tables.subnets.get(read_network(value, "value"))
        return self._tables.elements.get((kind, element_key(kind, value)))

    def subnet(self, address: IpAddress) -> str | None:
        """The ERL of the longest listed prefix that holds ``address``."""
        return self._tables.subnets.find(address)

    def is_outside_address(self, address: IpAddress) -> bool:
        """Whether ``address`` lies in a network listed as outside or VPN: evidence for R9."""
        return self._tables.outside.find(address) is not None

    def at_street(self, key: tuple[str, ...]) -> tuple[str, ...]:
        """Ids of the ERLs at one street address (:meth:`CivicAddress.matching_key`), sorted, of
        every branch.
        """
        return tuple(sorted(self._tables.streets.get(key, ())))

    def policy_of_user(self, contact: str) -> PolicyRow | None:
        """The policy that names this contact."""
        return self._tables.user_policies.get(contact.casefold())

    def policy_of_network(self, address: IpAddress) -> PolicyRow | None:
        """The policy of the network site that holds ``address``; the longest prefix wins."""
        return self._tables.site_policies.find(address)

    def policy_of_scope(self, scope: Scope) -> PolicyRow | None:
        """The branch's own policy, or the global one."""
        return self._tables.scope_policies.get(scope)

    def _near(self, building: tuple[str, str], groups: Iterable[str]) -> Iterable[ElinRow]:
        """Every ELIN of one building and of some groups, once."""
        found = {row.id: row for group in groups for row in self._tables.groups.get(group, ())}
        for erl in self._tables.buildings.get(building, ()) if building[1] else ():
            found.update((row.id, row) for row in self._tables.pools.get(erl, ()))
        return found.values()


class SnapshotBuilder:
    """Builds a snapshot row by row, each in constant time: a loop can stop between any two."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._tables = _Tables()

    def add(self, row: Row) -> None:
        """Index one row; rows may come in any order.

        Raises:
            InvalidDocument: a value that cannot be looked up by, such as a network that is none.
        """
        self._tables.add(row, self._header.branch)

    def finish(self) -> Snapshot:
        """The snapshot; the builder is spent.

        Raises:
            InvalidDocument: the header's branch has no row.
        """
        branch = self._tables.branches.get(self._header.branch)
        if branch is None:
            raise InvalidDocument(f"branch/{self._header.branch}", "is missing")
        return Snapshot(self._header, branch, self._tables)


class _Tables:
    """Rows by what they are asked for."""

    def __init__(self) -> None:
        self.branches: dict[str, BranchRow] = {}
        self.erls: dict[str, ErlRow] = {}
        self.elins: dict[Elin, ElinRow] = {}
        self.pools: dict[str, list[ElinRow]] = {}
        self.groups: dict[str, list[ElinRow]] = {}
        self.buildings: dict[tuple[str, str], list[str]] = {}
        self.streets: dict[tuple[str, ...], list[str]] = {}
        self.elements: dict[tuple[ElementKind, str], str] = {}
        self.subnets: PrefixTable[str] = PrefixTable()
        self.outside: PrefixTable[OutsideNetworkRow] = PrefixTable()
        self.callers: dict[str, CallerRow] = {}
        self.peers: dict[str, PeerRow] = {}
        self.trunks: dict[str, TrunkRow] = {}
        self.routes: dict[str, RouteRow] = {}
        self.targets: dict[str, TargetRow] = {}
        self.test_numbers: dict[str, TestNumberRow] = {}
        self.policies: list[PolicyRow] = []
        self.user_policies: dict[str, PolicyRow] = {}
        self.site_policies: PrefixTable[PolicyRow] = PrefixTable()
        self.scope_policies: dict[Scope, PolicyRow] = {}

    def add(self, row: Row, branch: str) -> None:
        """Put ``row`` where it will be looked for in the snapshot of ``branch``."""
        match row:
            case ElementRow():
                self._add_element(row)
            case ElinRow():
                self._add_elin(row)
            case ErlRow():
                self._add_erl(row)
            case CallerRow():
                self.callers[row.id.casefold()] = row
            case PolicyRow():
                self._add_policy(row, branch)
            case OutsideNetworkRow():
                path = f"outside-network/{row.id}.network"
                self.outside.add(read_network(row.network, path), row)
            case BranchRow():
                self.branches[row.id] = row
            case RouteRow():
                self.routes[row.id] = row
            case TrunkRow():
                self.trunks[row.id] = row
            case PeerRow():
                self.peers[row.id] = row
            case TargetRow():
                self.targets[row.id] = row
            case TestNumberRow():
                self.test_numbers[row.id] = row

    def _add_element(self, row: ElementRow) -> None:
        if row.element is ElementKind.SUBNET:
            network = read_network(row.value, f"element/{row.id}.value")
            self.subnets.add(network, row.erl)
        else:
            self.elements[row.element, element_key(row.element, row.value)] = row.erl

    def _add_elin(self, row: ElinRow) -> None:
        self.elins[row.id] = row
        self.pools.setdefault(row.erl, []).append(row)
        if row.overflow_group:
            self.groups.setdefault(row.overflow_group, []).append(row)

    def _add_erl(self, row: ErlRow) -> None:
        self.erls[row.id] = row
        self.streets.setdefault(row.civic.matching_key(), []).append(row.id)
        if row.building:
            self.buildings.setdefault((row.branch, row.building), []).append(row.id)

    def _add_policy(self, row: PolicyRow, branch: str) -> None:
        self.policies.append(row)
        if row.scope is Scope.USER:
            self.user_policies.update((contact.casefold(), row) for contact in row.subjects)
        elif row.scope is Scope.NETWORK_SITE:
            for n, subject in enumerate(row.subjects):
                self.site_policies.add(read_network(subject, f"policy/{row.id}.subjects[{n}]"), row)
        elif row.scope is Scope.GLOBAL or row.branch == branch:
            self.scope_policies[row.scope] = row


def kind_of(row: Row) -> str:
    """The kind word of a row."""
    return _KIND_OF[type(row)]


def key_of(row: Row) -> tuple[str, str]:
    """What a row is sorted and addressed by: its kind and its id as text."""
    return _KIND_OF[type(row)], row.id.digits if isinstance(row, ElinRow) else row.id


def row_document(row: Row) -> Document:
    """The document of a row, with its kind."""
    return {"kind": kind_of(row), **to_document(row)}


def read_row(document: Document, path: str) -> Row:
    """The row of a document.

    Raises:
        InvalidDocument: an unknown kind, or a field that does not fit; ``path`` leads the field's
            path.
    """
    kind = document.get("kind")
    shape = KINDS.get(kind) if isinstance(kind, str) else None
    if shape is None:
        raise InvalidDocument(f"{path}.kind", "names no kind of row")
    row: Row = from_document(shape, document, path)
    return row


def read_line(line: bytes, n: int) -> Header | Row:
    """Line ``n`` (from 1) of a body.

    Raises:
        InvalidDocument: the line is none of ours; the field's path begins with ``line n``.
    """
    path = f"line {n}"
    document: dict[str, Any] = from_line(line, path)
    if document.get("kind") == HEADER:
        return from_document(Header, document, path)
    return read_row(document, path)


def read_body(body: bytes) -> tuple[Header, list[Row]]:
    """Header and rows of a whole body.

    Raises:
        InvalidDocument: a line that does not fit, no header, or a second one; the path names the
            line.
    """
    lines = body.splitlines()
    header = read_line(lines[0], 1) if lines else None
    if not isinstance(header, Header):
        raise InvalidDocument("line 1", "must be the header")
    rows = []
    for n, line in enumerate(lines[1:], start=2):
        row = read_line(line, n)
        if isinstance(row, Header):
            raise InvalidDocument(f"line {n}", "is a second header")
        rows.append(row)
    return header, rows


def render_body(header: Header, rows: Iterable[Row]) -> bytes:
    """The body of a snapshot: the same rows give the same bytes, whatever order they come in."""
    first = to_line({"kind": HEADER, **to_document(header)})
    return first + b"".join(to_line(row_document(row)) for row in sorted(rows, key=key_of))


def _by_rank(rows: Iterable[ElinRow]) -> tuple[ElinRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.rank, row.id)))


_KIND_OF: dict[type[Row], str] = {shape: kind for kind, shape in KINDS.items()}
