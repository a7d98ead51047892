"""Channel layers: the standard Channels API, and beside it the short way from an event to the connections here."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from typing import Any
from uuid import uuid4

from channels.exceptions import ChannelFull
from channels.layers import BaseChannelLayer

from chat.layers.queues import Queues

logger = logging.getLogger(__name__)

Sink = Callable[[dict[str, Any]], None]
News = tuple[str, dict[str, Any]]
"""A group, and what it is sent."""


class LocalChannelLayer(BaseChannelLayer):
    """A channel layer for one process, without any service.

    It differs from channels' in-memory layer where that one fails a chat: a broadcast costs one step per member, not
    a walk over all channels; a channel never falls out of its groups because nobody read it for a while; and a channel
    that has a sink (see `attach`) gets its events by a call, without a queue, a copy or a task to wake.

    Channels without a sink have a queue of `capacity` messages: over it `send` raises `ChannelFull`, as any layer
    does, and `group_send` leaves that channel out. A message that nobody receives is dropped after `expiry` seconds;
    membership in a group does not expire. docs/layers.md lists what holds.
    """

    extensions = ["groups", "flush"]

    def __init__(
        self, expiry: float = 60, capacity: int = 100, channel_capacity: dict | None = None, **unused: Any
    ) -> None:
        super().__init__(expiry=expiry, capacity=capacity, channel_capacity=channel_capacity)
        self.channel_capacity = self.compile_capacities(self.channel_capacity)
        self._queues = Queues(expiry, self.get_capacity, self._abandon)
        self._receivers = self._queues.receivers
        self._groups: dict[str, dict[str, None]] = {}
        self._sinks: dict[str, Sink] = {}

    # The standard API.

    async def new_channel(self, prefix: str = "specific") -> str:
        return f"{prefix}.local!{uuid4().hex}"

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        self._check(message)
        self.require_valid_channel_name(channel)
        self._put(channel, message)

    async def receive(self, channel: str) -> dict[str, Any]:
        self.require_valid_channel_name(channel)
        return await self._queues.get(channel)

    async def group_add(self, group: str, channel: str) -> None:
        if group not in self._groups:
            self.require_valid_group_name(group)
        if channel not in self._sinks:
            self.require_valid_channel_name(channel)
        self._groups.setdefault(group, {})[channel] = None

    async def group_discard(self, group: str, channel: str) -> None:
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        channels = self._groups.get(group, {})
        channels.pop(channel, None)
        if not channels:
            self._groups.pop(group, None)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self._check(message)
        self.require_valid_group_name(group)
        self.deliver(group, message)

    async def flush(self) -> None:
        self._queues.clear()
        self._groups.clear()

    # The short way.

    def attach(self, channel: str, sink: Sink) -> None:
        """From now on the channel's events are passed to `sink`, which neither changes nor keeps them for long."""
        self._sinks[channel] = sink

    def detach(self, channel: str) -> None:
        self._sinks.pop(channel, None)

    async def group_send_all(self, news: Sequence[News]) -> None:
        """`group_send` for many at once, in their order."""
        for group, message in news:
            await self.group_send(group, message)

    def deliver(self, group: str, message: dict[str, Any]) -> None:
        """Passes an event to the group's channels in this process, and to no other process."""
        full = 0
        for channel in list(self._groups.get(group, ())):
            try:
                sink = self._sinks.get(channel)
                if sink:
                    sink(message)
                else:
                    self._put(channel, message)
            except ChannelFull:
                full += 1
            except Exception:
                # One member that fails must not keep the others from their event.
                logger.exception("A channel of %s could not take an event.", group)
        if full:
            logger.info("%d channels of %s are full, and were left out.", full, group)

    reaches_other_processes = False
    """Whether what a command of `manage.py` announces is heard by those who serve the site."""

    def has_local(self, group: str) -> bool:
        """Whether anybody in this process is in the group."""
        return group in self._groups

    def holding(self) -> AbstractContextManager[None]:
        """While it lasts this process is about to send. What comes from elsewhere may wait for that, a moment."""
        return nullcontext()

    @property
    def is_whole(self) -> bool:
        """Whether events can be expected to come. They cannot be lost inside one process."""
        return True

    def when_in_doubt(self, call: Callable[[], None]) -> None:
        """Has `call` called whenever events may have been lost."""

    def _put(self, channel: str, message: dict[str, Any]) -> None:
        sink = self._sinks.get(channel)
        if sink:
            sink(message)
            return
        self._queues.put(channel, deepcopy(message))

    def _abandon(self, channel: str) -> None:
        """Nobody receives on a channel, and what waited there has expired."""

    @staticmethod
    def _check(message: object) -> None:
        if not isinstance(message, dict):
            raise TypeError("a message on a channel layer is a dict")
