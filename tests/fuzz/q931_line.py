"""What is done with one fuzzed input: a trunk is brought into a state, hears the messages, and must
stay sane.

An input is one octet that chooses the kind of line and the state, and then messages, each behind
its length. References are 1 on both sides, so that the messages of the goldens are about the call
that is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from e911.numbers import Elin
from edge_agent.isdn import elements
from edge_agent.isdn.config import BRI_CHANNELS, E1_CHANNELS, IsdnTrunkConfig
from edge_agent.isdn.elements import READERS, READERS_6, Element, Ie, Ie6, MalformedElement, Number
from edge_agent.isdn.lapd_frame import Side
from edge_agent.isdn.lapd_link import LinkConfig, SendFrame
from edge_agent.isdn.messages import CALL_CONTROL, M, MalformedMessage, Message, decode, encode
from edge_agent.isdn.switches import SwitchType
from edge_agent.isdn.trunk import Output, Trunk
from edge_agent.leg import Answer, Clear, LegId, Offered, Ring, SeizeTrunk
from tests.edge.isdn.span import Ids

ELIN = Elin("4255550142")
OURS = LegId("ours")
MOST_OUTPUTS = 60
"""To one message: a RESTART of a whole interface clears every call and says so."""
MOST_TIMEOUTS = 200
"""In the minute after the last message, with a peer that has fallen silent."""
UNSAID = {
    *(Ie.DISPLAY, Ie.USER_USER, Ie.CONNECTED, Ie.CONNECTED_SUBADDRESS, Ie.REDIRECTING),
    *(Ie.CALLING_SUBADDRESS, Ie.CALLED_SUBADDRESS, Ie.FACILITY, Ie.KEYPAD),
}
"""What this side never sends, whatever it hears (R2)."""


KINDS = (
    IsdnTrunkConfig("psap", "span-1"),
    IsdnTrunkConfig(
        "psap", "span-1", E1_CHANNELS, switch=SwitchType.EURO, overlap=True, overlap_digits=10
    ),
    IsdnTrunkConfig("psap", "span-1", BRI_CHANNELS, link=LinkConfig.basic()),
    IsdnTrunkConfig("psap", "span-1", side=Side.NETWORK, announces=True),
)
"""The lines: T1, E1 with digits one by one, basic rate, and the other side of a T1."""


class Line:
    """A trunk and a peer that acknowledges every frame and says what it is told to."""

    def __init__(self, config: IsdnTrunkConfig) -> None:
        self.trunk = Trunk(config, Ids())
        self.said: list[Output] = []
        self.sent: list[bytes] = []
        self._command = 0x02 if config.side is Side.USER else 0x00
        self._ns = self._nr = 0
        self.heed(self.trunk.start(0.0))
        self.heed(self.trunk.receive(bytes((0x02 - self._command, 0x01, 0x73)), 0.0))

    def hears(self, content: bytes) -> None:
        """The peer sends a message; what it had from us is acknowledged."""
        header = bytes((self._command, 0x01, self._ns << 1 & 0xFF, self._nr << 1 & 0xFF))
        self._ns += 1
        self.heed(self.trunk.receive(header + content, 0.0))
        self._acknowledges()

    def says(self, kind: M, *carried: Element, ours: bool = True) -> None:
        """The peer sends a message about our call, or its own."""
        octets = self.trunk.config.reference_octets
        self.hears(encode(Message(1, ours, kind, carried, reference_octets=octets)))

    def heed(self, outputs: list[Output]) -> None:
        """Note what the trunk says."""
        assert len(outputs) <= MOST_OUTPUTS, outputs
        for output in outputs:
            if not isinstance(output, SendFrame):
                self.said.append(output)
            elif not output.data[2] & 1:
                self._nr = (output.data[2] >> 1) + 1 & 0x7F
                self.sent.append(output.data[4:])

    def channel(self) -> Element:
        """The channel of either call."""
        return elements.channel_id(2, exclusive=True, access=self.trunk.config.access)

    def seize(self) -> None:
        """A call to 911."""
        self.heed(self.trunk.handle(SeizeTrunk(OURS, "psap", 2, ELIN, "911"), 0.0))
        for _ in range(KNOWN_WINDOWS):
            self._acknowledges()

    def offered(self) -> LegId:
        """A call comes in."""
        speech = elements.bearer(elements.Transfer.SPEECH, elements.Layer1.MU_LAW)
        said = (speech, self.channel(), elements.called(Number(ELIN.digits)))
        self.says(M.SETUP, *said, ours=False)
        return next(word.leg for word in self.said if isinstance(word, Offered))

    def silence(self) -> None:
        """The peer says nothing more for a minute."""
        due = self.trunk.next_deadline()
        for _ in range(MOST_TIMEOUTS):
            if due is None or due > 60.0:
                return
            self.heed(self.trunk.handle_timeout(due))
            due = self.trunk.next_deadline()
        raise AssertionError(f"still busy at {due}")

    def _acknowledges(self) -> None:
        response = 0x02 - self._command
        self.heed(self.trunk.receive(bytes((response, 0x01, 0x01, self._nr << 1 & 0xFF)), 0.0))


KNOWN_WINDOWS = 3
"""Acknowledgements that bring a SETUP through behind RESTARTs, even where one frame is out."""


def _nothing(line: Line) -> None:
    """No call."""


def _after(*answers: M) -> Callable[[Line], None]:
    """Our call, after the peer said ``answers``."""

    def begin(line: Line) -> None:
        line.seize()
        for answer in answers:
            line.says(answer, line.channel())

    return begin


def _clearing(line: Line) -> None:
    _after(M.CALL_PROCEEDING)(line)
    line.heed(line.trunk.handle(Clear(OURS, 16), 0.0))


def _ringing(line: Line) -> None:
    line.heed(line.trunk.handle(Ring(line.offered()), 0.0))


def _answering(line: Line) -> None:
    line.heed(line.trunk.handle(Answer(line.offered()), 0.0))


def _refusing(line: Line) -> None:
    line.heed(line.trunk.handle(Clear(line.offered(), 17), 0.0))


STATES: tuple[Callable[[Line], None], ...] = (
    _nothing,
    _after(),
    _after(M.SETUP_ACK),
    _after(M.CALL_PROCEEDING),
    _after(M.ALERTING),
    _after(M.CONNECT),
    _clearing,
    _ringing,
    _answering,
    _refusing,
)
CHOICES = len(KINDS) * len(STATES)


def in_state(choice: int) -> Line:
    """A line of the kind and in the state that the first octet of an input chooses."""
    line = Line(KINDS[choice // len(STATES) % len(KINDS)])
    STATES[choice % len(STATES)](line)
    return line


def packed(choice: int, messages: Iterable[bytes]) -> bytes:
    """Return an input."""
    return bytes((choice,)) + b"".join(bytes((len(each),)) + each for each in messages)


def unpacked(data: bytes) -> tuple[int, list[bytes]]:
    """Return the choice and the messages of an input; any octets are one."""
    choice, rest = (data[0] % CHOICES, data[1:]) if data else (0, b"")
    messages = []
    while rest:
        messages.append(rest[1 : 1 + rest[0]])
        rest = rest[1 + rest[0] :]
    return choice, messages


def run(data: bytes) -> Line:
    """Do it; anything but a quiet return is a finding."""
    read_all(data)
    choice, messages = unpacked(data)
    line = in_state(choice)
    for octets in messages:
        line.hears(octets)
    line.silence()
    for octets in line.sent:
        look_at(octets)
    return line


def read_all(data: bytes) -> None:
    """Do only the reading."""
    for octets in unpacked(data)[1]:
        read(octets)


def read(octets: bytes) -> None:
    """Decode a message and every element in it, and write it again."""
    try:
        message = decode(octets)
    except MalformedMessage:
        return
    for element in message.elements:
        _read_element(element)
    for codeset, element in message.shifted:
        if codeset == 6 and element.id in READERS_6:
            _refused_only(READERS_6[Ie6(element.id)], element.content)
    assert decode(encode(message)).elements == message.elements


def look_at(octets: bytes) -> None:
    """What we sent is whole, and says nothing about a person (R2)."""
    if octets[0] != CALL_CONTROL:  # maintenance has a test of its own
        return
    message: Message = decode(octets)
    assert message.truncated is None
    assert UNSAID.isdisjoint(element.id for element in message.elements), message
    calling = message.find(Ie.CALLING)
    assert calling is None or calling.endswith(ELIN.digits.encode()), message


def _read_element(element: Element) -> None:
    value = bytes((element.id & 0x0F,))
    for ie, reader in READERS.items():
        if element.id == ie:
            _refused_only(reader, element.content)
        elif ie >= 0xB0 and element.id & 0xF0 == ie:
            _refused_only(reader, value)


def _refused_only(reader: Callable[[bytes], object], content: bytes) -> None:
    try:
        reader(content)
    except MalformedElement:
        return
