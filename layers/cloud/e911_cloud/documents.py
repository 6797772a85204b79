"""Requests and answers of the HTTP API as models: what the gateway's callers see, and what
openapi.json is made of.
"""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel, ConfigDict, Field

_WRITABLE = r"^[^\x00-\x1F\x7F\uFFFE\uFFFF]*$"
"""What XML can hold: the contact is written into the PIDF-LO of the answer."""


class Strict(BaseModel):
    """A request: unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid")


class LocationRequest(Strict):
    """What a client's network says about where it is; each clue is optional."""

    contact: str = Field(default="", max_length=256, pattern=_WRITABLE)
    bssid: str = Field(default="", max_length=64)
    chassis: str = Field(default="", max_length=128)
    port: str = Field(default="", max_length=128)
    address: str = Field(default="", max_length=64)


class LocationAnswer(BaseModel):
    """Where the client is."""

    erl: str
    how: str
    pidf: str
    elins: list[str]
    refresh_hours: int


class PolicyRequest(Strict):
    """Whose policy is asked for."""

    contact: str = Field(default="", max_length=256)
    address: str = Field(default="", max_length=64)


class RecordsRequest(Strict):
    """Records of calls and heartbeats, as the edge's outbox holds them."""

    records: list[dict[str, Any]] = Field(max_length=100)


class RecordsAnswer(BaseModel):
    """Which records need not be sent again, and which never should be."""

    taken: list[str]
    refused: list[dict[str, str]]


class Version(BaseModel):
    """The version that a draft has now."""

    version: int


class DraftAnswer(BaseModel):
    """One draft."""

    kind: str
    id: str
    version: int
    body: dict[str, Any]


class DraftList(BaseModel):
    """The drafts of a kind, by id, a page at a time: ask again with ``after`` set to ``next``."""

    drafts: list[DraftAnswer]
    next: str = ""
    """Id of the last one here where more may follow; empty where none does."""


class Fault(BaseModel):
    """One thing that is wrong."""

    loc: str
    msg: str


class Validation(BaseModel):
    """Whether the drafts can be published, and what is to be warned of even if they can."""

    valid: bool
    detail: list[Fault]
    warnings: list[Fault]


class TokenRequest(Strict):
    """From where a client token may be used: the branch's *public* addresses, as the internet sees
    its clients. The branch's own subnets are not the default, since behind NAT nobody comes from
    them; without a list the token alone decides, from everywhere.
    """

    networks: list[str] = Field(default=["0.0.0.0/0", "::/0"], min_length=1, max_length=64)


class TokenAnswer(BaseModel):
    """A client token; it is never shown again."""

    token: str


class SecretAnswer(BaseModel):
    """A webhook's signing secret; it is never shown again."""

    secret: str


class SigningKey(BaseModel):
    """The public key that edges are given at enrolment."""

    key_id: str
    pem: str


class RollbackRequest(Strict):
    """Which generation's content to publish again."""

    generation: int = Field(ge=1)


class JobStarted(BaseModel):
    """A publish that is under way."""

    job: str
    generation: int
    warnings: list[Fault]
    """What is published all the same: a branch without a callback path."""


class JobAnswer(BaseModel):
    """How far a publish is."""

    job: str
    state: str
    generation: int
    branches: list[str]
    done: list[str]
    warnings: list[Fault]
    """As when it began; a rollback has none, whatever it brings back."""


class EdgeAnswer(BaseModel):
    """One edge as it was last heard."""

    edge: str
    branch: str
    serial: int
    generation: int
    health: dict[str, Any] | None
    heard_at: str | None


Branch = Annotated[str, Query(min_length=1, max_length=64)]
Cycle = Annotated[int, Query(ge=1, le=999_999)]
After = Annotated[str, Query(max_length=256)]
Id = Annotated[str, Path(min_length=1, max_length=256)]
DraftFields = Annotated[dict[str, Any], Body()]
Day = Annotated[str, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")]
