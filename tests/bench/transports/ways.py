"""The ways of hearing what is said: each is a client that listens, as a page of the site would."""

import asyncio
import random
from functools import partial

from tests.bench.checker import Flaws
from tests.bench.dialects import Dialect
from tests.bench.servers import Seat
from tests.bench.transports.lines import HttpLine, StreamLine
from tests.bench.transports.websocket import SocketLine

WAIT_SECONDS = 25


class Poll(HttpLine):
    """Asks again and again, each time with the cursors that it was given last.

    With `every` it asks at these intervals, beginning anywhere in one, and is answered at once. Without, each request
    waits for the next thing to come: long polling.
    """

    def __init__(self, seat: Seat, dialect: Dialect, flaws: Flaws, every: float = 0.0) -> None:
        super().__init__(seat, dialect, flaws)
        self._every = every
        self._wait = 0 if every else WAIT_SECONDS
        self._cursors = b"null"
        self._due = 0.0

    def begin(self) -> None:
        body = b'{"wait":%d,"cursors":%s}' % (self._wait, self._cursors)
        self.fetch(f"/live/poll?as={self.seat.name}", body)

    def answered(self, body: bytes) -> None:
        *frames, synced = body.removesuffix(b"\n").split(b"\n")
        self._cursors = synced.partition(b'"rooms":')[2][:-1]
        if frames:
            self.note(b"\n".join(frames))
        if self.closing:
            return
        if not self._every:
            self.begin()
            return
        loop = asyncio.get_running_loop()
        self._due = self._due + self._every if self._due else loop.time() + random.uniform(0, self._every)  # noqa: S311
        loop.call_at(self._due, self._again)

    def _again(self) -> None:
        if not self.closing:
            self.begin()


class Stream(StreamLine):
    def begin(self) -> None:
        self.listen(f"/live/stream?as={self.seat.name}")


class Socket(SocketLine):
    def begin(self) -> None:
        self.shake_hands("/ws/chat/")


WAYS = {
    "poll_1": partial(Poll, every=1.0),
    "poll_5": partial(Poll, every=5.0),
    "long_poll": Poll,
    "stream": Stream,
    "websocket": Socket,
}

NAMES = {
    "poll_1": "polling every second",
    "poll_5": "polling every 5 s",
    "long_poll": "long polling",
    "stream": "event stream (SSE)",
    "websocket": "WebSocket",
}

ROUND_SECONDS = {"poll_1": 20, "poll_5": 20, "long_poll": WAIT_SECONDS, "stream": 30, "websocket": 25}
"""A time in which each client of a way does the same, a whole number of times, while nobody says anything."""
