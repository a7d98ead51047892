"""Message queues of a channel layer: ordered, bounded, and with expiry."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from time import monotonic
from typing import Any

from channels.exceptions import ChannelFull

Message = dict[str, Any]

UNREAD_MESSAGES = 100_000
"""Unreceived messages on all channels together. Beyond this, the channels that have gone longest without a new message
lose theirs."""


class Queues:
    """Holds a queue for each channel that has messages or receivers waiting.

    A message not received within `expiry` seconds is dropped, as the channel layer specification requires. Most
    channels with messages but no receiver belong to consumers that have ended; expiry removes the messages and the
    channels with them. `capacity` returns how many messages a channel may hold; `dropped` is called for each channel
    without a receiver whose messages have all been dropped.
    """

    def __init__(self, expiry: float, capacity: Callable[[str], int], dropped: Callable[[str], None]) -> None:
        self._expiry = expiry
        self._capacity = capacity
        self._dropped = dropped
        self._messages: dict[str, deque[tuple[float, Message]]] = {}
        """Each message with its expiry time. Channels are ordered by their latest message, the most recent last."""
        self._count = 0
        self._waiters: dict[str, deque[asyncio.Future[None]]] = {}
        self.receivers: Counter[str] = Counter()
        """How many receivers each channel has now."""

    def __len__(self) -> int:
        return len(self._messages) + len(self._waiters) + len(self.receivers)

    def put(self, channel: str, message: Message) -> None:
        """Queues the message. Raises `ChannelFull` if the channel is at capacity."""
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
        """Returns the channel's next message, waiting for one if necessary."""
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
        """Drops all messages. Receivers keep waiting."""
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
        """Waits until there may be a message."""
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
                self._wake(channel)  # Pass the wake-up on to another receiver.
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
        """Drops the channels whose last message has expired; they come first in the dict."""
        while self._messages:
            channel, queue = next(iter(self._messages.items()))
            if queue and queue[-1][0] > now:
                return
            self._drop(channel)

    def _drop(self, channel: str) -> None:
        self._count -= len(self._messages.pop(channel))
        if not self.receivers[channel]:
            self._dropped(channel)
