"""`POST /live/send`: carries out a client's frames in one request."""

import asyncio

from chat.consumers.endpoint import ended, endpoint
from chat.consumers.exchange import FRAMES, Exchange
from chat.consumers.listener import Listener
from chat.live import commands, metering
from chat.live.admission import Admitted
from chat.live.outbox import Outbox
from chat.refusals import Refusal
from chat.wire import protocol

FRAMES_AT_ONCE = 256
"""Frames that one request may send."""


@endpoint("POST", tokens=1)
async def send(exchange: Exchange, admitted: Admitted) -> None:
    """Carries out a client's frames in order. Their results form the response, which ends with the last of them."""
    lines = [line for line in (await exchange.body()).split(b"\n") if line.strip()]
    if len(lines) > FRAMES_AT_ONCE:
        raise Refusal("too_big.frames", most=FRAMES_AT_ONCE)
    sender = _Sender(exchange, admitted)
    await exchange.begin(FRAMES)
    await sender.carry_out(lines)
    await exchange.end()


class _Sender:
    """A client that sends frames in one request and receives the results in its response."""

    def __init__(self, exchange: Exchange, admitted: Admitted) -> None:
        self.admitted = admitted
        self._exchange = exchange
        self._due: list[asyncio.Event] = []
        self._outbox = Outbox(self._write, None, self._give_up)

    async def carry_out(self, lines: list[bytes]) -> None:
        for line in lines:
            await self._handle(line)
        await self.flushed()

    async def sync(self, cursors: dict[int, int]) -> None:
        """Sends the state outside the rooms' sequences.

        Cursors belong where the client listens. One that says them here does not know this, and fetches the room anew.
        """
        await self.flushed()
        for room_id in cursors:
            self._outbox.put(protocol.encode(protocol.Reset(room_id)))
        listener = Listener(self._exchange, self.admitted, subscribes=False)

        async def send(text: str) -> None:
            self._outbox.put(text.encode())
            await self._outbox.flushed()

        async with listener.open(send, None, greets=False) as connection:
            await connection.recap()
            connection.put(protocol.encode(protocol.Synced({})))
            await connection.flushed()
        if listener.code:
            raise ended(listener.code)

    async def flushed(self) -> None:
        """Returns when every frame so far has its result, so that a read after a write finds what was written."""
        for done in self._due:
            await done.wait()
        self._due.clear()
        await self._outbox.flushed()

    async def _handle(self, line: bytes) -> None:
        done = asyncio.Event()

        def put(frames: bytes) -> None:
            self._outbox.put(frames)
            done.set()

        if await commands.handle(self, line, put, self._spend):
            self._due.append(done)

    async def _spend(self, tokens: float) -> None:
        metering.spend([(metering.people, self.admitted.profile.pk)], tokens)

    async def _write(self, text: str) -> None:
        await self._exchange.write(text.encode() + b"\n")

    def _give_up(self) -> None:
        """Drops the results, because the client does not read them. Its frames are still carried out."""
        self._outbox.close()
