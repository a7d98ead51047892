"""The simple wire's endpoints: `/ws` echoes messages, and a client that connects to `/ws/<nickname>` is that guest.

A client here has no cookie and no session, so a nickname first used here becomes an open name: anyone who connects to
its address speaks under it, one connection at a time. The next connection cannot see the name's past, because this wire
has no history: a connection starts at the rooms' current state and receives what comes after.

A page of another site is refused in the handshake (403). The site's own endpoint accepts it first, to send the reason;
but scripts can read a status, and nothing may happen under a name that a foreign page has chosen.
"""

import asyncio
import contextlib
import logging
from typing import Any
from uuid import uuid4

from chat import conf, queries
from chat.consumers.websocket import ChatConsumer
from chat.live import admission, metering, origins, threads
from chat.live.commands import receive
from chat.live.connection import Connection
from chat.live.node import node
from chat.models import LOBBY
from chat.refusals import Refusal
from chat.wire import protocol, simple

logger = logging.getLogger(__name__)

Event = dict[str, Any]

FAREWELL_SECONDS = 1.0
"""Time limit for sending a client the reason before its connection is closed."""

_FAREWELLS = {
    protocol.TAKEN_OVER: "Somebody else has connected under this nickname, so this connection ends.",
    protocol.RESTARTING: "The site is restarting. Connect again in a moment.",
    protocol.TOO_MUCH: "You send faster than can be taken, so this connection ends.",
}
_CROWDED = "Too many connections are open from your address already. Close some of them."
_BINARY = Refusal("bad_frame.binary_message")
_TOO_BIG = f"A message may be {protocol.FRAME_BYTES // 1024} KiB at most."


class _SimpleConsumer(ChatConsumer):
    """The shared part of both endpoints: no cookie is read, and errors are sentences."""

    def __init__(self) -> None:
        self._is_accepted = asyncio.Event()
        self._closing: asyncio.Task[None] | None = None
        self._is_leaving = False
        self._is_crowded = False

    async def websocket_connect(self, message: Event) -> None:
        if not self._is_enabled() or not origins.is_trusted_origin(self.scope):
            await self.send({"type": "websocket.close"})  # Not accepted yet: a 403.
            return
        node().hub.others.add(self)
        address = admission.address_of(self.scope)
        self._accounts = [(metering.addresses, address)]
        if node().hub.is_draining:
            self.close(protocol.RESTARTING)
        elif not self._acquire_slot(metering.nameless_connections, address):
            self._is_crowded = True
            self.close(protocol.TOO_MUCH)
        elif metering.consume(self._accounts, metering.OPENING):
            self.close(protocol.TOO_MUCH)
        else:
            await self._enter()
        await self.send({"type": "websocket.accept"})
        self._is_accepted.set()
        await self._welcome()

    async def ended(self) -> None:
        node().hub.others.discard(self)
        await super().ended()

    def close(self, code: int) -> None:
        """Closes the connection, once. A connection with a person behind it receives nothing more from now on."""
        if self._client:
            self._client.close(code)
        elif self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close(code))

    def _is_enabled(self) -> bool:
        return True

    async def _enter(self) -> None:
        """Runs before the client is accepted."""

    async def _welcome(self) -> None:
        """Runs once the client has been accepted."""

    async def _send_error(self, detail: str) -> None:
        await self._send_content({"text": simple.encode(simple.Failure(detail))})

    async def _send_content(self, content: dict[str, str | bytes]) -> None:
        with contextlib.suppress(OSError):  # The client has gone, and its disconnect is on the way.
            await self.send({"type": "websocket.send", **content})

    async def _close(self, code: int) -> None:
        self._is_leaving = True
        await self._is_accepted.wait()
        # A client that does not read must not delay its own close.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                if self._is_crowded:
                    await self._send_error(_CROWDED)
                elif code in _FAREWELLS:
                    await self._send_error(_FAREWELLS[code])
        await super()._close(code)


class EchoConsumer(_SimpleConsumer):
    """`/ws`: echoes each message unchanged. Handles the next message once the last one has been sent."""

    async def websocket_receive(self, message: Event) -> None:
        text = message.get("text")
        content = message["bytes"] if text is None else text.encode()
        if self._is_leaving or not await self._in_time(self, metering.cost(len(content))):
            return
        if len(content) > protocol.FRAME_BYTES:
            await self._send_error(_TOO_BIG)
        else:
            await self._send_content({"bytes": content} if text is None else {"text": text})


class NicknameConsumer(_SimpleConsumer):
    """`/ws/<nickname>`: a client that speaks under an open name, or gets the reason why it cannot in each response.

    A connection that takes the name stores that, subscribes, announces it, and then checks whether another has stored
    it later. Of any two, the one that stored first receives the other's event or finds its row, so exactly one remains,
    across processes: the last one.
    """

    away_seconds = 0
    """Messages reach an open name only while it is connected, so it must not count as here any longer than that."""

    _translator: simple.Translator
    _lobby = 0
    _refusal: Refusal | None = None

    def _is_enabled(self) -> bool:
        return conf.SIMPLE_WIRE

    async def _enter(self) -> None:
        """Takes the name before the handshake ends, so that a client that knows it is connected can receive messages.

        Nothing in here may wait for a send, because sends wait for the end of the handshake.
        """
        nickname = self.scope["url_route"]["kwargs"]["nickname"]
        try:
            admitted, self._lobby = await threads.act(_admit, self.scope, nickname)
            self._translator = simple.Translator(admitted.profile.pk)
            self._accounts = [*self._accounts, (metering.people, admitted.profile.pk)]
            await self._open(admitted)
        except Refusal as refusal:
            self._refusal = refusal
        except Exception:
            logger.exception("A connection to %s could not be opened.", self.scope["path"])
            self.close(protocol.RESTARTING)

    async def _open(self, admitted: admission.Admitted) -> None:
        self._client = Connection(node(), admitted, self._send_text, self._close)
        node().hub.others.discard(self)
        await self._client.open()
        await node().presence.take_over(self._client)

    async def _welcome(self) -> None:
        if self._client:
            await self._client.check()
        await self._send_refusal()

    async def _send_refusal(self) -> None:
        if self._refusal:
            await self._send_error(self._refusal.detail)

    async def websocket_receive(self, message: Event) -> None:
        connection, text = self._client, message.get("text")
        size = len(message.get("bytes") or b"") if text is None else len(text)
        if self._is_leaving or not await self._in_time(self, metering.cost(size)):
            return
        if connection is None:
            await self._send_refusal()
            return
        try:
            if text is None:
                raise _BINARY
            await receive(connection.admitted, simple.parse(text, self._lobby), connection.put)
        except Refusal as refusal:
            connection.put(protocol.encode(protocol.refusal_frame(refusal, {})))

    async def _send_text(self, text: str) -> None:
        await self._is_accepted.wait()
        for said in self._translator.translate(text):
            await super()._send_text(said)

    async def _close(self, code: int) -> None:
        """Closes with `TAKEN_OVER` for a lost name, which corresponds to an ended session on other endpoints."""
        await super()._close(protocol.TAKEN_OVER if code == protocol.NOT_SIGNED_IN else code)


def _admit(scope: dict[str, Any], nickname: str) -> tuple[admission.Admitted, int]:
    """Returns the guest, and the id of the lobby that they post to (0 if there is none)."""
    admitted = admission.admit_by_address(scope, nickname, uuid4().hex)
    lobby = queries.visible_room(admitted.profile.pk, LOBBY)
    return admitted, lobby.pk if lobby else 0
