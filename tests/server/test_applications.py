"""The events that an application under Daphne gets from a WebSocket, and those that it sends."""

import socket
import struct

import pytest

from tests.server.by_hand import CLOSE, CONTINUATION, PING, PONG, TEXT, framed, heard, line_to
from tests.servers import wait_for

pytestmark = pytest.mark.one_database


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


def test_some_hundred_pings_at_once_are_all_answered(small_line):
    assert small_line.ask("/")[0] == 101
    small_line.connection.sendall(framed(b"?", PING) * 500)
    assert [small_line.receive() for _ in range(500)] == [(PONG, b"?")] * 500


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


def test_a_path_begins_no_line_of_its_own_in_the_log(small_site):
    with line_to(small_site) as line:
        line.ask("/forged%0aCRITICAL%1b[31m")
    wait_for(lambda: "/forged%0aCRITICAL%1b[31m" in small_site.log.read_text(), "the log")
    assert "\nCRITICAL" not in small_site.log.read_text()
