"""The handshake of a WebSocket (RFC 6455), byte by byte: who is let in, and by which answer."""

import base64
import hashlib
import socket

import pytest

from tests.server.by_hand import CLOSE, CONTINUATION, TEXT, framed, line_to

pytestmark = pytest.mark.one_database

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
ADDRESSES = ["/ws", "/ws/bob-by-hand", "/ws/chat/"]


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
