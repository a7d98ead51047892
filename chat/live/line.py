"""A connection to Redis that calls with what comes, where the client's own would have a task wait for it."""

import asyncio
from collections.abc import Callable
from typing import Any

import hiredis
from redis.exceptions import ResponseError

ANSWER_SECONDS = 1.0

Command = tuple[str | bytes, ...]

_NO_MORE = object()


class Line(asyncio.Protocol):
    """Takes over a connection that redis-py has opened, with all that this may mean: TLS, passwords, Sentinels.

    `take(said)` gets each thing that Redis says; `give_up(error)` is called when the line is of no more use. A task
    that waits for what is said, and asyncio's streams, would be a turn of the event loop and 20 µs more for each event.
    """

    def __init__(self, connection: Any, take: Callable[[Any], None], give_up: Callable[[Exception], None]) -> None:
        self._pack = connection.pack_commands
        self._take = take
        self._give_up = give_up
        self._reader = hiredis.Reader(notEnoughData=_NO_MORE)
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._transport: Any = connection._writer.transport
        self._streams = self._transport.get_protocol()
        self._transport.set_protocol(self)

    def say(self, *commands: Command) -> None:
        """Never waits; what the system does not take is kept."""
        self._transport.writelines(self._pack(commands))

    async def room(self) -> None:
        """Returns when little is kept, or the line is lost."""
        await self._has_room.wait()

    def end(self) -> None:
        """What is kept is dropped, and nobody waits for room any more."""
        self._transport.abort()

    # From asyncio.

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (said := self._reader.gets()) is not _NO_MORE:
                self._take(said)
        except Exception as error:
            self._give_up(error)

    def pause_writing(self) -> None:
        self._has_room.clear()

    def resume_writing(self) -> None:
        self._has_room.set()

    def connection_lost(self, error: Exception | None) -> None:
        self._has_room.set()
        self._give_up(error or ConnectionError("Redis has closed the connection"))
        self._streams.connection_lost(error)  # redis-py waits for this when it closes.


class AnsweredLine(Line):
    """One on which each command is answered. Nobody waits for the answers, but they must come within some time."""

    def __init__(self, connection: Any, give_up: Callable[[Exception], None]) -> None:
        super().__init__(connection, self._take_answer, give_up)
        self._asked = self._answered = 0
        self._look: asyncio.TimerHandle | None = None

    def say(self, *commands: Command) -> None:
        super().say(*commands)
        self._asked += len(commands)
        if self._look is None:
            self._look_later()

    def _take_answer(self, answer: Any) -> None:
        if isinstance(answer, Exception):
            raise ResponseError(str(answer))
        self._answered += 1

    def _look_later(self) -> None:
        """One timer for all that is asked until it ends."""
        loop = asyncio.get_running_loop()
        self._look = loop.call_later(ANSWER_SECONDS, self._look_for_answers, self._asked)

    def _look_for_answers(self, asked: int) -> None:
        self._look = None
        if self._answered < asked:
            self._give_up(TimeoutError("a command had no answer"))
        elif self._answered < self._asked:
            self._look_later()

    def connection_lost(self, error: Exception | None) -> None:
        if self._look:
            self._look.cancel()
        super().connection_lost(error)
