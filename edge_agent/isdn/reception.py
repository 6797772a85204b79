"""What a received message means before its call sees it: the error procedures of Q.931 §5.8, and
reading it.
"""

from __future__ import annotations

from collections.abc import Mapping

from e911.numbers import Caller, Did
from edge_agent.isdn import elements
from edge_agent.isdn.call import Detail
from edge_agent.isdn.call_table import In, U
from edge_agent.isdn.calls import Calls
from edge_agent.isdn.elements import Cause, ChannelId, Ie, MalformedElement, Presentation
from edge_agent.isdn.messages import M, Message

MANDATORY_MISSING = 96
UNKNOWN_MESSAGE = 97
INVALID_CONTENT = 100
CHANNEL_NOT_AVAILABLE = 44
INVALID_REFERENCE = 81
WRONG_STATE = 101
ENQUIRY_ANSWERED = 30
INCOMPATIBLE_DESTINATION = 88

MANDATORY: Mapping[int, tuple[Ie, ...]] = {
    M.SETUP: (Ie.BEARER, Ie.CHANNEL_ID),
    M.PROGRESS: (Ie.PROGRESS,),
    M.DISCONNECT: (Ie.CAUSE,),
    M.STATUS: (Ie.CAUSE, Ie.CALL_STATE),
    M.RESTART: (Ie.RESTART_INDICATOR,),
}
"""What a message cannot be read without (§3.1)."""

IGNORED: frozenset[int] = frozenset(
    {M.FACILITY, M.NOTIFY, M.INFORMATION, M.USER_INFORMATION, M.CONGESTION_CONTROL, M.SEGMENT}
)
"""Known, and of no use to this side: names, supplementary services, overlap digits."""

INPUTS: Mapping[int, In] = {
    M.SETUP: In.SETUP,
    M.SETUP_ACK: In.SETUP_ACK,
    M.CALL_PROCEEDING: In.CALL_PROCEEDING,
    M.PROGRESS: In.PROGRESS,
    M.ALERTING: In.ALERTING,
    M.CONNECT: In.CONNECT,
    M.CONNECT_ACK: In.CONNECT_ACK,
    M.DISCONNECT: In.DISCONNECT,
    M.RELEASE: In.RELEASE,
    M.RELEASE_COMPLETE: In.RELEASE_COMPLETE,
}

_COMPREHENDED = frozenset({Ie.SEGMENTED, Ie.BEARER, Ie.CAUSE})
_VOICE = frozenset({elements.Transfer.SPEECH, elements.Transfer.AUDIO_3K1})
_OUTGOING = frozenset({1, 2, 3, 4})
_INCOMING = frozenset({6, 7, 8, 9, 25})
_ACTIVE = U.ACTIVE.value


def fault(message: Message) -> int | None:
    """Return the cause value of what is wrong with ``message``, or ``None`` where it can be acted
    on.

    96: an element that the message needs is missing (§5.8.6.1), or one that must be understood is
    not known (§5.8.7.1). 100: a needed element cannot be read (§5.8.6.2).
    """
    needed = MANDATORY.get(message.kind, ())
    if message.truncated in needed:
        return INVALID_CONTENT
    if any(message.find(ie) is None for ie in needed):
        return MANDATORY_MISSING
    if any(_must_be_known(element.id) for element in message.elements):
        return MANDATORY_MISSING
    try:
        for ie in needed:
            _read(message, ie)
    except MalformedElement:
        return INVALID_CONTENT
    return None


def spoiled(message: Message) -> bool:
    """Whether an element that is not needed cannot be read: said by STATUS 100, and passed over
    (§5.8.7.2).
    """
    if message.truncated is not None:
        return True
    return any(not _readable(message, ie) for ie in (Ie.CAUSE, Ie.CHANNEL_ID, Ie.PROGRESS))


def detail(message: Message) -> Detail:
    """Read what a call wants to know; an element that cannot be read counts as absent."""
    channel = channel_of(message)
    called = message.find(Ie.CALLED)
    progress = message.find(Ie.PROGRESS) if _readable(message, Ie.PROGRESS) else None
    return Detail(
        cause=cause_of(message),
        channel=None if channel is None else channel.channel,
        in_band=progress is not None and elements.read_progress(progress) == elements.IN_BAND,
        dialled=elements.read_number(called, Ie.CALLED).digits if called else "",
        caller=_caller(message) if message.kind == M.SETUP else None,
    )


def cause_of(message: Message) -> Cause | None:
    """Return the Cause where there is a readable one."""
    content = message.find(Ie.CAUSE)
    if content is None or not _readable(message, Ie.CAUSE):
        return None
    return elements.read_cause(content)


def channel_of(message: Message) -> ChannelId | None:
    """Return the Channel identification where there is a readable one."""
    content = message.find(Ie.CHANNEL_ID)
    if content is None or not _readable(message, Ie.CHANNEL_ID):
        return None
    return elements.read_channel_id(content)


def admit(message: Message, calls: Calls) -> tuple[int | None, int]:
    """Return the channel for a SETUP of the network's, or ``None`` and the cause to refuse it with
    (§5.2).
    """
    wrong = fault(message)
    if wrong is not None:
        return None, wrong
    if elements.read_transfer(message.find(Ie.BEARER) or b"") not in _VOICE:
        return None, INCOMPATIBLE_DESTINATION
    asked = channel_of(message) or ChannelId(None)
    return calls.accept(asked), CHANNEL_NOT_AVAILABLE


def refusal(message: Message, cause: int) -> Message:
    """RELEASE COMPLETE for the reference of ``message``, which no call has."""
    said = (elements.cause(Cause(cause)),)
    return Message(message.reference, not message.to_originator, M.RELEASE_COMPLETE, said)


def answer_without_call(message: Message) -> Message | None:
    """Return what is answered to a message whose reference no call has (§5.8.3.2), SETUP apart."""
    if message.kind in (M.SETUP, M.RELEASE_COMPLETE):
        return None
    if message.kind == M.STATUS_ENQUIRY:
        said = (elements.cause(Cause(ENQUIRY_ANSWERED)), elements.call_state(U.NULL.value))
        return Message(message.reference, not message.to_originator, M.STATUS, said)
    if message.kind == M.STATUS:
        return refusal(message, WRONG_STATE) if _peer_state(message) else None
    return refusal(message, INVALID_REFERENCE)


def status_input(ours: U, message: Message) -> In | None:
    """Return what a STATUS means for a call in state ``ours`` (§5.8.11); ``None`` where all is
    well.
    """
    theirs = _peer_state(message)
    if theirs == U.NULL.value:
        return In.STATUS_NULL
    return None if compatible(ours, theirs) else In.STATUS_INCOMPATIBLE


def compatible(ours: U, theirs: int) -> bool:
    """Whether the peer's state of a call can go with ours (§5.8.11); states of both sides mirror
    each other.
    """
    if ours.value in _OUTGOING:
        return theirs in _OUTGOING or theirs == _ACTIVE
    if ours.value in _INCOMING:
        return theirs in _INCOMING or theirs == _ACTIVE
    if ours is U.ACTIVE:
        return theirs == _ACTIVE
    return True


def _peer_state(message: Message) -> int:
    content = message.find(Ie.CALL_STATE)
    return elements.read_call_state(content) if content else U.NULL.value


def _must_be_known(ie: int) -> bool:
    """Identifiers 0000 xxxx demand to be understood (§5.8.7.1, Table 4-3)."""
    return ie & 0xF0 == 0 and ie not in _COMPREHENDED


def _readable(message: Message, ie: Ie) -> bool:
    try:
        _read(message, ie)
    except MalformedElement:
        return False
    return True


def _read(message: Message, ie: Ie) -> None:
    content = message.find(ie)
    if content is None:
        return
    match ie:
        case Ie.BEARER:
            elements.read_transfer(content)
        case Ie.CHANNEL_ID:
            elements.read_channel_id(content)
        case Ie.CAUSE:
            elements.read_cause(content)
        case Ie.CALL_STATE:
            elements.read_call_state(content)
        case Ie.PROGRESS:
            elements.read_progress(content)
        case _:
            if not content:
                raise MalformedElement(ie)


def _caller(message: Message) -> Caller:
    """Who calls from the PSTN; a number that may not be shown is as good as none."""
    content = message.find(Ie.CALLING)
    if not content:
        return Caller("")
    number = elements.read_number(content, Ie.CALLING)
    if number.presentation not in (None, Presentation.ALLOWED):
        return Caller("")
    did = Did.read(number.digits)
    return Caller("", did, "" if did else number.digits)
