"""Bodies of requests stay in memory, within their bound."""

from collections.abc import Iterator

import httpx
import pytest

from tests.clients import post
from tests.servers import NO_LIMITS, Site

LARGE = 200_000  # Twisted would write this into a temporary file.


@pytest.fixture(scope="module")
def read_only(tmp_path_factory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site"), **NO_LIMITS)
    site.application = "tests.without_temporary_files:application"
    site.migrate()
    site.start()
    try:
        yield site
    finally:
        site.stop()


@pytest.mark.parametrize("way", ["whole", "chunked"])
async def test_a_large_body_is_taken_where_no_temporary_file_can_be_made(read_only, joins_at, way):
    alice = await joins_at("alice", read_only)
    await alice.http.get("/rooms/")
    frames = "\n" * (LARGE - 1000)
    body = f'{frames}{{"type": "typing", "room": 1}}'.encode()

    async def pieces():
        for start in range(0, len(body), 50_000):
            yield body[start : start + 50_000]

    token = {"X-CSRFToken": alice.http.cookies["csrftoken"]}
    answer = await alice.http.post("/live/send", content=body if way == "whole" else pieces(), headers=token)
    assert answer.status_code in (200, 413), answer.text
    assert len(await alice.say(post("and on", room=1))) == 1


def test_a_body_beyond_the_bound_is_still_refused(read_only):
    answer = httpx.post(f"{read_only.url}/live/send", content=b"x" * 1_100_000)
    assert answer.status_code == 413
