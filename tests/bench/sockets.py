"""One client's connection, which costs as little as it can while a load runs."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from tests.bench.checker import Flaws, View
from tests.bench.dialects import Dialect
from tests.bench.servers import Seat
from tests.patience import PATIENCE

OPENING_SECONDS = 60
CLOSING_SECONDS = 15
MESSAGE_BYTES = 16 * 1024 * 1024


class Client:
    """Somebody at a server, whatever the transport: the `log` of what came, and what they are due."""

    def __init__(self, seat: Seat, dialect: Dialect, flaws: Flaws) -> None:
        self.seat = seat
        self.dialect = dialect
        self.log: list[tuple[float, bytes]] = []
        self.view = View(seat.name, flaws)
        self.acks = View(f"{seat.name} (acks)", flaws)
        self.flaws = flaws
        self.closing = False


class Socket(WSListener, Client):
    """One WebSocket: it notes what comes, and watches for one sign."""

    def __init__(self, seat: Seat, dialect: Dialect, flaws: Flaws) -> None:
        Client.__init__(self, seat, dialect, flaws)
        self.transport: WSTransport | None = None
        self._ping = dialect.ping
        self._sign: bytes | None = None
        self._then: Callable[[], None] = lambda: None

    def expect(self, sign: bytes, then: Callable[[], None]) -> None:
        """Calls `then` when something comes that contains `sign`. Only the last such wish counts."""
        self._sign, self._then = sign, then

    def send(self, payload: bytes) -> None:
        self.transport.send(WSMsgType.TEXT, payload)

    async def open(self) -> None:
        """Returns when the server has said that the connection is in its rooms."""
        ready = asyncio.get_running_loop().create_future()
        greeting, answer = self.dialect.opening or (self.dialect.ready, b"")

        def greeted() -> None:
            self.expect(self.dialect.ready, lambda: ready.done() or ready.set_result(None))
            if answer:
                self.send(answer)
            else:
                self._then()

        self.expect(greeting, greeted)
        async with asyncio.timeout(OPENING_SECONDS):
            await self.shake_hands()
            if self.dialect.begin:
                self.send(self.dialect.begin)
            await ready

    async def shake_hands(self) -> None:
        await ws_connect(
            lambda: self,
            self.seat.url,
            extra_headers=self.seat.headers,
            websocket_handshake_timeout=OPENING_SECONDS,
            max_frame_size=MESSAGE_BYTES,
        )

    async def answer(self, payload: bytes, sign: bytes) -> float:
        """Sends something; the seconds until something with that sign comes."""
        answered = asyncio.get_running_loop().create_future()
        self.expect(sign, lambda: answered.set_result(perf_counter()))
        began = perf_counter()
        self.send(payload)
        async with asyncio.timeout(PATIENCE):
            return await answered - began

    async def close(self) -> None:
        self.closing = True
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                self.transport.send_close()
                await self.transport.wait_disconnected()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is not WSMsgType.TEXT:
            self._other(transport, frame)
            return
        payload = frame.get_payload_as_bytes()
        if payload == self._ping:
            self.send(self.dialect.pong)
            return
        self.log.append((perf_counter(), payload))
        if self._sign is not None and self._sign in payload:
            self._sign = None
            self._then()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.closing:
            self.flaws.add("disconnected", f"{self.seat.name} was disconnected")

    def _other(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            if not self.closing:
                self.flaws.add("closed", f"{self.seat.name} was closed with {frame.get_close_code()}")
            transport.disconnect()
        else:
            self.flaws.add("not text", f"{self.seat.name} was sent {frame.msg_type}")
