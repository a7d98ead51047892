"""The buffer for messages that an application has not received yet."""

import asyncio
from typing import Any

Message = dict[str, Any]


class Inbox:
    """Buffers messages until the application receives them. An `asyncio.Queue` would occupy 3 KiB while empty."""

    __slots__ = ("_messages", "_size", "_waiter")

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._size = 0
        self._waiter: asyncio.Future[None] | None = None

    def holds_more_than(self, messages: int, size: int) -> bool:
        return len(self._messages) > messages or self._size > size

    def put(self, message: Message) -> None:
        self._messages.append(message)
        self._size += _size(message)
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    async def get(self) -> Message:
        while not self._messages:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        message = self._messages.pop(0)
        self._size -= _size(message)
        return message


def _size(message: Message) -> int:
    return len(message.get("text") or message.get("bytes") or "")
