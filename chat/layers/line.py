"""A Redis connection that passes incoming data to a callback; redis-py's own needs a task that waits for it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import hiredis
from redis.exceptions import ResponseError

ANSWER_SECONDS = 1.0
"""How long Redis may take to reply to a command or confirm a subscription."""

Publication = tuple[str, bytes]
"""A topic and the payload published on it."""

Command = tuple[str | bytes, ...]

_NO_MORE = object()


class Line(asyncio.Protocol):
    """Takes over a connection that redis-py has opened, so TLS, passwords and Sentinels are redis-py's business.

    It speaks RESP3, which allows subscriptions and commands on one connection. `on_push(pushed)` receives what Redis
    pushes for subscriptions. Nothing waits for replies, but they must arrive in time. `give_up(error)` is called when
    the connection is no longer usable. With asyncio's streams and a task reading from them, a message cost the event
    loop a fifth more in a room of two.
    """

    def __init__(
        self, connection: Any, on_push: Callable[[list[Any]], None], give_up: Callable[[Exception], None]
    ) -> None:
        self._pack = connection.pack_commands
        self._on_push = on_push
        self._give_up = give_up
        self._reader = hiredis.Reader(notEnoughData=_NO_MORE)
        self._asked = self._replied = 0
        self._heard_at = 0.0
        self._look: asyncio.TimerHandle | None = None
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._transport: Any = connection._writer.transport
        self._streams = self._transport.get_protocol()
        self._transport.set_protocol(self)

    def subscribe(self, *topics: str) -> None:
        """Subscribes to the topics. Redis pushes one confirmation per topic."""
        self._say([("SUBSCRIBE", *topics)])

    def unsubscribe(self, *topics: str) -> None:
        self._say([("UNSUBSCRIBE", *topics)])

    def publish(self, publications: Sequence[Publication]) -> None:
        """Publishes the messages in order. Redis replies to each."""
        self._say([("PUBLISH", *publication) for publication in publications])
        self._asked += len(publications)
        if self._look is None:
            self._check_later()

    def _say(self, commands: Sequence[Command]) -> None:
        """Writes without waiting; the transport buffers what the system does not accept.

        `writelines` is no alternative: in Python 3.12 and 3.13 it does not report how much is buffered, and it fails
        on a connection that has just been closed.
        """
        self._transport.write(b"".join(self._pack(commands)))

    async def room(self) -> None:
        """Returns when little is buffered or the connection is lost."""
        await self._has_room.wait()

    def end(self) -> None:
        """Aborts the connection: buffered data is dropped and callers of `room` are released."""
        self._transport.abort()

    def _check_later(self) -> None:
        """Starts one timer that covers all commands sent before it fires."""
        loop = asyncio.get_running_loop()
        self._look = loop.call_later(ANSWER_SECONDS, self._check_replies, self._asked)

    def _check_replies(self, asked: int) -> None:
        """Gives up if replies are overdue and nothing has arrived.

        A connection that is delivering data is alive, however far back in it the replies are.
        """
        self._look = None
        is_silent = asyncio.get_running_loop().time() - self._heard_at > ANSWER_SECONDS
        if self._replied < asked and is_silent:
            self._give_up(TimeoutError("a command had no reply"))
        elif self._replied < self._asked:
            self._check_later()

    # asyncio.Protocol callbacks.

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not _NO_MORE:
                if isinstance(reply, hiredis.PushNotification):
                    self._on_push(reply)
                elif isinstance(reply, Exception):
                    raise ResponseError(str(reply))
                else:
                    self._replied += 1
            self._heard_at = asyncio.get_running_loop().time()  # Read the clock anew: processing may have taken long.
        except Exception as error:
            self._give_up(error)

    def pause_writing(self) -> None:
        self._has_room.clear()

    def resume_writing(self) -> None:
        self._has_room.set()

    def connection_lost(self, error: Exception | None) -> None:
        if self._look:
            self._look.cancel()
        self._has_room.set()
        self._give_up(error or ConnectionError("Redis has closed the connection"))
        self._streams.connection_lost(error)  # redis-py waits for this when it closes.
