"""A consumer that receives its events by a direct call instead of through a queue of its own."""

import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class CalledConsumer(AsyncConsumer):
    """Dispatches client messages, one at a time, to handler methods named as in Channels.

    `channel_layer` must be a layer from this package. To receive the events of `channel_name`, `attach` a callable to
    it there. Channels' own consumer runs one task for its client and one for its queue, and copies each event.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs until the client disconnects.

        Daphne cancels a consumer that is still running some seconds after its client has gone, for example while a
        database is locked. `ended` is called then too, so nothing is left behind.
        """
        self.scope = scope
        self.base_send = send
        self.channel_layer = get_channel_layer(self.channel_layer_alias)
        self.channel_name = await self.channel_layer.new_channel()
        with contextlib.suppress(StopConsumer):
            try:
                while True:
                    await self.dispatch(await receive())
            finally:
                self.channel_layer.detach(self.channel_name)
                await self.ended()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Calls the message's handler directly; Channels first has a thread check for old database connections.

        Exceptions are logged and the connection stays open. An exception that escaped would close it with 1011 and
        leave its subscriptions behind.
        """
        handler = getattr(self, message["type"].replace(".", "_"), None)
        if handler is None:
            return
        try:
            await handler(message)
        except StopConsumer:
            raise
        except Exception:
            logger.exception("A consumer could not handle a %s.", message["type"])

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def ended(self) -> None:
        """Called once, when the client has disconnected or the consumer was cancelled."""
