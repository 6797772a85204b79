"""Telling is done at least once and remembered: one row per (incident, target, step) says who is at
it or that it is done.

A row is claimed before it is told and marked afterwards. Whoever dies in between leaves a claim
that lapses, and the next
delivery of the message tells again: twice rather than never (R11).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pynamodb.exceptions import DeleteError, PutError

from e911.bindings import CallKind
from e911.notice import Notice, NoticeStep
from e911.places import CivicAddress
from e911.records import CallRecord, CallStep
from e911.rows import TargetKind, TargetRow
from e911.wire import from_document
from e911_cloud.errors import Conflict, NotFound
from e911_cloud.lookups import Published
from e911_cloud.notifiers import Notifier, Telling
from e911_cloud.tables import CONDITION_FAILED, ToldRow

LATE = timedelta(minutes=15)
"""A notice older than this is marked late, and starts no calls, SMS or ladder."""
CLAIM = timedelta(seconds=30)
"""How long one attempt may take before another may take over."""
_KEPT = timedelta(days=30)

STEPS: dict[CallStep, NoticeStep] = {
    CallStep.STARTED: NoticeStep.STARTED,
    CallStep.ANSWERED: NoticeStep.ANSWERED,
    CallStep.ABANDONED: NoticeStep.ABANDONED,
    CallStep.FAILED: NoticeStep.FAILED,
    CallStep.REFUSED: NoticeStep.REFUSED,
    CallStep.RELAYED: NoticeStep.RELAYED,
    CallStep.UNBOUND: NoticeStep.UNBOUND,
    CallStep.UNANSWERED: NoticeStep.UNANSWERED,
    CallStep.ENDED: NoticeStep.ENDED,
}
"""Steps of a call that somebody is told of."""


class Told:
    """Who was told of what."""

    def claim(self, incident: str, told: str, utc: datetime) -> bool:
        """Whether this is ours to tell; ``False`` where it has been told.

        Raises:
            Conflict: another attempt is at it right now.
        """
        row = ToldRow(incident, told, state="sending", until=utc + CLAIM, expires_at=utc + _KEPT)
        never_tried = ToldRow.incident.does_not_exist()
        attempt_lapsed = (ToldRow.state == "sending") & (ToldRow.until < utc)
        try:
            row.save(condition=never_tried | attempt_lapsed)
        except PutError as error:
            if error.cause_response_code != CONDITION_FAILED:
                raise
            if ToldRow.get(incident, told, consistent_read=True).state == "told":
                return False
            raise Conflict("another attempt is at it") from error
        return True

    def done(self, incident: str, told: str, utc: datetime) -> None:
        """Write down that it was told."""
        ToldRow(incident, told, state="told", expires_at=utc + _KEPT).save()

    def give_back(self, incident: str, told: str) -> None:
        """The attempt failed: the next one need not wait for the claim to lapse."""
        try:
            ToldRow(incident, told).delete(condition=ToldRow.state == "sending")
        except DeleteError as error:
            if error.cause_response_code != CONDITION_FAILED:
                raise


class Teller:
    """Tells one target of one record."""

    def __init__(
        self, published: Published, told: Told, notifiers: Mapping[TargetKind, Notifier]
    ) -> None:
        self._published = published
        self._told = told
        self._notifiers = notifiers

    def tell(self, message: Mapping[str, Any], utc: datetime) -> str:
        """Tell what ``message`` of the notice queue says; returns ``told``, ``known`` or
        ``elsewhere``.

        Raises:
            NotFound: the target is not published, or not to this branch.
            Conflict: another attempt is at it.
            LookupError, OSError, WebhookRefused: it was not taken; the queue brings it again.
        """
        record = from_document(CallRecord, message["record"], "record")
        target, notice = self._look_up(record, str(message["target"]), utc)
        notifier = self._notifiers.get(target.target)
        if notifier is None:
            # A SIP MESSAGE is sent by the edge itself, which works with the WAN cut.
            return "elsewhere"
        told = f"{target.id}#{record.call}#{record.step}"
        incident = record.incident or record.call
        if not self._told.claim(incident, told, utc):
            return "known"
        # It may have grown old in the queue, or come back from the dead letters days later.
        is_late = bool(message.get("late")) or utc - record.at > LATE
        telling = Telling(f"{record.id}.{target.id}", notice, target, is_late)
        is_taken = False
        try:
            notifier.tell(telling, utc)
            is_taken = True
        finally:
            if not is_taken:
                self._told.give_back(incident, told)
        self._told.done(incident, told, utc)
        return "told"

    def _look_up(self, record: CallRecord, target: str, utc: datetime) -> tuple[TargetRow, Notice]:
        keys = (f"TARGET#{target}", f"ERL#{record.erl}", f"BRANCH#{record.branch}")
        found = self._published.get(keys, utc)
        row, erl, branch = (found.get(key, {}) for key in keys)
        if not row or row["branch"] not in (record.branch, ""):
            raise NotFound(f"target {target}")
        return from_document(TargetRow, row, "target"), compose(record, erl, branch)


def compose(record: CallRecord, erl: Mapping[str, Any], branch: Mapping[str, Any]) -> Notice:
    """The notice of a record, with the place and the zone as published."""
    caller = record.caller
    is_callback = record.kind is CallKind.CALLBACK and record.step is CallStep.STARTED
    return Notice(
        incident=record.incident,
        call=record.call,
        step=NoticeStep.CALLBACK if is_callback else STEPS[record.step],
        at=record.at,
        branch=record.branch,
        erl=record.erl,
        place=_place(erl),
        name=caller.name if caller else "",
        number=caller.spoken if caller else "",
        elin=record.elin.digits if record.elin else "",
        dialled=record.dialled,
        zone=str(branch.get("zone", "UTC")),
        how=record.how.value,
        remark=_remark(record),
        targets=record.targets,
    )


def _place(erl: Mapping[str, Any]) -> str:
    if not erl:
        return ""
    address = from_document(CivicAddress, erl["civic"], "civic").one_line()
    return f"{erl['name']}: {address}"


def _remark(record: CallRecord) -> str:
    remarks = []
    if record.forced:
        remarks.append("the ELIN is shared with another caller")
    if record.disagreeing:
        remarks.append(f"clues disagree: {', '.join(record.disagreeing)}")
    return "; ".join(remarks)
