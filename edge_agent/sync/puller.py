"""When to ask for a snapshot, and what to believe: a core that fetches nothing itself.

It asks for the manifest by ETag every ``poll_s``, spread over edges; a new one is fetched with its
signature and body, accepted or refused (R10), and staged. Whatever is refused raises its alarm and
leaves what is held in place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from e911.errors import InvalidDocument, SnapshotRefused
from e911.manifest import Held, Manifest, Verify, accept, read_manifest

LEAST_POLL_S, MOST_POLL_S = 1, 900
RETRY_S = 5.0
TRIES_BEFORE_ALARM = 3
SPREAD = 0.1
"""Polls are moved by up to this share of ``poll_s``, so that edges do not ask in step."""
AGAIN_S = 1.0
"""A signature that does not fit may be of a manifest published between two reads: ask again."""
REFUSALS = (
    "snapshot-signature",
    "snapshot-deployment",
    "snapshot-branch",
    "snapshot-edge",
    "snapshot-serial",
    "snapshot-body",
    "snapshot-schema",
)
MISSING = "snapshot-missing"
UNREACHABLE = "snapshot-unreachable"
NOT_STAGED = "snapshot-not-staged"


class What(Enum):
    """What is fetched."""

    MANIFEST = auto()
    SIGNATURE = auto()
    BODY = auto()


# ---- outputs ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fetch:
    """Get this object; with an ``etag`` only where it has changed."""

    what: What
    key: str
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """Keep this verified snapshot on disk, then say so with :class:`Staged`."""

    manifest: Manifest
    manifest_bytes: bytes
    signature: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class TrustKey:
    """A signed manifest announces the key that will sign later ones."""

    pem: str


@dataclass(frozen=True, slots=True)
class Condition:
    """An alarm to raise (``active``) or to clear."""

    slug: str
    active: bool
    detail: str = ""


Output = Fetch | Stage | TrustKey | Condition


# ---- inputs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fetched:
    """The object."""

    data: bytes
    etag: str = ""


@dataclass(frozen=True, slots=True)
class NotModified:
    """It is what it was."""


@dataclass(frozen=True, slots=True)
class Absent:
    """There is none: without the right to list, S3 says 403 for a key that does not exist."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Nobody answered, or not sensibly."""

    why: str


@dataclass(frozen=True, slots=True)
class Staged:
    """The snapshot lies on disk."""


@dataclass(frozen=True, slots=True)
class NotStaged:
    """The disk did not take it."""

    why: str


Reply = Fetched | NotModified | Absent | Failed | Staged | NotStaged


class Puller:
    """One poll at a time: manifest, signature, body, stage."""

    def __init__(
        self,
        *,
        deployment: str,
        branch: str,
        edge: str,
        verify: Verify,
        jitter: Callable[[], float],
        poll_s: int,
        held: Held | None = None,
        held_manifest: bytes = b"",
    ) -> None:
        self._deployment = deployment
        self._branch = branch
        self._edge = edge
        self._verify = verify
        self._jitter = jitter
        self._most_poll_s = max(poll_s, LEAST_POLL_S)
        self._poll_s = self._most_poll_s
        self._held = held
        self._held_manifest = held_manifest
        self._etag = ""
        self._due: float | None = 0.0
        self._doubted = b""
        self._failures = 0
        self._wanted = What.MANIFEST
        self._manifest = b""
        self._manifest_etag = ""
        self._signature = b""
        self._staging: Stage | None = None

    @property
    def held(self) -> Held | None:
        """What this edge holds."""
        return self._held

    def handle_timeout(self, now: float) -> list[Output]:
        """Ask, if it is time to."""
        if self._due is None or now < self._due:
            return []
        self._due = None
        return [self._fetch(What.MANIFEST, f"edges/{self._edge}/manifest.json", self._etag)]

    def next_deadline(self) -> float | None:
        """When :meth:`handle_timeout` wants to be called; ``None`` while a reply is awaited."""
        return self._due

    def handle(self, request: object, now: float) -> list[Output]:
        """Ask now: somebody knows of something new."""
        if self._due is not None:
            self._due = now
        return self.handle_timeout(now)

    def receive(self, reply: Reply, now: float) -> list[Output]:
        """What became of the last fetch or stage."""
        match reply:
            case Fetched(data, etag):
                self._failures = 0
                return [Condition(UNREACHABLE, False), *self._fetched(data, etag, now)]
            case NotModified():
                self._failures = 0
                self._rest(now)
                return [Condition(UNREACHABLE, False)]
            case Absent():
                return self._absent(now)
            case Failed(why):
                return self._failed(why, now)
            case Staged():
                return self._staged(now)
            case NotStaged(why):
                self._staging = None
                self._rest(now)
                return [Condition(NOT_STAGED, True, why)]

    # ---- steps ---------------------------------------------------------------------------------

    def _fetch(self, what: What, key: str, etag: str = "") -> Fetch:
        self._wanted = what
        return Fetch(what, key, etag)

    def _fetched(self, data: bytes, etag: str, now: float) -> list[Output]:
        match self._wanted:
            case What.MANIFEST:
                return self._take_manifest(data, etag, now)
            case What.SIGNATURE:
                self._signature = data
                return self._ask_body(now)
            case What.BODY:
                return self._judge(data, now)

    def _take_manifest(self, data: bytes, etag: str, now: float) -> list[Output]:
        self._manifest, self._manifest_etag = data, etag
        if data == self._held_manifest:
            # A restart forgets the ETag, not the snapshot.
            self._etag = etag
            self._poll_s = self._poll_of(read_manifest(data))
            self._rest(now)
            return _all_clear()
        return [self._fetch(What.SIGNATURE, f"edges/{self._edge}/manifest.sig")]

    def _ask_body(self, now: float) -> list[Output]:
        try:
            key = read_manifest(self._manifest).body_key
        except InvalidDocument:
            return self._judge(b"", now)
        if not key.startswith(f"edges/{self._edge}/"):
            return self._refuse(SnapshotRefused("snapshot-edge", "its body is not ours"), now)
        return [self._fetch(What.BODY, key)]

    def _judge(self, body: bytes, now: float) -> list[Output]:
        try:
            manifest = accept(
                self._held,
                self._manifest,
                self._signature,
                body,
                self._verify,
                deployment=self._deployment,
                branch=self._branch,
                edge=self._edge,
            )
        except SnapshotRefused as refused:
            return self._refuse(refused, now)
        self._staging = Stage(manifest, self._manifest, self._signature, body)
        return [self._staging]

    def _refuse(self, refused: SnapshotRefused, now: float) -> list[Output]:
        if refused.slug == "snapshot-signature" and self._doubted != self._manifest:
            self._doubted = self._manifest
            self._due = now + AGAIN_S
            return []
        # The body may come whole next time; anything else changes only with the manifest.
        if refused.slug != "snapshot-body":
            self._etag = self._manifest_etag
        self._rest(now)
        others = [Condition(slug, False) for slug in REFUSALS if slug != refused.slug]
        return [Condition(refused.slug, True, refused.reason), *others, Condition(MISSING, False)]

    def _staged(self, now: float) -> list[Output]:
        staged, self._staging = self._staging, None
        assert staged is not None, "nothing was to be staged"
        manifest = staged.manifest
        self._held = Held(manifest.serial, manifest.generation)
        self._held_manifest = staged.manifest_bytes
        self._etag = self._manifest_etag
        self._poll_s = self._poll_of(manifest)
        self._rest(now)
        announced: list[Output] = [TrustKey(manifest.next_key)] if manifest.next_key else []
        return [*announced, *_all_clear()]

    def _absent(self, now: float) -> list[Output]:
        self._failures = 0
        if self._wanted is not What.MANIFEST:
            # Being published this moment, or half published: the manifest is asked for again soon.
            return self._failed(f"the {self._wanted.name.lower()} is missing", now)
        self._rest(now)
        return [Condition(UNREACHABLE, False), Condition(MISSING, True)]

    def _failed(self, why: str, now: float) -> list[Output]:
        self._failures += 1
        pause = min(RETRY_S * 2 ** (self._failures - 1), float(self._poll_s))
        self._due = now + pause * (1 + self._jitter() * SPREAD)
        if self._failures < TRIES_BEFORE_ALARM:
            return []
        return [Condition(UNREACHABLE, True, why)]

    def _rest(self, now: float) -> None:
        self._due = now + self._poll_s * (1 + (2 * self._jitter() - 1) * SPREAD)

    def _poll_of(self, manifest: Manifest) -> int:
        return max(LEAST_POLL_S, min(manifest.poll_s, self._most_poll_s, MOST_POLL_S))


def _all_clear() -> list[Output]:
    return [Condition(slug, False) for slug in (*REFUSALS, MISSING, NOT_STAGED)]
