"""The WebSocket endpoint: admits people, passes their frames on, and keeps no state of its own.

A client's first `sync` opens its connection (`Connection.sync`).
"""

import asyncio
import logging
import time
from collections.abc import Hashable, Sequence
from typing import Any

from chat.layers.consumer import CalledConsumer
from chat.limits import Slots
from chat.live import admission, metering, origins
from chat.live.commands import handle
from chat.live.connection import Connection
from chat.live.hub import Closable
from chat.live.node import node
from chat.live.presence import AWAY_SECONDS
from chat.refusals import Refusal
from chat.server.extensions import WRITE
from chat.wire import protocol

logger = logging.getLogger(__name__)

FLOOD_SECONDS = 10.0


class ChatConsumer(CalledConsumer):
    """One WebSocket. `_client` is set once a person has been admitted."""

    away_seconds: float = AWAY_SECONDS
    """How long a person without a connection still counts as here."""

    _client: Connection | None = None
    _slot: tuple[Slots, Hashable] | None = None
    """Counts this among the connections of its person or client IP."""

    _accounts: Sequence[metering.Account] = ()
    _flooding_since = 0.0
    _slowed_at = 0.0

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        """Always accepts, and closes at once if it must: a refused handshake gives a browser no reason."""
        await self.send({"type": "websocket.accept"})
        if not origins.is_trusted_origin(self.scope):
            await self._close(protocol.FORBIDDEN)
            return
        if node().hub.is_draining:
            await self._close(protocol.RESTARTING)
            return
        try:
            admitted = await admission.let_in(self.scope)
            person = admitted.profile.pk
            self._accounts = [(metering.people, person)]
            metering.spend(self._accounts, metering.OPENING)
            if not self._acquire_slot(metering.connections, person):
                raise metering.too_many_connections()
            await self._open(admitted)
        except Refusal as refusal:
            is_anonymous = refusal.code == "not_signed_in"
            await self._close(protocol.NOT_SIGNED_IN if is_anonymous else protocol.TOO_MUCH)
        except Exception:
            logger.exception("A connection could not be opened.")
            await self._close(protocol.RESTARTING)

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        connection = self._client
        if connection is None:
            return

        async def spend(tokens: float) -> None:
            if not await self._in_time(connection, tokens):
                raise metering.Flood

        await handle(connection, message.get("text"), connection.put, spend)

    def _acquire_slot(self, slots: Slots, key: Hashable) -> bool:
        """Counts one more connection of this person or client IP; returns False if there is no room for it."""
        if not slots.acquire(key):
            return False
        self._slot = (slots, key)
        return True

    async def _in_time(self, connection: Closable, tokens: float) -> bool:
        """Waits until the rate limiter allows the client's next frame. Closes a client that keeps flooding.

        While this waits, nothing is received from the connection, and Daphne in turn stops reading from the socket.
        """
        while wait := metering.consume(self._accounts, tokens):
            now = time.monotonic()
            if now - self._slowed_at > 1:
                self._flooding_since = now
            self._slowed_at = now
            if now - self._flooding_since > FLOOD_SECONDS:
                connection.close(protocol.TOO_MUCH)
                return False
            await asyncio.sleep(wait)
        return True

    async def ended(self) -> None:
        if self._slot:
            slots, key = self._slot
            slots.release(key)
            self._slot = None
        client, self._client = self._client, None
        if client:
            client.end(self.away_seconds)

    async def _open(self, admitted: admission.Admitted) -> None:
        write = self.scope.get("extensions", {}).get(WRITE)
        self._client = Connection(node(), admitted, self._send_text, self._close, write)
        node().hub.others.add(self._client)

    async def _send_text(self, text: str) -> None:
        await self.send({"type": "websocket.send", "text": text})

    async def _close(self, code: int) -> None:
        await self.send({"type": "websocket.close", "code": code})
