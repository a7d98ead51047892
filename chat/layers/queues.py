"""Messages that wait for receivers on a channel layer: in order, bounded, and not for ever."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from time import monotonic
from typing import Any

from channels.exceptions import ChannelFull

Message = dict[str, Any]

UNREAD_MESSAGES = 100_000
"""Messages on all channels at which nobody waits. Beyond them the channels that got none for the longest lose theirs.
"""


class Queues:
    """A queue for each channel that something waits on, or somebody waits at.

    A message that nobody has received within `expiry` seconds is dropped, as the specification of channel layers has
    it. Most channels that get messages and have no receiver are those of consumers that have ended: what was sent to
    them is gone by then, and the channels with it. `capacity` says how many messages a channel holds; `dropped` is told
    of each channel whose messages have all expired.
    """

    def __init__(self, expiry: float, capacity: Callable[[str], int], dropped: Callable[[str], None]) -> None:
        self._expiry = expiry
        self._capacity = capacity
        self._dropped = dropped
        self._messages: dict[str, deque[tuple[float, Message]]] = {}
        """With the time at which each expires. Those that got one last stand at the end."""
        self._count = 0
        self._waiters: dict[str, deque[asyncio.Future[None]]] = {}
        self.receivers: Counter[str] = Counter()
        """How many receive on a channel just now."""

    def __len__(self) -> int:
        return len(self._messages) + len(self._waiters) + len(self.receivers)

    def put(self, channel: str, message: Message) -> None:
        """Raises `ChannelFull`."""
        now = monotonic()
        self._expire(now)
        queue = self._messages.pop(channel, None) or deque()
        self._forget_expired(queue, now)
        is_full = len(queue) >= self._capacity(channel)
        if not is_full:
            queue.append((now + self._expiry, message))
            self._count += 1
        self._messages[channel] = queue
        if is_full:
            raise ChannelFull(channel)
        self._wake(channel)
        while self._count > UNREAD_MESSAGES:
            self._drop(next(iter(self._messages)))

    async def get(self, channel: str) -> Message:
        """The next message; waits for one."""
        self.receivers[channel] += 1
        try:
            while (message := self._next(channel)) is None:
                await self._message(channel)
            return message
        finally:
            self.receivers[channel] -= 1
            if not self.receivers[channel]:
                del self.receivers[channel]

    def clear(self) -> None:
        """Forgets all messages. Whoever waits goes on waiting."""
        self._messages.clear()
        self._count = 0

    def _next(self, channel: str) -> Message | None:
        queue = self._messages.get(channel)
        if queue is None:
            return None
        self._forget_expired(queue, monotonic())
        message = None
        if queue:
            message = queue.popleft()[1]
            self._count -= 1
        if not queue:
            del self._messages[channel]
        return message

    async def _message(self, channel: str) -> None:
        """Returns when there may be a message."""
        waiter = asyncio.get_running_loop().create_future()
        waiters = self._waiters.setdefault(channel, deque())
        waiters.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter in waiters:
                waiters.remove(waiter)
                self._forget_waiters(channel)
            elif channel in self._messages:
                self._wake(channel)  # It was woken for a message that it does not take: another one may.
            raise

    def _wake(self, channel: str) -> None:
        waiters = self._waiters.get(channel)
        if waiters:
            waiter = waiters.popleft()
            self._forget_waiters(channel)
            if not waiter.done():
                waiter.set_result(None)

    def _forget_waiters(self, channel: str) -> None:
        if not self._waiters.get(channel, True):
            del self._waiters[channel]

    def _forget_expired(self, queue: deque[tuple[float, Message]], now: float) -> None:
        while queue and queue[0][0] <= now:
            queue.popleft()
            self._count -= 1

    def _expire(self, now: float) -> None:
        """Drops the channels whose last message has expired: they are the first ones."""
        while self._messages:
            channel, queue = next(iter(self._messages.items()))
            if queue and queue[-1][0] > now:
                return
            self._drop(channel)

    def _drop(self, channel: str) -> None:
        self._count -= len(self._messages.pop(channel))
        if not self.receivers[channel]:
            self._dropped(channel)
