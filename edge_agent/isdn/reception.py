"""What a received message means before its call sees it: the error procedures of Q.931 §5.8, and
reading it.
"""

from __future__ import annotations

from collections.abc import Mapping

from e911.numbers import Caller, Did
from edge_agent.isdn import elements
from edge_agent.isdn.call import Detail
from edge_agent.isdn.call_words import In, U
from edge_agent.isdn.calls import Calls
from edge_agent.isdn.elements import (
    LONGEST,
    PRIMARY,
    READERS,
    Access,
    Cause,
    ChannelId,
    Ie,
    MalformedElement,
    Presentation,
    Transfer,
)
from edge_agent.isdn.message_table import MESSAGES
from edge_agent.isdn.messages import M, Message

MANDATORY_MISSING = 96
UNKNOWN_MESSAGE = 97
INVALID_CONTENT = 100
INVALID_REFERENCE = 81
WRONG_STATE = 101
USER_BUSY = 17
ENQUIRY_ANSWERED = 30
INCOMPATIBLE_DESTINATION = 88
CHANNEL_NOT_AVAILABLE = 44
UNSPECIFIED = 31

IGNORED: frozenset[int] = frozenset(
    {M.FACILITY, M.REGISTER, M.NOTIFY, M.USER_INFORMATION, M.CONGESTION_CONTROL, M.SEGMENT}
    | {M.HOLD_ACK, M.HOLD_REJECT, M.RETRIEVE_ACK, M.RETRIEVE_REJECT}
    | {M.SUSPEND_ACK, M.SUSPEND_REJECT, M.RESUME_ACK, M.RESUME_REJECT}
)
"""Known, and of no use to this side: names, supplementary services, answers to what we never
ask.
"""

REJECTED: Mapping[int, tuple[M, int]] = {
    M.HOLD: (M.HOLD_REJECT, 29),
    M.RETRIEVE: (M.RETRIEVE_REJECT, 29),
    M.SUSPEND: (M.SUSPEND_REJECT, 50),
    M.RESUME: (M.RESUME_REJECT, 85),
}
"""What we do not do, and how it is refused: facility rejected (Q.932 §6.2), not subscribed
(§5.6.4), nothing is suspended here (§5.6.6).
"""

INPUTS: Mapping[int, In] = {
    M.SETUP: In.SETUP,
    M.SETUP_ACK: In.SETUP_ACK,
    M.INFORMATION: In.INFORMATION,
    M.CALL_PROCEEDING: In.CALL_PROCEEDING,
    M.PROGRESS: In.PROGRESS,
    M.ALERTING: In.ALERTING,
    M.CONNECT: In.CONNECT,
    M.CONNECT_ACK: In.CONNECT_ACK,
    M.DISCONNECT: In.DISCONNECT,
    M.RELEASE: In.RELEASE,
    M.RELEASE_COMPLETE: In.RELEASE_COMPLETE,
}

_NEEDED: Mapping[int, tuple[Ie, ...]] = {
    kind: tuple(sorted(contents.mandatory)) for kind, contents in MESSAGES.items()
}
_COMPREHENDED = frozenset({Ie.SEGMENTED, Ie.BEARER, Ie.CAUSE})
_READ = (Ie.CAUSE, Ie.CHANNEL_ID, Ie.PROGRESS)
_VOICE = frozenset({Transfer.SPEECH, Transfer.AUDIO_3K1})
_COMING_UP = frozenset({1, 2, 3, 4, 6, 7, 8, 9, 25})
_ANSWERED = frozenset({U.CONNECT_REQUEST.value, U.ACTIVE.value})
_ACTIVE = U.ACTIVE.value
_ANSWERED_CAN_MEAN = frozenset({U.OVERLAP_SENDING, U.PROCEEDING, U.DELIVERED})


def fault(message: Message, access: Access = PRIMARY) -> Cause | None:
    """Return the cause of what is wrong with ``message``, or ``None`` where it can be acted on.

    96: an element that the message needs is missing (§5.8.6.1), or one that must be understood is
    not known (§5.8.7.1). 100: a needed element cannot be read (§5.8.6.2). The diagnostics name the
    elements.
    """
    needed = _NEEDED.get(message.kind, ())
    if access.basic and message.kind == M.SETUP:
        needed = (Ie.BEARER,)  # the network chooses the channel (§3.1.14)
    if message.truncated in needed:
        return _wrong(INVALID_CONTENT, message.truncated)
    missing = [ie for ie in needed if message.find(ie) is None]
    strange = [element.id for element in message.elements if _must_be_known(element.id)]
    if missing or strange:
        return _wrong(MANDATORY_MISSING, *missing, *strange)
    invalid = [ie for ie in needed if not _readable(message, ie, access)]
    return _wrong(INVALID_CONTENT, *invalid) if invalid else None


def spoiled(message: Message, access: Access = PRIMARY) -> Cause | None:
    """Return what is said by STATUS of elements that are not needed and cannot be read: they are
    passed over (§5.8.7.2).
    """
    invalid = [ie for ie in _READ if not _readable(message, ie, access)]
    if message.truncated is not None and message.truncated not in invalid:
        return _wrong(INVALID_CONTENT, *invalid, message.truncated)
    return _wrong(INVALID_CONTENT, *invalid) if invalid else None


def unexplained(message: Message, *, first: bool) -> Cause | None:
    """Return what is wrong with a RELEASE that is the first to clear and does not say why
    (§3.1.10, §5.8.6.1).
    """
    silent = first and message.kind == M.RELEASE and message.find(Ie.CAUSE) is None
    return _wrong(MANDATORY_MISSING, Ie.CAUSE) if silent else None


def detail(message: Message, access: Access = PRIMARY) -> Detail:
    """Read what a call wants to know; an element that cannot be read counts as absent."""
    channel = channel_of(message, access)
    return Detail(
        cause=cause_of(message),
        channel=None if channel is None else channel.channel,
        in_band=_in_band(message),
        dialled=_dialled(message),
        complete=message.find(Ie.SENDING_COMPLETE) is not None,
        connected=_connected(message),
    )


def cause_of(message: Message) -> Cause | None:
    """Return the Cause where there is a readable one; one of another standard is unspecified
    here.
    """
    content = message.find(Ie.CAUSE)
    if content is None or not _readable(message, Ie.CAUSE):
        return None
    said = elements.read_cause(content)
    return Cause(said.value if said.coding == 0 else UNSPECIFIED, said.location)


def channel_of(message: Message, access: Access = PRIMARY) -> ChannelId | None:
    """Return the Channel identification where there is a readable one."""
    content = message.find(Ie.CHANNEL_ID)
    if content is None or not _readable(message, Ie.CHANNEL_ID, access):
        return None
    return elements.read_channel_id(content, access)


def caller_of(message: Message) -> Caller:
    """Who calls from the PSTN; a number that may not be shown is as good as none."""
    content = message.find(Ie.CALLING)
    if content is None or not _readable(message, Ie.CALLING):
        return Caller("")
    number = elements.read_number(content, Ie.CALLING)
    if number.presentation not in (None, Presentation.ALLOWED):
        return Caller("")
    did = Did.read(number.digits)
    return Caller("", did, "" if did else number.digits)


def admit(message: Message, calls: Calls, access: Access = PRIMARY) -> tuple[int | None, Cause]:
    """Return the channel for a SETUP of the peer's, or ``None`` and the cause to refuse it with
    (§5.2).
    """
    wrong = fault(message, access)
    if wrong is not None:
        return None, wrong
    if elements.read_transfer(message.find(Ie.BEARER) or b"") not in _VOICE:
        return None, Cause(INCOMPATIBLE_DESTINATION)
    asked = channel_of(message, access) or ChannelId(None)
    if asked.none:  # a call waits, and there is nobody here who could make room for it
        return None, Cause(USER_BUSY)
    return calls.accept(asked), Cause(CHANNEL_NOT_AVAILABLE)


def refusal(message: Message, cause: Cause) -> Message:
    """RELEASE COMPLETE for the reference of ``message``, which no call has."""
    return message.answer(M.RELEASE_COMPLETE, elements.cause(cause))


def rejection(message: Message) -> Message:
    """The answer to a request for what we do not do."""
    kind, cause = REJECTED[message.kind]
    return message.answer(kind, elements.cause(Cause(cause)))


def answer_without_call(message: Message) -> Message | None:
    """Return what is answered to a message whose reference no call has (§5.8.3.2), SETUP apart."""
    match message.kind:
        case M.SETUP | M.RELEASE_COMPLETE:
            return None
        case M.RESUME:
            return None if message.to_originator else rejection(message)
        case M.STATUS_ENQUIRY:
            said = elements.cause(Cause(ENQUIRY_ANSWERED))
            return message.answer(M.STATUS, said, elements.call_state(U.NULL.value))
        case M.STATUS:
            return refusal(message, Cause(WRONG_STATE)) if _peer_state(message) else None
        case _:
            return refusal(message, Cause(INVALID_REFERENCE))


def global_status(message: Message, cause: Cause, state: int) -> Message:
    """STATUS on the global reference, in answer to ``message`` (§5.8.3.2 f); ``state`` is that of
    our RESTART.
    """
    return message.answer(M.STATUS, elements.cause(cause), elements.call_state(state))


def status_input(ours: U, message: Message) -> In | None:
    """Return what a STATUS means for a call in state ``ours`` (§5.8.11); ``None`` where all is
    well.

    A call of ours that the peer holds for answered is answered: its CONNECT went under with the
    link. A cause that complains (96, 97, 99, 100) with a state that fits clears nothing (R1): that
    is left to us.
    """
    theirs = _peer_state(message)
    if theirs == U.NULL.value:
        return In.STATUS_NULL
    if theirs in _ANSWERED and ours in _ANSWERED_CAN_MEAN:
        return In.CONNECT
    return None if compatible(ours, theirs) else In.STATUS_INCOMPATIBLE


def compatible(ours: U, theirs: int) -> bool:
    """Whether the peer's state of a call can go with ours (§5.8.11).

    Networks of the standard mirror our states; libpri numbers them by who placed the call, so that
    a callback that rings here is *call delivered* there (seen after every re-establishment).
    """
    if ours.value in _COMING_UP:
        return theirs in _COMING_UP or theirs == _ACTIVE
    if ours is U.ACTIVE:
        return theirs == _ACTIVE
    return True


def _wrong(cause: int, *ies: int) -> Cause:
    return Cause(cause, diagnostics=bytes(ies))


def _peer_state(message: Message) -> int:
    content = message.find(Ie.CALL_STATE)
    readable = content is not None and _readable(message, Ie.CALL_STATE)
    return elements.read_call_state(content) if content and readable else U.NULL.value


def _in_band(message: Message) -> bool:
    found = message.find_all(Ie.PROGRESS)
    return any(
        elements.read_progress(content) == elements.IN_BAND
        for content in found
        if len(content) == LONGEST[Ie.PROGRESS]
    )


def _dialled(message: Message) -> str:
    """Called digits come as such, or as keys where a network asks for overlap that way."""
    called = message.find(Ie.CALLED)
    if called is not None and _readable(message, Ie.CALLED):
        return elements.read_number(called, Ie.CALLED).digits
    keys = message.find(Ie.KEYPAD)
    return elements.read_keypad(keys) if keys and _readable(message, Ie.KEYPAD) else ""


def _connected(message: Message) -> str:
    content = message.find(Ie.CONNECTED)
    if content is None or not _readable(message, Ie.CONNECTED):
        return ""
    return elements.read_number(content, Ie.CONNECTED).digits


def _must_be_known(ie: int) -> bool:
    """Identifiers 0000 xxxx demand to be understood (§5.8.7.1, Table 4-3)."""
    return ie & 0xF0 == 0 and ie not in _COMPREHENDED


def _readable(message: Message, ie: Ie, access: Access = PRIMARY) -> bool:
    content = message.find(ie)
    if content is None:
        return True
    try:
        if ie is Ie.CHANNEL_ID:
            elements.read_channel_id(content, access)
        elif ie in READERS:
            READERS[ie](content)
    except MalformedElement:
        return False
    return True
