"""WebSockets byte by byte: TCP connections to a site, frames, and no library in between."""

import asyncio
import base64
import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from websockets.frames import Frame, Opcode

from tests.patience import PATIENCE
from tests.servers import Site

TEXT, CLOSE, PING, PONG, CONTINUATION = 0x1, 0x8, 0x9, 0xA, 0x0
LAST = 0x80


def framed(content: bytes, code: int = TEXT, *, last: bool = True, masked: bool = True) -> bytes:
    """One frame, masked as a client's have to be."""
    assert len(content) < 126
    mask = os.urandom(4) if masked else b""
    body = bytes(byte ^ mask[place % 4] for place, byte in enumerate(content)) if masked else content
    return bytes([code | (LAST if last else 0), len(content) | (0x80 if masked else 0)]) + mask + body


def masked(payload: bytes, opcode: Opcode = Opcode.TEXT, fin: bool = True) -> bytes:
    """A client's frame, as another implementation makes it."""
    return Frame(opcode, payload, fin).serialize(mask=True)


def new_key() -> str:
    return base64.b64encode(os.urandom(16)).decode()


def upgrade(site: Site, path: str, key: str, **changed: str | None) -> bytes:
    """The request for a WebSocket, some headers otherwise or (None) left out."""
    headers = {
        "Host": f"127.0.0.1:{site.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13",
    }
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()


class Line:
    """A TCP connection to the site."""

    def __init__(self, site: Site, connection: socket.socket) -> None:
        self.site = site
        self.connection = connection
        self.reader = connection.makefile("rb")

    def ask(self, path: str, **changed: str | None) -> tuple[int, dict[str, str]]:
        """The status and the headers of the answer to such a request."""
        self.connection.sendall(self.request(path, **changed))
        return self.answer()

    def request(self, path: str, **changed: str | None) -> bytes:
        self.key = new_key()
        return upgrade(self.site, path, self.key, **changed)

    def answer(self) -> tuple[int, dict[str, str]]:
        status = int(self.reader.readline().split()[1])
        answered = iter(lambda: self.reader.readline().decode().strip(), "")
        return status, {name.lower(): value for name, _, value in (line.partition(": ") for line in answered)}

    def send(self, content: bytes, code: int = TEXT, **options: bool) -> None:
        self.connection.sendall(framed(content, code, **options))

    def receive(self) -> tuple[int, bytes]:
        """The next frame's code and content. A server's frames are whole and have no mask."""
        first, length = self.reader.read(2)
        assert first & LAST
        assert length < 126
        return first & 0x0F, self.reader.read(length)

    def is_at_its_end(self) -> bool:
        """Whether the server has ended the line, without another word."""
        try:
            return self.reader.read(1) == b""
        except ConnectionResetError:
            return True


@contextmanager
def line_to(site: Site) -> Iterator[Line]:
    with socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE) as connection:
        yield Line(site, connection)


@contextmanager
def narrow_line_to(site: Site, size: int) -> Iterator[Line]:
    """A line whose near end keeps no more than about so many bytes that were not read yet."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
        connection.settimeout(PATIENCE)
        connection.connect(("127.0.0.1", site.port))
        yield Line(site, connection)


def heard(site: Site, path: str) -> list[dict[str, str | int]]:
    """The events that the application had got at that address by the end."""
    return httpx.get(site.url + path).json()


def pour(line: Line, data: bytes, times: int) -> int:
    """Sends until the other end has had enough; how often it was sent."""
    for count in range(times):
        try:
            line.connection.sendall(data)
        except OSError:
            return count
    return times


class AsyncLine:
    """A WebSocket by hand: bytes go out as a test wants them."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, person) -> "AsyncLine":
        reader, writer = await asyncio.open_connection("127.0.0.1", person.site.port)
        writer.write(upgrade(person.site, "/ws/chat/", new_key(), Cookie=person.cookie))
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        return cls(reader, writer)

    async def send(self, *pieces: bytes) -> None:
        """Each piece in a segment of its own."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0.02)  # There is no event for a segment having arrived alone.

    async def frame(self) -> tuple[int, bytes]:
        """The opcode and the payload of the next frame."""
        async with asyncio.timeout(PATIENCE):
            first, length = await self.reader.readexactly(2)
            if length == 126:
                (length,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
            return first & 0x0F, await self.reader.readexactly(length)

    async def until(self, opcode: Opcode) -> bytes:
        while True:
            found, payload = await self.frame()
            if found == opcode:
                return payload

    async def errors(self, count: int) -> list[str]:
        """The codes of the next errors."""
        codes: list[str] = []
        while len(codes) < count:
            lines = (await self.until(Opcode.TEXT)).split(b"\n")
            codes += [frame["code"] for frame in map(json.loads, lines) if frame["type"] == "error"]
        return codes

    def close(self) -> None:
        self.writer.transport.abort()
