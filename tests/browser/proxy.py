"""A proxy between a browser and the site, of the kinds that stand in offices, trains and hotels."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator

from tests.servers import Site

_REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_HEAD_END = b"\r\n\r\n"
_LAST_CHUNK = b"0\r\n\r\n"
_AT_ONCE = 65536


class Proxy:
    """Passes bytes on, but for what it is told to spoil; it counts the `upgrades` it was asked for, and its `cuts`.

    `refuses_upgrades`: a WebSocket's handshake is answered with 403. `swallows_frames`: after the handshake nothing of
    a WebSocket arrives, in either direction. `keeps_streams`: an answer arrives when it is complete, which a stream
    never is. `lifetime`: a new connection is cut after so many seconds.
    """

    def __init__(self, site: Site, **spoils: bool | float) -> None:
        self.site = site
        self.url = ""
        self.upgrades = 0
        self.cuts = 0
        self.is_down = False
        self.spoil(**spoils)
        self._pairs: set[_Pair] = set()

    def spoil(
        self,
        refuses_upgrades: bool = False,
        swallows_frames: bool = False,
        keeps_streams: bool = False,
        lifetime: float | None = None,
    ) -> None:
        """From now on; what is not named is left alone."""
        self.refuses_upgrades = refuses_upgrades
        self.swallows_frames = swallows_frames
        self.keeps_streams = keeps_streams
        self.lifetime = lifetime

    def cut(self) -> None:
        """Every connection that is open now."""
        self._loop.call_soon_threadsafe(self._cut_all)

    def go_down(self) -> None:
        """As `cut`, and no connection is taken until `come_back`.

        A browser sends a request again by itself where a connection that it had used before is cut, and says nothing.
        """
        self.is_down = True
        self.cut()

    def come_back(self) -> None:
        self.is_down = False

    @contextlib.contextmanager
    def running(self) -> Iterator["Proxy"]:
        ready = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        thread.start()
        ready.wait()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._over.set)
            thread.join()

    async def _serve(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        server = await asyncio.start_server(self._connect, "127.0.0.1")
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await self._over.wait()
        server.close()
        while self._pairs:
            self._cut_all()
            await asyncio.sleep(0)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            writer.transport.abort()
            return
        pair = _Pair(self, reader, writer)
        self._pairs.add(pair)
        timer = self._loop.call_later(self.lifetime, self._cut, pair) if self.lifetime else None
        try:
            await pair.run()
        finally:
            if timer:
                timer.cancel()
            pair.close()
            self._pairs.discard(pair)

    def _cut(self, pair: "_Pair") -> None:
        self.cuts += 1
        pair.close()

    def _cut_all(self) -> None:
        for pair in self._pairs:
            self._cut(pair)


class _Pair:
    """A browser's connection, and the one to the site that belongs to it."""

    def __init__(self, proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._reader, self._writer = reader, writer
        self._writers = [writer]
        self._is_socket = False
        self._is_stream = False
        self._kept = b""

    def close(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def run(self) -> None:
        """Until either side hangs up."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await self._reader.readuntil(_HEAD_END)
            self._is_socket = b"\r\nupgrade: websocket" in head.lower()
            self._proxy.upgrades += self._is_socket
            if self._is_socket and self._proxy.refuses_upgrades:
                self._writer.write(_REFUSED)
                await self._writer.drain()
                self._writer.close()
                await self._writer.wait_closed()
            else:
                await self._connect(head)

    async def _connect(self, head: bytes) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._proxy.site.port)
        self._writers.append(far_writer)
        far_writer.write(head)
        if self._is_socket:
            self._writer.write(await far_reader.readuntil(_HEAD_END))
        passing = [
            asyncio.ensure_future(self._pass(self._reader, far_writer, lambda piece: piece)),
            asyncio.ensure_future(self._pass(far_reader, self._writer, self._let_through)),
        ]
        await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        for each in passing:
            each.cancel()
        await asyncio.gather(*passing, return_exceptions=True)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, take: Callable[[bytes], bytes]
    ) -> None:
        while piece := await reader.read(_AT_ONCE):
            if not (self._is_socket and self._proxy.swallows_frames):
                writer.write(take(piece))
                await writer.drain()

    def _let_through(self, piece: bytes) -> bytes:
        """The part of the site's answer that may pass now."""
        if self._proxy.keeps_streams and b"\r\ncontent-type: text/event-stream" in piece.lower():
            self._is_stream = True
        if not self._is_stream:
            return piece
        self._kept += piece
        if self._proxy.keeps_streams and not self._kept.endswith(_LAST_CHUNK):
            return b""
        kept, self._kept, self._is_stream = self._kept, b"", False
        return kept
