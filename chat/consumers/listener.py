"""A connection that lasts for one request."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

from chat.consumers.exchange import Exchange
from chat.live.admission import Admitted
from chat.live.connection import Connection
from chat.live.node import node
from chat.live.outbox import Write
from chat.live.presence import BETWEEN_POLLS_SECONDS
from chat.wire import protocol


class Listener:
    """A connection that lasts for one request. `subscribes` is false for a poll with `wait=0` and for a sync."""

    connection: Connection

    def __init__(self, exchange: Exchange, admitted: Admitted, *, subscribes: bool = True) -> None:
        self.code = 0
        self._exchange = exchange
        self._admitted = admitted
        self._subscribes = subscribes
        self._over = asyncio.Event()
        self._woken = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """Whether the client has gone, or the connection was closed with a `code`."""
        return self._over.is_set()

    @contextlib.asynccontextmanager
    async def open(
        self,
        send: Callable[[str], Awaitable[None]],
        cursors: dict[int, int] | None,
        write: Write | None = None,
        *,
        greets: bool = True,
    ) -> AsyncIterator[Connection]:
        self.connection = Connection(node(), self._admitted, send, self._close, write, subscribes=self._subscribes)
        going = asyncio.create_task(self._exchange.disconnected())
        going.add_done_callback(lambda _: self._end())
        try:
            await self.connection.open(cursors, greets=greets)
            yield self.connection
        finally:
            going.cancel()
            self.connection.end(BETWEEN_POLLS_SECONDS)

    def wake(self) -> None:
        self._woken.set()

    async def woken(self, seconds: float) -> None:
        """Returns after `wake`, when it is over, or after this time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def first_of(self, *waits: Coroutine[Any, Any, Any]) -> None:
        """Returns when the first of these has finished, or when it is over."""
        tasks = [asyncio.ensure_future(wait) for wait in (*waits, self._over.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    async def _close(self, code: int) -> None:
        self.code = code
        self._end()

    def _end(self) -> None:
        self._over.set()
        self._woken.set()


def synced(connection: Connection) -> bytes:
    """Returns the frame with all cursors of a connection."""
    return protocol.encode(protocol.Synced(dict(connection.cursors)))
