"""The handshake and the frames of a WebSocket (RFC 6455), byte by byte: a TCP socket, and no library in between."""

import base64
import hashlib
import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http import HTTPStatus

import httpx
import pytest

from tests.servers import ROOT, Site, wait_for
from tests.tools import memory

pytestmark = pytest.mark.one_database

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG, CONTINUATION = 0x1, 0x8, 0x9, 0xA, 0x0
LAST = 0x80
ADDRESSES = ["/ws", "/ws/bob-by-hand", "/ws/chat/"]


def framed(content: bytes, code: int = TEXT, *, last: bool = True, masked: bool = True) -> bytes:
    """One frame, masked as a client's have to be."""
    assert len(content) < 126
    mask = os.urandom(4) if masked else b""
    body = bytes(byte ^ mask[place % 4] for place, byte in enumerate(content)) if masked else content
    return bytes([code | (LAST if last else 0), len(content) | (0x80 if masked else 0)]) + mask + body


class Line:
    """A TCP connection to the site."""

    def __init__(self, site: Site, connection: socket.socket) -> None:
        self.site = site
        self.connection = connection
        self.reader = connection.makefile("rb")

    def ask(self, path: str, **changed: str | None) -> tuple[int, dict[str, str]]:
        """Asks for the upgrade, some headers otherwise or (None) left out. The status, and the answer's headers."""
        self.connection.sendall(self.request(path, **changed))
        return self.answer()

    def request(self, path: str, **changed: str | None) -> bytes:
        self.key = base64.b64encode(os.urandom(16)).decode()
        headers = {
            "Host": f"127.0.0.1:{self.site.port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": self.key,
            "Sec-WebSocket-Version": "13",
        }
        headers |= {name.replace("_", "-"): value for name, value in changed.items()}
        lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
        return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()

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
    with socket.create_connection(("127.0.0.1", site.port), timeout=15) as connection:
        yield Line(site, connection)


@contextmanager
def narrow_line_to(site: Site, size: int) -> Iterator[Line]:
    """A line whose near end keeps no more than about so many bytes that were not read yet."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
        connection.settimeout(15)
        connection.connect(("127.0.0.1", site.port))
        yield Line(site, connection)


@pytest.fixture
def line(site) -> Iterator[Line]:
    with line_to(site) as opened:
        yield opened


@pytest.fixture
def echo(line) -> Line:
    """A line that has been upgraded, to the address that says back what it hears."""
    assert line.ask("/ws")[0] == 101
    return line


# The handshake.


@pytest.mark.parametrize("path", ADDRESSES)
def test_the_answer_proves_that_the_key_was_read(line, path):
    status, headers = line.ask(path)
    assert status == 101
    assert headers["upgrade"].lower() == "websocket"
    assert headers["connection"].lower() == "upgrade"
    expected = base64.b64encode(hashlib.sha1((line.key + GUID).encode()).digest()).decode()  # noqa: S324
    assert headers["sec-websocket-accept"] == expected


def test_the_example_of_the_standard_gets_the_answer_of_the_standard(line):
    _, headers = line.ask("/ws", Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==")
    assert headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize("path", ADDRESSES)
def test_another_version_is_answered_by_those_that_are_spoken(line, path):
    status, headers = line.ask(path, Sec_WebSocket_Version="12")
    assert status == 426
    assert "13" in headers["sec-websocket-version"].split(",")


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("key", [None, "too short", "=" * 24])
def test_without_a_good_key_the_request_is_a_bad_one(line, path, key):
    assert line.ask(path, Sec_WebSocket_Key=key)[0] == 400


@pytest.mark.parametrize("path", ["/ws", "/ws/mallory-by-hand"])
@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null"])
def test_a_page_of_another_site_is_forbidden_the_simple_wire(line, path, origin):
    assert line.ask(path, Origin=origin)[0] == 403


def test_a_page_of_another_site_is_told_by_the_chat_itself_that_it_is_forbidden(line):
    """A browser shows no status of a handshake to its page, but a close code."""
    assert line.ask("/ws/chat/", Origin="https://evil.example")[0] == 101
    assert line.receive() == (CLOSE, (4403).to_bytes(2, "big"))


@pytest.mark.parametrize("path", ["/ws", "/ws/guest-by-hand"])
def test_the_sites_own_pages_and_programs_without_an_origin_are_let_in(site, path):
    for origin in (None, site.url):
        with line_to(site) as line:
            assert line.ask(path, Origin=origin)[0] == 101


@pytest.mark.parametrize("path", ["/ws/", "/ws/bob/", "/ws/a%2Fb", "/wsx", "/"])
def test_an_address_without_a_door_is_refused(line, path):
    assert line.ask(path)[0] == 403


@pytest.mark.parametrize(("path", "status"), [("/ws", 426), ("/ws/bob", 426), ("/ws/", 404)])
def test_who_asks_for_no_upgrade_is_told_of_it(line, path, status):
    answered, headers = line.ask(path, Upgrade=None, Connection="close")
    assert answered == status
    assert headers.get("upgrade") == ("websocket" if status == 426 else None)


def test_a_request_may_come_byte_by_byte(line):
    line.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in line.request("/ws"):
        line.connection.sendall(bytes([byte]))
    assert line.answer()[0] == 101
    line.send(b"hello")
    assert line.receive() == (TEXT, b"hello")


def test_a_connection_that_has_read_a_page_can_become_a_websocket(line):
    for _ in range(2):
        line.connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{line.site.port}\r\n\r\n".encode())
        status, headers = line.answer()
        assert (status, len(line.reader.read(int(headers["content-length"])))) == (200, int(headers["content-length"]))
    assert line.ask("/ws")[0] == 101
    line.send(b"hello")
    assert line.receive() == (TEXT, b"hello")


@pytest.mark.parametrize("cut", [1, 40, None])
def test_what_comes_right_behind_the_request_is_heard(line, cut):
    frames = framed(b"one") + framed(b"two", last=False) + framed(b"!", CONTINUATION)
    line.connection.sendall(line.request("/ws") + frames[:cut])
    assert line.answer()[0] == 101
    line.connection.sendall(frames[len(frames[:cut]) :])
    assert [line.receive(), line.receive()] == [(TEXT, b"one"), (TEXT, b"two!")]


# What the application hears of it, and what it says. Daphne looks each second whether it has failed.


class SmallSite(Site):
    application = "tests.small_application:application"

    @property
    def command(self) -> list[str]:
        return [*super().command, "--websocket-max-message-size", "0", "--proxy-headers"]


@pytest.fixture(scope="module")
def small_site(tmp_path_factory) -> Iterator[Site]:
    site = SmallSite(tmp_path_factory.mktemp("small"))
    site.start()
    yield site
    site.kill()


@pytest.fixture
def small_line(small_site) -> Iterator[Line]:
    with line_to(small_site) as opened:
        yield opened


def heard(site: Site, path: str) -> list[dict[str, str | int]]:
    """What the application has been told at that address by the end."""
    return httpx.get(site.url + path, timeout=15).json()


def test_who_says_nothing_is_not_waited_for(small_line):
    assert small_line.is_at_its_end()


@pytest.mark.parametrize(("path", "status"), [("/refuses", 403), ("/fails", 500)])
def test_who_is_not_accepted_is_told_by_a_status(small_line, path, status):
    answered, headers = small_line.ask(path)
    assert answered == status
    assert len(small_line.reader.read()) == int(headers["content-length"])


def test_an_application_that_fails_later_ends_the_line_with_an_error(small_line):
    assert small_line.ask("/fails-later")[0] == 101
    small_line.send(b"hello")
    assert small_line.receive() == (CLOSE, (1011).to_bytes(2, "big"))
    small_line.send((1011).to_bytes(2, "big"), CLOSE)
    assert small_line.is_at_its_end()


def test_an_application_chooses_the_subprotocol_and_adds_headers(small_line):
    small_line.connection.sendall(small_line.request("/", Sec_WebSocket_Protocol="one, two"))
    answer = b"".join(iter(small_line.reader.readline, b"\r\n")).lower()
    for header in (b"sec-websocket-protocol: two", b"x-one: 1", b"set-cookie: a=1", b"set-cookie: b=2"):
        assert answer.count(b"\r\n%b\r\n" % header) == 1


def test_where_daphne_is_told_to_have_no_limit_a_message_may_have_any_size(small_line):
    assert small_line.ask("/")[0] == 101
    small_line.send(b"x" * 100, last=False)
    small_line.send(b"x", CONTINUATION)
    assert small_line.receive() == (TEXT, b"x" * 101)


def test_what_is_sent_waits_for_no_acknowledgement_of_what_was_sent_before(small_site, small_line):
    """Else a second small message would come 40 ms after the first."""
    assert small_line.ask("/")[0] == 101
    told = heard(small_site, "/no-delay")
    assert len(told) >= 2
    assert all(told)


def test_a_forwarded_address_that_is_no_text_is_refused(small_line):
    small_line.connection.sendall(small_line.request("/", X_Forwarded_For="FOR").replace(b"FOR", b"\xff\xfe"))
    assert small_line.answer()[0] == 400


def test_without_a_subprotocol_there_is_no_header_for_it(small_line):
    assert "sec-websocket-protocol" not in small_line.ask("/")[1]


@pytest.mark.parametrize(
    ("name", "last_words", "code"),
    [
        ("silently", b"", 1006),
        ("in-a-frame", framed(b"hello")[:4], 1006),
        ("in-a-message", framed(b"hello", last=False), 1006),
        ("with-a-mistake", framed(b"hello", masked=False), 1006),
        ("with-a-code", framed((4321).to_bytes(2, "big"), CLOSE), 4321),
        ("without-a-code", framed(b"", CLOSE), 1005),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_application_is_told_once_how_a_client_has_left(small_site, name, last_words, code):
    path = f"/leaves-{name}"
    with line_to(small_site) as line:
        assert line.ask(path)[0] == 101
        line.send(b"hello")
        assert line.receive() == (TEXT, b"hello")
        line.connection.sendall(last_words)
        line.connection.shutdown(socket.SHUT_WR)
        line.reader.read()
    told = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "hello"},
        {"type": "websocket.disconnect", "code": code},
    ]
    assert heard(small_site, path) == told
    with line_to(small_site) as line:  # By when it is over, whatever else there was to tell would have been told.
        assert line.ask("/")[0] == 101
    assert heard(small_site, path) == told


def test_an_application_is_told_of_a_connection_that_was_cut(small_site):
    with line_to(small_site) as line:
        assert line.ask("/is-cut")[0] == 101
        line.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.reader.close()
    assert heard(small_site, "/is-cut")[1:] == [{"type": "websocket.disconnect", "code": 1006}]


def test_who_talks_much_before_they_are_accepted_is_cut(small_site, small_line):
    small_line.connection.sendall(small_line.request("/waits"))
    frames = framed(b"x" * 100) * 10_000
    with pytest.raises(ConnectionError):
        small_line.connection.sendall(frames * 10)
    assert heard(small_site, "/waits")[1:] == [{"type": "websocket.disconnect", "code": 1006}]


@pytest.fixture(scope="module")
def strict_site(tmp_path_factory) -> Iterator[Site]:
    """It bears a flood, and waits for the end of a message, half a second long."""
    site = SmallSite(tmp_path_factory.mktemp("strict"), STRICT="1")
    site.start()
    yield site
    site.kill()


FLOODS = {
    "pings": framed(b"", PING),
    "long pings": framed(b"x" * 125, PING),
    "pongs": framed(b"", PONG),
    "empty fragments": framed(b"", CONTINUATION, last=False),
    "fragments": framed(b"x", CONTINUATION, last=False),
}


def pour(line: Line, data: bytes, times: int) -> int:
    """Sends until the other end has had enough; how often it was sent."""
    for count in range(times):
        try:
            line.connection.sendall(data)
        except OSError:
            return count
    return times


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_of_what_is_no_message_is_read_slowly_and_then_ended(strict_site, kind):
    """Of each kind a thousand are taken at once, and 200 a second after that, of which half a second passes here."""
    path = f"/floods-{kind.replace(' ', '-')}"
    with line_to(strict_site) as line:
        assert line.ask(path)[0] == 101
        begun = framed(b"x", last=False) if "fragments" in kind else b""
        with ThreadPoolExecutor(1) as pool:
            pouring = pool.submit(pour, line, begun + FLOODS[kind] * 10_000, 1)
            pouring = pool.submit(pour, line, FLOODS[kind] * 10_000, 1000)
            answers = 0
            while (frame := line.receive())[0] == PONG:
                answers += 1
            assert frame == (CLOSE, (4429).to_bytes(2, "big"))
            line.connection.shutdown(socket.SHUT_RDWR)
            assert pouring.result() < 1000
        assert answers < 3000
    assert heard(strict_site, path)[1:] == [{"type": "websocket.disconnect", "code": 4429}]


def test_who_pings_and_reads_no_answers_is_given_no_more_of_them(strict_site):
    with narrow_line_to(strict_site, 4096) as line:
        assert line.ask("/pings")[0] == 101
        before = memory(strict_site)
        pour(line, framed(b"x" * 125, PING) * 1000, 100)
        assert heard(strict_site, "/pings")[-1] == {"type": "websocket.disconnect", "code": 4429}
        assert memory(strict_site) - before < 4 * 1024 * 1024


def test_a_flood_of_single_bytes_is_ended_too(strict_site):
    with line_to(strict_site) as line:
        assert line.ask("/floods-bytes")[0] == 101
        line.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with ThreadPoolExecutor(1) as pool:
            pouring = pool.submit(lambda: all(pour(line, bytes([byte]), 1) for byte in framed(b"x" * 125) * 5000))
            while (frame := line.receive())[0] != CLOSE:
                pass
            line.connection.shutdown(socket.SHUT_RDWR)
            assert not pouring.result()
        assert frame == (CLOSE, (4429).to_bytes(2, "big"))


def test_some_hundred_pings_at_once_are_all_answered(small_line):
    assert small_line.ask("/")[0] == 101
    small_line.connection.sendall(framed(b"?", PING) * 500)
    assert [small_line.receive() for _ in range(500)] == [(PONG, b"?")] * 500


@pytest.mark.parametrize("cut", [1, 5, 50], ids=["in its head", "after its head", "in its middle"])
@pytest.mark.parametrize("last", [True, False])
def test_a_message_that_does_not_come_to_an_end_ends_the_line(strict_site, cut, last):
    with line_to(strict_site) as line:
        assert line.ask("/half")[0] == 101
        frame = framed(b"x" * 100, last=last)
        line.connection.sendall(frame[:cut] if last else frame + framed(b"x" * 100, CONTINUATION)[:cut])
        assert line.receive() == (CLOSE, (4408).to_bytes(2, "big"))
        assert line.is_at_its_end()


def test_a_ping_does_not_give_a_message_more_time(strict_site):
    with line_to(strict_site) as line:
        assert line.ask("/half")[0] == 101
        line.send(b"x", last=False)
        while True:
            line.send(b"", PING)
            frame = line.receive()
            if frame[0] != PONG:
                break
            time.sleep(0.02)
        assert frame == (CLOSE, (4408).to_bytes(2, "big"))


def test_messages_on_a_line_that_is_never_idle_are_none_that_does_not_end(strict_site):
    """Each segment ends within a frame."""
    with line_to(strict_site) as line:
        assert line.ask("/")[0] == 101
        frame = framed(b"hello")
        line.connection.sendall(frame[:3])
        end = time.monotonic() + 3  # Of which half a second is what one message may take; it is looked at each 2 s.
        while time.monotonic() < end:
            line.connection.sendall(frame[3:] + frame[:3])
            assert line.receive() == (TEXT, b"hello")
            time.sleep(0.01)


@pytest.mark.parametrize(("size", "code"), [(128 * 1024, TEXT), (128 * 1024 + 1, CLOSE)])
def test_a_message_may_be_twice_as_large_as_a_frame_of_the_chat(small_site, size, code):
    with line_to(small_site) as line:
        assert line.ask("/sized")[0] == 101
        line.connection.sendall(b"\x81\xff" + size.to_bytes(8, "big") + bytes(4) + b"x" * size)
        first, length = line.reader.read(2)
        assert first & 0x0F == code
        if code == CLOSE:
            assert line.reader.read(length) == (1009).to_bytes(2, "big")


@pytest.mark.parametrize("wrong", [b"\xff", b"\xf4\x90"])
def test_what_is_not_utf8_is_told_at_once(small_line, wrong):
    assert small_line.ask("/")[0] == 101
    small_line.send(b"x", last=False)
    small_line.send(wrong, CONTINUATION, last=False)
    assert small_line.receive() == (CLOSE, (1007).to_bytes(2, "big"))


# HTTP.


def reply(line: Line, request: str) -> bytes:
    line.connection.sendall(request.replace("\n", "\r\n").encode())
    return line.reader.read()


@pytest.mark.parametrize(
    "request_",
    [
        "GET / HTTP/1.1\nHost: x\n",
        "GET /",
        "POST / HTTP/1.1\nHost: x\nContent-Length: 10\n\n12345",
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n5\n12345\n",
        "GET / HTTP/1.1\nHost: x\n\nGET /again HTTP/1.1\n",
    ],
    ids=["a head", "a line", "a body", "a body in chunks", "the second one"],
)
def test_a_request_that_does_not_come_to_an_end_is_ended(small_line, request_):
    assert b"HTTP/1.1 408 Request Timeout\r\n" in reply(small_line, request_)


@pytest.mark.parametrize("part", [b"X-More: 1\r\n", b"x"])
def test_a_byte_now_and_then_does_not_keep_a_request(small_line, part):
    small_line.connection.settimeout(0.05)
    small_line.connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n")
    if part == b"x":
        small_line.connection.sendall(b"Content-Length: 1000\r\n\r\n")
    answer = b""
    while not answer:
        small_line.connection.sendall(part)
        with suppress(TimeoutError):
            answer = small_line.connection.recv(1000)
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_body_that_comes_steadily_may_take_its_time(small_line):
    """20 KiB, which may take more than two seconds, come within one."""
    small_line.connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 20480\r\n\r\n")
    for _ in range(20):
        small_line.connection.sendall(b"x" * 1024)
        time.sleep(0.05)
    assert small_line.reader.read().startswith(b"HTTP/1.1 200 ")


def test_chunks_may_not_be_mostly_of_words_about_them(small_line):
    small_line.connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(pour, small_line, b"1;" + b"x" * 1000 + b"\r\nx\r\n", 10_000)
        assert small_line.reader.readline().startswith(b"HTTP/1.1 413 ")
        small_line.connection.shutdown(socket.SHUT_RDWR)


def test_a_body_needs_no_temporary_folder(tmp_path):
    """As in a container that is read-only."""
    site = SmallSite(tmp_path, PYTHONPATH=str(ROOT), NO_FILES="1")
    site.start()
    try:
        answers = [
            httpx.post(f"{site.url}/", content=content, timeout=15).status_code
            for content in (b"x" * 200_000, iter([b"x" * 1000]))
        ]
    finally:
        site.kill()
    assert answers == [200, 200]


@pytest.mark.parametrize("status", sorted(HTTPStatus))
def test_every_status_has_its_phrase(small_site, status):
    if status < 200:
        return
    with line_to(small_site) as line:
        line.connection.sendall(f"GET /status-{status.value} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        said = line.reader.readline().decode()
    assert said.startswith(f"HTTP/1.1 {status.value} ")
    assert "Unknown" not in said


def test_a_path_begins_no_line_of_its_own_in_the_log(small_site):
    with line_to(small_site) as line:
        line.ask("/forged%0aCRITICAL%1b[31m")
    wait_for(lambda: "/forged%0aCRITICAL%1b[31m" in small_site.log.read_text(), "the log")
    assert "\nCRITICAL" not in small_site.log.read_text()


@pytest.fixture
def impatient_site(tmp_path) -> Iterator[Site]:
    """It waits a second for a pong, and no longer."""
    site = SmallSite(tmp_path, IMPATIENT="1")
    site.start()
    yield site
    site.kill()


@pytest.mark.parametrize("is_read", [True, False])
def test_a_line_that_is_slow_is_told_from_a_dead_one(impatient_site, is_read):
    """A pong comes after all that was written before its ping, however long that takes on its way."""
    count = 5000
    with narrow_line_to(impatient_site, 16_384) as line:
        assert line.ask("/")[0] == 101
        line.connection.sendall(framed(b"x" * 100) * count)
        if not is_read:
            assert heard(impatient_site, "/")[-1] == {"type": "websocket.disconnect", "code": 1006}
            return
        codes: list[int] = []
        while codes.count(TEXT) < count or PING not in codes:
            codes.append(line.receive()[0])
            if codes[-1] == PING:
                line.send(b"", PONG)
            if len(codes) % 100 == 0:
                time.sleep(0.1)  # The line's own time.
        line.send(b"still here")
        while line.receive() != (TEXT, b"still here"):
            pass


# Frames.


def test_a_masked_text_comes_back_without_a_mask(echo):
    echo.send("hello 你好".encode())
    assert echo.receive() == (TEXT, "hello 你好".encode())


def test_an_empty_text_comes_back_too(echo):
    echo.send(b"")
    assert echo.receive() == (TEXT, b"")


def test_a_message_in_fragments_comes_back_as_one_even_with_a_ping_in_between(echo):
    whole = "多个片段".encode()
    echo.send(whole[:4], last=False)
    echo.send(b"still there?", PING)
    echo.send(whole[4:7], CONTINUATION, last=False)
    echo.send(whole[7:], CONTINUATION)
    assert echo.receive() == (PONG, b"still there?")
    assert echo.receive() == (TEXT, whole)


def test_frames_that_come_in_pieces_and_all_at_once_are_told_apart(echo):
    for byte in b"\x81\x82\x00\x00\x00\x00ab":
        echo.connection.sendall(bytes([byte]))
    assert echo.receive() == (TEXT, b"ab")
    echo.connection.sendall(b"\x81\x81\x00\x00\x00\x00c\x81\x81\x00\x00\x00\x00d")
    assert [echo.receive(), echo.receive()] == [(TEXT, b"c"), (TEXT, b"d")]


def test_a_ping_is_answered_with_what_it_carries(echo):
    echo.send(b"\x00\xff", PING)
    assert echo.receive() == (PONG, b"\x00\xff")


def test_a_close_is_answered_by_its_code_and_then_the_line_ends(echo):
    echo.send((1000).to_bytes(2, "big") + b"bye", CLOSE)
    code, content = echo.receive()
    assert (code, content[:2]) == (CLOSE, (1000).to_bytes(2, "big"))
    assert echo.is_at_its_end()


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (b"without a mask", {"masked": False}, 1002),
        (b"of a reserved kind", {"code": 0x3}, 1002),
        (b"the end of nothing", {"code": CONTINUATION}, 1002),
        (b"\xff not UTF-8", {}, 1007),
        (b"a ping in fragments", {"code": PING, "last": False}, 1002),
        ((1005).to_bytes(2, "big"), {"code": CLOSE}, 1002),
    ],
)
def test_what_breaks_the_protocol_is_answered_by_why_the_line_ends_and_not_said_back(echo, content, options, code):
    echo.send(content, **options)
    assert echo.receive() == (CLOSE, code.to_bytes(2, "big"))
    assert echo.is_at_its_end()


def test_words_go_from_one_line_to_another(site):
    with line_to(site) as one, line_to(site) as other:
        assert one.ask("/ws/one-by-hand")[0] == other.ask("/ws/other-by-hand")[0] == 101
        one.send(b'{"to_user": "other-by-hand", "msg": "hi"}')
        code, content = other.receive()
        assert (code, json.loads(content)) == (TEXT, {"sender": "one-by-hand", "msg": "hi"})
