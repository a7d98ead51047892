"""Channel layers: the standard Channels API, plus a fast path that passes events to local connections."""

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
GroupMessage = tuple[str, dict[str, Any]]
"""A group and the event sent to it."""


class LocalChannelLayer(BaseChannelLayer):
    """A channel layer for one process that needs no external service.

    It differs from Channels' in-memory layer where that one does not suit a chat: a broadcast costs one step per
    member instead of a walk over all channels; a channel never drops out of its groups because nothing has read it for
    a while; and a channel with a sink (see `attach`) gets its events by a call, without a queue, a copy or a task to
    wake.

    A channel without a sink has a queue of `capacity` messages. When it is full, `send` raises `ChannelFull`, as in any
    layer, and `group_send` skips the channel. A message that is not received within `expiry` seconds is dropped; group
    membership does not expire. docs/layers.md lists the guarantees.
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

    # The fast path.

    def attach(self, channel: str, sink: Sink) -> None:
        """Passes the channel's events to `sink` from now on. It must neither modify them nor keep them for long."""
        self._sinks[channel] = sink

    def detach(self, channel: str) -> None:
        self._sinks.pop(channel, None)

    async def group_send_all(self, messages: Sequence[GroupMessage]) -> None:
        """Sends several events to their groups, in order."""
        for group, message in messages:
            await self.group_send(group, message)

    def deliver(self, group: str, message: dict[str, Any]) -> None:
        """Delivers an event to the group's channels in this process only."""
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
                # A failing member must not prevent delivery to the others.
                logger.exception("A channel of %s could not take an event.", group)
        if full:
            logger.info("%d channels of %s are full, and were left out.", full, group)

    reaches_other_processes = False
    """Whether events sent by a `manage.py` command reach the processes that serve the site."""

    def has_local(self, group: str) -> bool:
        """Returns whether the group has a member in this process."""
        return group in self._groups

    def buffering(self) -> AbstractContextManager[None]:
        """Marks a period in which this process is about to send; events from elsewhere may wait for that."""
        return nullcontext()

    @property
    def is_whole(self) -> bool:
        """Whether events can be expected to arrive. Within one process they cannot be lost."""
        return True

    def when_in_doubt(self, call: Callable[[], None]) -> None:
        """Registers a callback for whenever events may have been lost."""

    def _put(self, channel: str, message: dict[str, Any]) -> None:
        sink = self._sinks.get(channel)
        if sink:
            sink(message)
            return
        self._queues.put(channel, deepcopy(message))

    def _abandon(self, channel: str) -> None:
        """Called when all messages of a channel that nothing receives on have been dropped."""

    @staticmethod
    def _check(message: object) -> None:
        if not isinstance(message, dict):
            raise TypeError("a message on a channel layer is a dict")
