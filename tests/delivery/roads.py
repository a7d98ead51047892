"""The ways by which a page is connected: a WebSocket, an event stream, or one poll after the other.

Each gives what it hears by `recv`, a text of one or more frames, takes frames by `send`, and raises `Ended` when it is
over. On plain HTTP what is sent is a request of its own, and its answers come back in its response.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

import httpx
import websockets
from websockets.asyncio.client import connect

from tests.clients import Stream
from tests.delivery.page import Page
from tests.servers import Site

CUT = 1006
POLL_SECONDS = 5
_TOKEN = "t" * 32
_FORM = {"X-CSRFToken": _TOKEN}
_CODES = {401: 4401, 403: 4403, 429: 4429, 503: 4412}


class Ended(Exception):  # noqa: N818  It was to be expected.
    """The connection is over; `code` is a WebSocket's close code, or what stands for it elsewhere."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Road(Protocol):
    async def recv(self) -> str: ...

    async def send(self, text: str) -> None: ...


Open = Callable[[Site, Page], contextlib.AbstractAsyncContextManager[Road]]


class _Socket:
    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket = socket

    async def recv(self) -> str:
        with _codes_of_sockets():
            return await self._socket.recv()

    async def send(self, text: str) -> None:
        with _codes_of_sockets():
            await self._socket.send(text)


@contextlib.contextmanager
def _codes_of_sockets():
    try:
        yield
    except websockets.ConnectionClosed as closed:
        raise Ended(closed.rcvd.code if closed.rcvd else CUT) from None


@contextlib.asynccontextmanager
async def by_socket(site: Site, page: Page) -> AsyncIterator[Road]:
    options = {"compression": None, "max_size": None, "ping_interval": None, "open_timeout": None, "close_timeout": 1}
    headers = {"Cookie": f"sessionid={page.account.session}", "Origin": site.url}
    async with connect(site.socket_url, additional_headers=headers, **options) as socket:
        road = _Socket(socket)
        await road.send(json.dumps({"type": "sync", "rooms": page.cursors}))
        yield road


class _Requests:
    """The common part of plain HTTP: an inbox that fills from the side, and requests that send."""

    def __init__(self, http: httpx.AsyncClient, page: Page) -> None:
        self.http = http
        self.page = page
        self._inbox: asyncio.Queue[str | Ended] = asyncio.Queue()

    async def recv(self) -> str:
        heard = await self._inbox.get()
        self._inbox.task_done()
        if isinstance(heard, Ended):
            raise heard
        return heard

    async def send(self, text: str) -> None:
        try:
            response = await self.http.post("/live/send", content=text, headers=_FORM)
        except httpx.HTTPError:
            raise Ended(CUT) from None
        self._take(response)

    async def hear(self, listen: Callable[["_Requests"], Awaitable[None]]) -> None:
        try:
            await listen(self)
        except Ended as ended:
            self._inbox.put_nowait(ended)
        except httpx.HTTPError:
            self._inbox.put_nowait(Ended(CUT))

    async def stream(self) -> None:
        asked = {"cursors": self.page.cursors}
        async with self.http.stream("POST", "/live/stream", json=asked, headers=_FORM) as response:
            if response.status_code != 200:
                raise Ended(_CODES.get(response.status_code, CUT))
            stream = Stream(response)
            while event := await stream.event(silence=None):
                if event.get("event") == "close":
                    raise Ended(int(event["data"]))
                self._inbox.put_nowait(event["data"])
        raise Ended(CUT)

    async def poll(self) -> None:
        is_first = True
        while True:
            asked = {"cursors": self.page.cursors, "hello": is_first, "wait": 0 if is_first else POLL_SECONDS}
            self._take(await self.http.post("/live/poll", json=asked, headers=_FORM))
            await self._inbox.join()  # The page's cursors have moved.
            is_first = False

    def _take(self, response: httpx.Response) -> None:
        if response.status_code != 200:
            raise Ended(_CODES.get(response.status_code, CUT))
        if response.text:
            self._inbox.put_nowait(response.text.rstrip("\n"))


def _by_requests(listen: Callable[[_Requests], Awaitable[None]]) -> Open:
    @contextlib.asynccontextmanager
    async def road(site: Site, page: Page) -> AsyncIterator[Road]:
        cookies = {"sessionid": page.account.session, "csrftoken": _TOKEN}
        async with httpx.AsyncClient(base_url=site.url, cookies=cookies, timeout=60) as http:
            requests = _Requests(http, page)
            hearing = asyncio.create_task(requests.hear(listen))
            try:
                yield requests
            finally:
                hearing.cancel()
                await asyncio.gather(hearing, return_exceptions=True)

    return road


by_stream = _by_requests(_Requests.stream)
by_polls = _by_requests(_Requests.poll)

EVERY: tuple[Open, ...] = (by_socket, by_stream, by_polls)
