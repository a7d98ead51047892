"""One client's line to the site: a TCP connection on which every byte is counted, and what is said over it."""

import asyncio
import gzip
from time import perf_counter
from urllib.parse import urlsplit

from tests.bench.checker import Flaws
from tests.bench.dialects import Dialect
from tests.bench.servers import Seat
from tests.bench.sockets import OPENING_SECONDS, Client

_TOKEN = "8jOAIFXU9BILzqwb138KbzWdisfRsOIU"

# The headers that Chromium 156 sends from a page of the site, as far as it is the same for each kind of request.
_BROWSER = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Accept-Language: en-US,en;q=0.9",
    f"Cookie: csrftoken={_TOKEN}; last_room=1; {{cookie}}",
)
_REQUEST = (
    "Connection: keep-alive",
    'sec-ch-ua-platform: "Linux"',
    'sec-ch-ua: "Not:A-Brand";v="8", "Chromium";v="156"',
    "sec-ch-ua-mobile: ?0",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: cors",
    "Sec-Fetch-Dest: empty",
    "Referer: http://{host}/rooms/lobby/",
)


class Line(Client, asyncio.Protocol):
    """`sent` and `received` are bytes above TCP; `requests` are those of HTTP."""

    def __init__(self, seat: Seat, dialect: Dialect, flaws: Flaws) -> None:
        super().__init__(seat, dialect, flaws)
        self.sent = self.received = self.requests = 0
        self._host = urlsplit(seat.url).netloc
        self._buffer = b""
        loop = asyncio.get_running_loop()
        self._ready, self._gone = loop.create_future(), loop.create_future()

    async def open(self) -> None:
        """Returns when the site has said hello. Raises `ConnectionError` if it does not."""
        host, port = self._host.split(":")
        async with asyncio.timeout(OPENING_SECONDS):
            await asyncio.get_running_loop().create_connection(lambda: self, host, int(port))
            await self._ready

    async def close(self) -> None:
        self.closing = True
        self._transport.close()
        await self._gone

    def begin(self) -> None:
        """Asks for the first thing."""
        raise NotImplementedError

    def read(self) -> None:
        """Takes what is complete out of the buffer."""
        raise NotImplementedError

    def ask(self, path: str, *headers: str, method: str = "GET", body: bytes = b"") -> None:
        """Sends a request with these headers and the browser's."""
        self.requests += 1
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", *headers, *_BROWSER]
        head = "\r\n".join([*lines, "", ""]).format(host=self._host, cookie=self.seat.headers["Cookie"])
        self.write(head.encode() + body)

    def write(self, data: bytes) -> None:
        self.sent += len(data)
        self._transport.write(data)

    def note(self, payload: bytes) -> None:
        """Frames have come."""
        self.log.append((perf_counter(), payload))
        if not self._ready.done() and self.dialect.ready in payload:
            self._ready.set_result(None)

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.begin()

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        self._buffer += data
        self.read()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closing:
            self.flaws.add("disconnected", f"{self.seat.name} was disconnected")
        if not self._ready.done():
            self._ready.set_exception(ConnectionError(str(self.flaws)))
        self._gone.set_result(None)

    def head(self, status: int) -> bytes | None:
        """The head of a response, in small letters, taken out of the buffer; None until it is all there.

        One of another status is the end.
        """
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return None
        if int(head[9:12]) != status:
            self.flaws.add("refused", f"{self.seat.name} was answered {self._buffer.decode()}")
            self._transport.abort()
            return None
        self._buffer = rest
        return head.lower()


class HttpLine(Line):
    """Requests and answers, one after the other. What an answer has to say is given to `answered`."""

    def __init__(self, seat: Seat, dialect: Dialect, flaws: Flaws) -> None:
        super().__init__(seat, dialect, flaws)
        self._length: int | None = None
        """Of the answer that is coming; None between two of them."""
        self._is_compressed = False

    def fetch(self, path: str, body: bytes) -> None:
        own = (f"Content-Length: {len(body)}", "Content-Type: application/json", f"X-CSRFToken: {_TOKEN}")
        self.ask(path, *_REQUEST, "Accept: */*", "Origin: http://{host}", *own, method="POST", body=body)

    def answered(self, body: bytes) -> None:
        raise NotImplementedError

    def read(self) -> None:
        while (body := self._body()) is not None:
            self.answered(body)

    def _body(self) -> bytes | None:
        if self._length is None:
            head = self.head(200)
            if head is None:
                return None
            self._length = int(_field(head, b"content-length"))
            self._is_compressed = b"\r\ncontent-encoding: gzip" in head
        length, buffer = self._length, self._buffer
        if len(buffer) < length:
            return None
        self._buffer, self._length = buffer[length:], None
        return gzip.decompress(buffer[:length]) if self._is_compressed else buffer[:length]


class StreamLine(Line):
    """One request, and an answer that does not end: server-sent events, in chunks."""

    def __init__(self, seat: Seat, dialect: Dialect, flaws: Flaws) -> None:
        super().__init__(seat, dialect, flaws)
        self._begun = False
        self._events = b""

    def listen(self, path: str) -> None:
        self.ask(path, *_REQUEST, "Accept: text/event-stream", "Pragma: no-cache", "Cache-Control: no-cache")

    def read(self) -> None:
        if not self._begun:
            head = self.head(200)
            if head is None:
                return
            self._begun = True
            if _field(head, b"transfer-encoding") != b"chunked":
                self.flaws.add("not in chunks", head.decode())
        while (chunk := self._chunk()) is not None:
            *events, self._events = (self._events + chunk).split(b"\n\n")
            for event in events:
                lines = [line[6:] for line in event.split(b"\n") if line.startswith(b"data: ")]
                if lines:
                    self.note(b"\n".join(lines))

    def _chunk(self) -> bytes | None:
        size, end, rest = self._buffer.partition(b"\r\n")
        length = int(size, 16) if end else 0
        if not end or len(rest) < length + 2:
            return None
        if not length:
            self.flaws.add("ended", f"the stream of {self.seat.name} has ended")
        self._buffer = rest[length + 2 :]
        return rest[:length]


def _field(head: bytes, name: bytes) -> bytes:
    """A field of a head in small letters; empty where there is none."""
    return head.partition(b"\r\n%s: " % name)[2].partition(b"\r\n")[0]
