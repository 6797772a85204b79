"""Multiple frame operation: messages out and in, numbered, acknowledged, rejected and recovered
(Q.921 §5.6, §5.7).

It follows Figures B.7 and B.8 but for one thing: a message leaves in its own step while a poll is
out, too (R1); at worst the peer rejects a frame that comes twice.
"""

from __future__ import annotations

from edge_agent.isdn.lapd_frame import Information, S, Supervisory
from edge_agent.isdn.lapd_speaker import Speaker
from edge_agent.isdn.lapd_table import UP_STATES, State
from edge_agent.isdn.lapd_window import Window
from edge_agent.isdn.lapd_words import Deliver, Heard
from edge_agent.isdn.timers import LinkTimer
from edge_agent.leg import Discarded


class Transfer:
    """What states 7 and 8 do; each act is told the ``state`` that its row leads to."""

    def __init__(self, window: Window, speaker: Speaker) -> None:
        self.own_busy = False
        """Whether layer 3 takes no messages now."""
        self.ack_owed = False
        """Whether a message came in that no frame out has acknowledged."""
        self._window = window
        self._speaker = speaker
        self._peer_busy = self._rejected = False

    def reset(self, heard: Heard) -> None:
        """The link is established: numbers are 0 and all conditions over (§5.5.1.2)."""
        given_up = self._window.reset()
        heard.outputs += [Discarded("message-given-up")] * given_up
        self._peer_busy = self._rejected = self.ack_owed = False

    def pump(self, heard: Heard) -> None:
        """Send what waits, as far as window and peer allow."""
        while not self._peer_busy and self._window.ready:
            number, info = self._window.send()
            self._speaker.put(Information(number, self._window.vr, info), heard)
            self._speaker.watch(heard)
            self.ack_owed = False

    def enquire(self, heard: Heard) -> None:
        """Poll the peer, and say how we are ourselves."""
        frame = self._supervisory(self._readiness, command=True, final=True)
        self._speaker.command(frame, heard)

    def respond(self, heard: Heard, *, final: bool = False) -> None:
        """RR, or RNR where layer 3 is busy: both acknowledge."""
        self._speaker.put(self._supervisory(self._readiness, command=False, final=final), heard)

    def still_busy(self, heard: Heard) -> None:
        """Tell a peer that has just established the link."""
        if self.own_busy:
            self.respond(heard)

    def accept(self, heard: Heard, state: State) -> None:
        """The N(S) half of an I frame (B.7, 8 of 10); a link on its way down answers nothing."""
        frame, answers = heard.frame, state in UP_STATES
        assert isinstance(frame, Information)
        if self.own_busy:
            heard.outputs.append(Discarded("frame-while-busy"))
        elif self._window.accept(frame.ns):
            self._rejected = False
            self.ack_owed = True
            heard.outputs.append(Deliver(frame.info))
        else:
            heard.outputs.append(Discarded("frame-out-of-sequence"))
            if answers and not self._rejected:
                self._rejected = True
                reject = self._supervisory(S.REJ, command=False, final=frame.poll)
                self._speaker.put(reject, heard)
                return
        if answers and frame.poll:
            self.respond(heard, final=True)

    def acknowledge(self, heard: Heard, state: State) -> None:
        """The N(R) half (B.7, 9 of 10); T200 of a poll, or of a busy peer, is left alone."""
        frame = heard.frame
        assert isinstance(frame, Information | Supervisory)
        progress = self._window.acknowledge(frame.nr)
        if state is not State.ESTABLISHED or self._peer_busy:
            return
        if not self._window.outstanding:
            self._speaker.idle(heard)
        elif progress:
            self._speaker.run(LinkTimer.T200, heard)

    def supervised(self, heard: Heard, state: State) -> None:
        """RR, RNR, REJ (B.7, 5 to 7 of 10; B.8, 5 to 7 of 9)."""
        frame = heard.frame
        assert isinstance(frame, Supervisory)
        self._peer_busy = frame.kind is S.RNR
        if frame.command and frame.final:
            self.respond(heard, final=True)
        self.acknowledge(heard, state)
        if state is State.ESTABLISHED and self._peer_busy:
            self._speaker.run(LinkTimer.T200, heard)
        elif state is State.ESTABLISHED and frame.kind is S.REJ:
            self._window.rewind()
            self._speaker.idle(heard)

    def recovered(self, heard: Heard) -> None:
        """The poll is answered: what the answer does not acknowledge is sent again."""
        self._window.rewind()
        if not self._peer_busy:
            self._speaker.idle(heard)

    @property
    def _readiness(self) -> S:
        return S.RNR if self.own_busy else S.RR

    def _supervisory(self, kind: S, *, command: bool, final: bool) -> Supervisory:
        self.ack_owed = False
        return Supervisory(kind, self._window.vr, command, final)
