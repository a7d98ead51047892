"""Compressed responses of the live endpoints."""

import gzip

import pytest

from chat.consumers.exchange import COMPRESSED_BYTES, FRAMES, Exchange
from chat.wire.compression import accepts_gzip, compressed


async def answered(body: bytes, accepted: bytes) -> tuple[dict[bytes, bytes], bytes]:
    """The headers and the body with which an endpoint responds."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "query_string": b"", "headers": [(b"accept-encoding", accepted)]}
    await Exchange(scope, None, send).respond(FRAMES, body)
    return dict(sent[0]["headers"]), sent[1]["body"]


async def test_a_long_response_is_compressed_for_who_accepts_it():
    body = b"a line of a poll\n" * 1000
    headers, sent = await answered(body, b"gzip, deflate, br")
    assert gzip.decompress(sent) == body
    assert (headers[b"content-encoding"], headers[b"vary"]) == (b"gzip", b"Accept-Encoding")
    assert headers[b"content-length"] == str(len(sent)).encode()


async def test_a_long_response_is_sent_as_it_is_to_others():
    body = b"a line of a poll\n" * 1000
    headers, sent = await answered(body, b"identity")
    assert (sent, headers[b"vary"]) == (body, b"Accept-Encoding")
    assert b"content-encoding" not in headers


async def test_a_short_response_is_sent_as_it_is():
    body = b"x" * (COMPRESSED_BYTES - 1)
    headers, sent = await answered(body, b"gzip")
    assert sent == body
    assert b"content-encoding" not in headers


def test_the_length_of_the_same_response_varies():
    assert len({len(compressed(b"secret" * 1000)) for _ in range(50)}) > 10


@pytest.mark.parametrize(
    ("said", "expected"),
    [(b"gzip", True), (b"br, gzip;q=0.5", True), (b"gzip;q=0", False), (b"gzip; q=0.0, br", False), (b"br", False)],
)
def test_a_client_says_what_it_accepts(said, expected):
    assert accepts_gzip([(b"accept-encoding", said)]) is expected


def test_a_client_that_says_nothing_accepts_nothing():
    assert not accepts_gzip([])
