"""The short ways of Daphne's WebSockets: for whole text frames alone, and the same to see from outside."""

import asyncio
import base64
import json
import os
import socket
import ssl
import struct
import sys
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from chat.server.frames import text_message, whole_text
from chat.server.transport import GOODBYE_SECONDS
from tests.clients import PATIENCE, Person, Wire
from tests.servers import NO_LIMITS, Site, wait_for

pytestmark = pytest.mark.one_database

LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 300_000]


def masked(payload: bytes, opcode: Opcode = Opcode.TEXT, fin: bool = True) -> bytes:
    """A client's frame, as another implementation makes it."""
    return Frame(opcode, payload, fin).serialize(mask=True)


class TestIn:
    @given(st.text(max_size=300))
    def test_a_whole_text_frame_is_read(self, text):
        assert whole_text(masked(text.encode())) == text

    @pytest.mark.parametrize("length", [length for length in LENGTHS if length < 65_536])
    def test_frames_of_any_length_below_64_kib_are_read(self, length):
        assert whole_text(masked(b"x" * length)) == "x" * length

    def test_longer_ones_take_the_long_way(self):
        assert whole_text(masked(b"x" * 65_536)) is None

    @given(st.binary(max_size=50))
    def test_nothing_else_is_taken_for_one(self, data):
        text = whole_text(data)
        assert text is None or (data[0] == 0x81 and data[1] & 0x80 and len(data) >= 6 + len(text.encode()))

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\x81",
            masked(b"hello")[:-1],
            masked(b"hello") + b"\x81",
            masked(b"one") + masked(b"two"),
            masked(b"hello", Opcode.BINARY),
            masked(b"hello", Opcode.PING),
            masked(b"hello", Opcode.CLOSE),
            masked(b"hel", fin=False),
            masked(b"lo", Opcode.CONT),
            masked(b"\xff\xfe"),
            b"\xc1" + masked(b"hello")[1:],
            Frame(Opcode.TEXT, b"hello").serialize(mask=False),
            b"\x81\xfe\x00\x05" + b"\0\0\0\0" + b"hello",
        ],
        ids=[
            "nothing", "one byte", "cut short", "more behind it", "two frames", "binary", "ping", "close",
            "a beginning", "an end", "not UTF-8", "compressed", "unmasked", "a length longer than it need be",
        ],
    )  # fmt: skip
    def test_whatever_is_not_exactly_that_takes_the_long_way(self, data):
        assert whole_text(data) is None


class TestOut:
    @pytest.mark.parametrize("length", LENGTHS)
    def test_a_text_has_the_header_that_it_needs(self, length):
        text = os.urandom(length // 2).hex().encode().ljust(length, b"x")
        assert text_message(text) == Frame(Opcode.TEXT, text).serialize(mask=False)

    def test_the_same_text_is_made_once(self):
        text = b"for a whole room"
        assert text_message(text) is text_message(text)
        assert text_message(b"something else") != text_message(text)


class Line:
    """A WebSocket by hand: bytes go out as a test wants them."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, person) -> "Line":
        reader, writer = await asyncio.open_connection("127.0.0.1", person.site.port)
        writer.write(cls.request(person.site, "/ws/chat/", person.cookie))
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        return cls(reader, writer)

    @staticmethod
    def request(site: Site, path: str, cookie: str = "") -> bytes:
        key = base64.b64encode(os.urandom(16)).decode()
        return (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Cookie: {cookie}\r\n\r\n"
        ).encode()

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


@pytest.fixture
async def line(joins):
    line = await Line.open(await joins("alice"))
    yield line
    line.close()


NOT_JSON = masked(b"{")
UNKNOWN = masked(b'{"type":"x"}')


async def test_frames_are_understood_however_they_arrive(line):
    whole, unknown = NOT_JSON, UNKNOWN
    await line.send(whole, whole + unknown, unknown[:3], unknown[3:], whole[:1], whole[1:] + unknown, whole)
    expected = ["bad_frame", "bad_frame", "unknown_type", "unknown_type", "bad_frame", "unknown_type", "bad_frame"]
    assert await line.errors(7) == expected


async def test_a_message_in_fragments_has_its_place_among_whole_ones(line):
    fragments = [masked(b'{"type"', fin=False), masked(b"", Opcode.CONT, fin=False), masked(b':"x"}', Opcode.CONT)]
    await line.send(NOT_JSON, *fragments, NOT_JSON)
    assert await line.errors(3) == ["bad_frame", "unknown_type", "bad_frame"]


async def test_a_ping_between_fragments_is_answered(line):
    await line.send(masked(b'{"type"', fin=False), masked(b"here?", Opcode.PING), masked(b':"x"}', Opcode.CONT))
    assert await line.until(Opcode.PONG) == b"here?"
    assert await line.errors(1) == ["unknown_type"]


@pytest.mark.parametrize(
    "data",
    [
        masked(b"\xff\xfe"),
        Frame(Opcode.TEXT, b"hello").serialize(mask=False),
        masked(b"lo", Opcode.CONT),
        b"\xc1" + UNKNOWN[1:],
        b"\x83" + UNKNOWN[1:],
    ],
    ids=["not UTF-8", "unmasked", "an end without a beginning", "compressed", "a reserved kind"],
)
async def test_what_is_no_websocket_ends_the_connection(line, data):
    await line.send(UNKNOWN, data)
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await line.until(Opcode.PONG)


async def test_a_slow_reader_gets_everything_whole_and_in_order(joins):
    """Some leaves straight, some waits in Twisted, some in the outbox: it is one stream all the same."""
    alice, bob = await joins("alice"), await joins("bob")
    talking = await alice.connect()
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    small.connect(("127.0.0.1", bob.site.port))
    reading = await Wire.open(bob.site, {"Cookie": bob.cookie, "Origin": bob.site.url}, sock=small, max_queue=1)
    await reading.begin()
    lobby = reading.room("lobby")
    bodies = [f"{number} " + "聊" * (number % 7 * 900) for number in range(120)]
    for place, body in enumerate(bodies):
        await talking.post(body, room=lobby)
        if place % 10 == 0:
            assert (await reading.expect("message"))["message"]["body"] == bodies[place // 10]
    for body in bodies[12:]:
        assert (await reading.expect("message"))["message"]["body"] == body
    await reading.close()


class EncryptedSite(Site):
    """Daphne with TLS of its own, without a proxy."""

    def __init__(self, data_dir: Path, certificate: Path) -> None:
        super().__init__(data_dir, HTTPS="on", **NO_LIMITS)
        self._certificate = certificate

    @property
    def command(self) -> list[str]:
        files = [f"privateKey={self._certificate.with_name('key.pem')}", f"certKey={self._certificate}"]
        endpoint = ":".join([f"ssl:{self.port}", "interface=127.0.0.1", *files])
        return [sys.executable, "-m", "daphne", "-e", endpoint, self.application]

    def _wait_until_ready(self) -> None:
        wait_for(lambda: "Listening on TCP" in self.log.read_text(), "Daphne")


@pytest.fixture(scope="module")
def encrypted_site(tmp_path_factory, certificate):
    site = EncryptedSite(tmp_path_factory.mktemp("encrypted"), certificate)
    site.url, site.socket_url = site.url.replace("http:", "https:"), site.socket_url.replace("ws:", "wss:")
    site.migrate()
    site.start()
    yield site
    site.stop()


@pytest.fixture
def trusting(certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


@pytest.mark.parametrize(
    ("path", "last_words"),
    [
        ("/nowhere", b""),
        ("/ws", masked(b"\x03\xe8", Opcode.CLOSE)),
        ("/ws", Frame(Opcode.TEXT, b"hello").serialize(mask=False)),
    ],
    ids=["refused", "closed", "broken"],
)
async def test_an_encrypted_line_ends_with_what_it_was_for(encrypted_site, trusting, path, last_words):
    reader, writer = await asyncio.open_connection("127.0.0.1", encrypted_site.port, ssl=trusting)
    writer.write(Line.request(encrypted_site, path))
    await reader.readuntil(b"\r\n\r\n")
    writer.write(last_words)
    async with asyncio.timeout(GOODBYE_SECONDS / 2):
        await reader.read()
    writer.close()


async def test_long_messages_pass_both_ways_out_where_daphne_itself_encrypts(encrypted_site, trusting):
    """There is no short way then, and the page's origin is https."""
    alice = Person(encrypted_site, "alice")
    alice.http = httpx.AsyncClient(
        base_url=encrypted_site.url, verify=trusting, headers={"Referer": f"{encrypted_site.url}/"}
    )
    assert (await alice.submit("/join/", at="/", nickname="alice")).status_code == 302
    headers = {"Cookie": alice.cookie, "Origin": encrypted_site.url}
    wire = await Wire.open(encrypted_site, headers, ssl=trusting)
    await wire.begin()
    lobby = wire.room("lobby")
    for number in range(30):
        await wire.send("post", room=lobby, client_id=f"long-{number}", body=f"{number} " + "聊" * 9_000)
    for number in range(30):
        assert (await wire.expect("message"))["message"]["body"].startswith(f"{number} ")
    async with alice.stream({lobby: 0}) as stream:
        for number in range(30):
            assert (await stream.expect("message"))["message"]["body"].startswith(f"{number} ")
        await wire.send("post", room=lobby, client_id="now", body="now")
        assert (await stream.expect("message"))["message"]["body"] == "now"
    await wire.close()
    await alice.http.aclose()
