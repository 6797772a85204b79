"""SMS by Twilio: the only module that knows it, in the only layer that carries it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from e911.notice import text
from e911_cloud.notifiers import Telling

_PATIENCE_S = 5.0


class TwilioNotifier:
    """Sends the notice's text as an SMS."""

    def __init__(
        self,
        account: str,
        token: Callable[[], str],
        sender: str,
        http: TwilioHttpClient | None = None,
    ) -> None:
        self._account = account
        self._token = token
        self._sender = sender
        self._http = http

    def tell(self, telling: Telling, utc: datetime) -> None:
        """Send one SMS; a late notice starts none."""
        if telling.late:
            return
        http = self._http or TwilioHttpClient(timeout=_PATIENCE_S)
        client = Client(self._account, self._token(), http_client=http)
        # A name may hold what came in another encoding and is no character; a form takes none.
        body = text(telling.notice).encode(errors="replace").decode()
        client.messages.create(to=telling.target.address, from_=self._sender, body=body)
