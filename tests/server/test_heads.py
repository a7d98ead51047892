"""Requests whose head would be work."""

import httpx
import pytest
from django.http import parse_cookie
from django.utils.http import parse_header_parameters

from chat.server.heads import CONTENT_TYPE_BYTES, ESCAPES, guarded
from tests.work import assert_linear

EVIL = [
    [(b"cookie", b'sessionid="' + b'\\"' * 8_000 + b'"')],
    [(b"cookie", b'a="' + b'\\"' * 60 + b'"'), (b"cookie", b'b="' + b'\\"' * 60 + b'"')],
    [(b"content-type", b'multipart/form-data; boundary="' + b";" * 16_000)],
]
GOOD = [
    [],
    [(b"cookie", b"sessionid=abc; csrftoken=def"), (b"content-type", b"application/x-www-form-urlencoded")],
    [(b"cookie", b'a="' + b"\\054" * ESCAPES + b'"')],
    [(b"content-type", b"a/b;" + b" " * (CONTENT_TYPE_BYTES - 4))],
]


async def answers(kind: str, headers: list[tuple[bytes, bytes]]) -> list:
    sent = []

    async def application(scope, receive, send):
        sent.append("application")

    async def send(message):
        sent.append(message)

    await guarded(application)({"type": kind, "headers": headers}, None, send)
    return sent


@pytest.mark.parametrize("headers", EVIL)
async def test_a_head_that_is_work_is_refused_with_the_reason_before_anything_reads_it(headers):
    start, body = await answers("http", headers)
    assert start["status"] == 400
    assert b"at most" in body["body"]
    assert await answers("websocket", headers) == [{"type": "websocket.close"}]


@pytest.mark.parametrize("headers", GOOD)
@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_any_other_goes_on(kind, headers):
    assert await answers(kind, headers) == ["application"]


async def test_what_has_no_head_goes_on():
    sent = []

    async def application(scope, receive, send):
        sent.append(scope["type"])

    await guarded(application)({"type": "lifespan"}, None, None)
    assert sent == ["lifespan"]


@pytest.mark.parametrize("path", ["/", "/live/poll", "/static/chat/pages/room.js"])
async def test_every_door_of_the_site_is_guarded(site, path):
    async with httpx.AsyncClient(base_url=site.url) as client:
        for name, value in [("cookie", 'sessionid="' + '\\"' * 6_000), ("content-type", "a/b;" + " " * 12_000 + "c")]:
            answer = await client.get(path, headers={name: value})
            assert answer.status_code == 400
            assert "at most" in answer.text


def test_what_is_let_through_is_no_more_work_than_its_length():
    assert_linear(parse_cookie, lambda size: 'a="' + '\\"' * (ESCAPES // 4) + "b" * size + '"')
    assert_linear(parse_header_parameters, lambda size: "a/b; " + "c" * size)
