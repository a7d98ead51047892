"""The frames of a WebSocket (RFC 6455), byte by byte, as the site takes and answers them."""

import json

import pytest

from tests.server.by_hand import CLOSE, CONTINUATION, PING, PONG, TEXT, line_to

pytestmark = pytest.mark.one_database


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
