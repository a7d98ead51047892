"""Polls without a client library: very many at once, and one whose client can go at any moment."""

import asyncio
import json
import re

from tests.consumers.frames import bodies


async def poll_by_hand(person, cursors, opening) -> list[str]:
    """The next messages of a bare connection, of which there may be many, poll after poll.

    Who is here may change meanwhile, and ends a poll like anything else.
    """

    def ask() -> None:
        body = json.dumps({"wait": 60, "cursors": cursors})
        own = f"X-CSRFToken: {person.http.cookies['csrftoken']}\r\nContent-Length: {len(body)}"
        head = f"POST /live/poll HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {person.cookie}\r\n{own}\r\n\r\n"
        writer.write((head + body).encode())

    async with opening:
        reader, writer = await asyncio.open_connection("127.0.0.1", person.site.port)
        ask()
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
            frames = [json.loads(line) for line in (await reader.readexactly(length)).splitlines()]
            if heard := bodies(frames):
                return heard
            cursors = frames[-1]["rooms"]
            ask()
    finally:
        writer.close()


def scope_of(session):
    token = b"t" * 32
    cookie = b"sessionid=%s; csrftoken=%s" % (session.encode(), token)
    headers = [(b"cookie", cookie), (b"x-csrftoken", token), (b"host", b"localhost")]
    return {"type": "http", "method": "POST", "path": "/live/poll", "query_string": b"", "headers": headers}
