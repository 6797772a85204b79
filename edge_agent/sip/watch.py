"""Whether a sip trunk is there: asked with OPTIONS now and then, said only when it changes.

What is learned here reorders route steps and never removes one (R1).
"""

from __future__ import annotations

from edge_agent.leg import LinkChanged
from edge_agent.sip.compose import address_line
from edge_agent.sip.config import Remote, Role
from edge_agent.sip.message import Headers, Request, Response
from edge_agent.sip.station import Station
from edge_agent.sip.timers import T, seconds
from edge_agent.sip.transactions import Transaction


class TrunkWatch:
    """One question at a time to each trunk of the remote table."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._watched: dict[Remote, WatchedTrunk] = {}

    def adopt(self, remotes: tuple[Remote, ...], now: float) -> None:
        """Watch these; a trunk whose row did not change keeps what is known of it."""
        held, self._watched = self._watched, {}
        if not self._station.timing.ping:
            return
        for remote in remotes:
            if remote.role is Role.TRUNK:
                known = held.pop(remote, None)
                self._watched[remote] = known or WatchedTrunk(remote, self._station, now)
        for gone in held.values():
            gone.stop()


class WatchedTrunk:
    """A trunk that is taken to be up until it leaves a question unanswered."""

    def __init__(self, remote: Remote, station: Station, now: float) -> None:
        self._remote = remote
        self._station = station
        self._up = True
        self._asked: Transaction | None = None
        self._ask(now)

    def stop(self) -> None:
        """It is a trunk no more."""
        self._asked = None
        self._station.deadlines.stop_all(self)

    def expired(self, timer: T, now: float) -> None:
        """Time to ask, or an answer is overdue."""
        if timer is T.PING_ANSWER:
            self._found(False, "no answer to OPTIONS")
        else:
            self._ask(now)

    def on_response(self, transaction: Transaction, response: Response, now: float) -> None:
        """Any answer says that somebody is there, but 503 that they take no calls."""
        if transaction is self._asked:
            self._station.deadlines.stop(self, T.PING_ANSWER)
            self._found(response.status != 503, f"SIP {response.status}")

    def on_failure(self, transaction: Transaction, now: float) -> None:
        """Nobody answered at all, or there is no connection."""
        if transaction is self._asked:
            self._station.deadlines.stop(self, T.PING_ANSWER)
            self._found(False, "no answer to OPTIONS")

    def _ask(self, now: float) -> None:
        station = self._station
        ours = address_line("elingate", station.config.realm)
        headers = Headers(
            [
                ("max-forwards", "70"),
                ("from", f"{ours};tag={station.ids.tag()}"),
                ("to", f"<sip:{self._remote.realm}>"),
                ("call-id", station.ids.call_id()),
                ("cseq", "1 OPTIONS"),
                ("accept", "application/sdp"),
            ]
        )
        to = self._remote.destination
        options = Request("OPTIONS", f"sip:{self._remote.realm}", headers)
        options.headers.add(*station.contact(to, "elingate"))
        self._asked = station.ask(options, to, self, now)
        for timer in (T.PING_ANSWER, T.PING):
            length = seconds(timer, station.timing)
            station.deadlines.start(self, timer, now + length)

    def _found(self, up: bool, why: str) -> None:
        if up is not self._up:
            self._up = up
            self._station.say(LinkChanged(self._remote.id, up, why))
