"""Programs that know nothing but a WebSocket."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import websockets

from tests.patience import PATIENCE
from tests.servers import Site

NOT_AN_OBJECT = "[]"


class Program:
    """A client as the course has them: what it sends is text, what it hears is JSON."""

    def __init__(self, name: str, socket: websockets.ClientConnection) -> None:
        self.name = name
        self.socket = socket

    @classmethod
    async def open(cls, site: Site, path: str, **options: Any) -> "Program":
        url = f"ws://127.0.0.1:{site.port}{quote(path)}"
        return cls(path.removeprefix("/ws/"), await websockets.connect(url, max_size=None, **options))

    async def say(self, text: str | bytes) -> None:
        await self.socket.send(text)

    async def tell(self, to_user: Any, msg: Any) -> None:
        await self.say(json.dumps({"to_user": to_user, "msg": msg}))

    async def hear(self) -> dict[str, str]:
        async with asyncio.timeout(PATIENCE):
            return json.loads(await self.socket.recv())

    async def hear_of(self, sender: str) -> str:
        """The next words of this sender; the site is full of others."""
        while True:
            said = await self.hear()
            if said.get("sender") == sender:
                return said["msg"]

    async def error(self) -> str:
        while True:
            said = await self.hear()
            if "error" in said:
                return said["error"]

    async def so_far(self) -> list[dict[str, str]]:
        """All that the server has told up to now: what it answers comes after what it told before."""
        await self.say(NOT_AN_OBJECT)
        heard: list[dict[str, str]] = []
        while True:
            said = await self.hear()
            if "not an object" in said.get("error", ""):
                return heard
            heard.append(said)

    async def ended(self) -> tuple[str, int]:
        """Waits until the server closes: what it told last, and the code."""
        last = "{}"
        async with asyncio.timeout(PATIENCE):
            try:
                while True:
                    last = str(await self.socket.recv())
            except websockets.ConnectionClosed as closed:
                told = json.loads(last)
                return told.get("error", "") if isinstance(
                    told, dict
                ) else "", closed.rcvd.code if closed.rcvd else 1006
