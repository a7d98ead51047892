"""People who use a running site as browsers and programs do: pages over HTTP, frames over a WebSocket."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import httpx
import websockets

from tests.patience import PATIENCE
from tests.servers import Site

_client_ids = (f"client-{number}" for number in count())


def names(people: list[dict[str, Any]]) -> list[str]:
    """The nicknames of people in a frame."""
    return [person["nickname"] for person in people]


class Person:
    """Somebody with a browser session."""

    def __init__(self, site: Site, nickname: str) -> None:
        self.site = site
        self.nickname = nickname
        # A connection that has been idle is not used again, for other servers close those after 5 s.
        self.http = httpx.AsyncClient(base_url=site.url, limits=httpx.Limits(keepalive_expiry=2))
        self.wires: list[Wire] = []

    @classmethod
    async def join(cls, site: Site, nickname: str) -> "Person":
        person = cls(site, nickname)
        response = await person.submit("/join/", at="/", nickname=nickname)
        assert response.status_code == 302, response.text
        return person

    async def submit(self, path: str, at: str = "/rooms/", **fields: str) -> httpx.Response:
        """Posts a form as the page `at` does."""
        await self.http.get(at)
        fields["csrfmiddlewaretoken"] = self.http.cookies["csrftoken"]
        return await self.http.post(path, data=fields)

    async def create_room(self, title: str, kind: str = "public") -> str:
        """The slug of a new room."""
        response = await self.submit("/rooms/new/", title=title, kind=kind)
        assert response.status_code == 302, response.text
        return response.headers["location"].split("/")[2]

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    async def connect(self, cursors: dict | None = None, **headers: str) -> "Wire":
        """A connection that has said hello, and all that was missed after these cursors."""
        wire = await Wire.open(self.site, {"Cookie": self.cookie, "Origin": self.site.url, **headers})
        self.wires.append(wire)
        await wire.begin(cursors or {})
        return wire

    # Over plain HTTP.

    async def ask(self, door: str, cursors: dict | None = None, **query: Any) -> httpx.Response:
        """The answer of `/live/<door>`."""
        if cursors is None:
            return await self.http.get(f"/live/{door}", params=query)
        return await self.listen(door, cursors=cursors, **query)

    async def poll(self, cursors: dict | None = None, **query: Any) -> list[dict[str, Any]]:
        """The frames of an answer, of which the last is `synced`."""
        response = await self.ask("poll", cursors, **query)
        assert response.status_code == 200, response.text
        return frames_of(response)

    async def ask_too_often(self) -> httpx.Response:
        """Asks without a pause until it is refused for that, however slow this machine is; the refusal."""
        async with asyncio.timeout(PATIENCE):
            while True:
                answers = await asyncio.gather(*(self.ask("poll", wait=0) for _ in range(30)))
                for answer in answers:
                    if answer.status_code == 429:
                        return answer

    async def listen(self, door: str, body: Any = None, **asked: Any) -> httpx.Response:
        """The answer of `/live/<door>` to a body."""
        named = {"json": asked if body is None else body, "headers": self._token}
        return await self.http.post(f"/live/{door}", **named)

    @property
    def _token(self) -> dict[str, str]:
        return {"X-CSRFToken": self.http.cookies["csrftoken"]}

    @contextlib.asynccontextmanager
    async def stream_by_post(self, **asked: Any) -> AsyncIterator["Stream"]:
        async with self.http.stream("POST", "/live/stream", json=asked, headers=self._token) as response:
            yield Stream(response)

    async def say(self, *frames: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
        """Sends frames in one request; the frames that answer them."""
        response = await self.deliver("\n".join(json.dumps(frame) for frame in frames), **query)
        assert response.status_code == 200, response.text
        return frames_of(response)

    async def deliver(self, body: str | bytes, **query: Any) -> httpx.Response:
        token = {"X-CSRFToken": self.http.cookies["csrftoken"]}
        return await self.http.post("/live/send", content=body, params=query, headers=token)

    @contextlib.asynccontextmanager
    async def stream(self, cursors: dict | None = None, last_id: str = "") -> AsyncIterator["Stream"]:
        headers = {"Last-Event-ID": last_id} if last_id else {}
        named = (
            {"headers": headers}
            if cursors is None
            else {"headers": headers | self._token, "json": {"cursors": cursors}}
        )
        method = "GET" if cursors is None else "POST"
        async with self.http.stream(method, "/live/stream", **named) as response:
            yield Stream(response)

    async def close(self) -> None:
        for wire in self.wires:
            await wire.close()
        await self.http.aclose()


def frames_of(response: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in response.text.splitlines()]


def post(body: str, **fields: Any) -> dict[str, Any]:
    """A frame that posts, under a client_id of its own."""
    return {"type": "post", "client_id": next(_client_ids), "body": body, **fields}


class Stream:
    """An event stream: its events one after the other, and the frames in them."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.last_id = ""
        self.comments = 0
        self._lines = response.aiter_lines()
        self._frames: deque[dict[str, Any]] = deque()

    async def event(self, silence: float | None = PATIENCE) -> dict[str, str]:
        """The next event: its fields, of which `data` may have several lines. Empty at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(silence):
            async for line in self._lines:
                if line.startswith(":"):
                    self.comments += 1
                elif line:
                    name, _, value = line.partition(": ")
                    fields[name] = f"{fields[name]}\n{value}" if name in fields else value
                elif fields:
                    self.last_id = fields.get("id", self.last_id)
                    return fields
        return {}

    async def frame(self) -> dict[str, Any]:
        while not self._frames:
            event = await self.event()
            assert "data" in event, "the stream has ended"
            self._frames.extend(json.loads(line) for line in event["data"].split("\n"))
        return self._frames.popleft()

    async def expect(self, type: str) -> dict[str, Any]:  # noqa: A002
        """The next frame of this type; those before it are passed over."""
        while (frame := await self.frame())["type"] != type:
            pass
        return frame


class Wire:
    """A WebSocket to the site. Frames that were not expected yet wait until they are."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.frames: deque[dict[str, Any]] = deque()
        self.hello: dict[str, Any] = {}
        self.synced: dict[str, int] = {}

    @classmethod
    async def open(cls, site: Site, headers: dict[str, str] | None = None, **options: Any) -> "Wire":
        return cls(
            await websockets.connect(site.socket_url, additional_headers=headers or {}, max_size=None, **options)
        )

    async def begin(self, cursors: dict | None = None) -> None:
        """Says cursors, after which the server greets and sends what was missed."""
        await self.send("sync", rooms=cursors or {})
        await self.expect("hello")
        self.synced = (await self.expect("synced"))["rooms"]

    def room(self, slug: str) -> int:
        """The id of a room, as hello told it."""
        return next(room["id"] for room in self.hello["rooms"] if room["slug"] == slug)

    async def send(self, type: str, **fields: Any) -> None:  # noqa: A002
        await self.send_raw(json.dumps({"type": type, **fields}, ensure_ascii=False))

    async def send_raw(self, raw: str | bytes) -> None:
        await self.socket.send(raw)

    async def post(self, body: str, **fields: Any) -> dict[str, Any]:
        """Posts and returns the ack."""
        client_id = fields.setdefault("client_id", next(_client_ids))
        await self.send("post", body=body, **fields)
        return await self.expect("ack", client_id=client_id)

    async def expect(self, type: str, **fields: Any) -> dict[str, Any]:  # noqa: A002
        """The next frame of this type with these fields; those before it stay for later."""
        wanted = {"type": type, **fields}
        async with asyncio.timeout(PATIENCE):
            passed = 0
            while True:
                while passed < len(self.frames):
                    frame = self.frames[passed]
                    if all(frame.get(key) == value for key, value in wanted.items()):
                        del self.frames[passed]
                        if type == "hello":
                            self.hello = frame
                        return frame
                    passed += 1
                self.frames.extend(await self._read())

    async def expect_body(self, body: str) -> dict[str, Any]:
        """The `message` frame with that text."""
        while True:
            frame = await self.expect("message")
            if frame["message"]["body"] == body:
                return frame

    async def so_far(self) -> list[dict[str, Any]]:
        """All frames that the server has sent up to now: it answers a sync after what it put out before."""
        await self.send("sync")
        await self.expect("synced", rooms={})
        frames, self.frames = list(self.frames), deque()
        return frames

    async def close_code(self) -> int:
        """Waits until the server closes, and says with which code."""
        async with asyncio.timeout(PATIENCE):
            try:
                while True:
                    self.frames.extend(await self._read())
            except websockets.ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 1006

    async def close(self) -> None:
        await self.socket.close()

    async def _read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (await self.socket.recv()).split("\n")]
