"""HTTP: requests that do not come to an end or are too large, and what is answered."""

import contextlib
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import httpx
import pytest

from tests.server.by_hand import Line, line_to, pour
from tests.server.sites import MIB, LaxSite, upload
from tests.servers import ROOT
from tests.tools import memory

pytestmark = pytest.mark.one_database


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
        with contextlib.suppress(TimeoutError):
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
    site = LaxSite(tmp_path, PYTHONPATH=str(ROOT), NO_FILES="1")
    site.start()
    try:
        answers = [
            httpx.post(f"{site.url}/", content=content).status_code for content in (b"x" * 200_000, iter([b"x" * 1000]))
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


# Requests that the site accepts.


async def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(site):
    before = memory(site)
    chunks = (b"x" * MIB for _ in range(1024))
    answer = await upload(site, f"Content-Length: {1024 * MIB}", chunks)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert memory(site) - before < 32 * MIB


async def test_a_body_that_does_not_say_how_large_it_is_is_refused_when_it_is_too_large(site):
    before = memory(site)
    chunks = (b"100000\r\n" + b"x" * MIB + b"\r\n" for _ in range(1024))
    answer = await upload(site, "Transfer-Encoding: chunked", chunks)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert memory(site) - before < 32 * MIB


async def test_a_body_of_a_form_is_taken(site):
    async with httpx.AsyncClient(base_url=site.url) as client:
        answer = await client.post("/join/", data={"nickname": "x" * 1000})
    assert answer.status_code == 403  # Taken, and found to lack the CSRF token.


async def test_a_client_cannot_move_the_site_to_another_path(site, joins):
    alice = await joins("alice")
    await alice.connect(**{"Daphne-Root-Path": "/elsewhere"})
    for path in ("/rooms/", "/live/poll"):
        answer = await alice.http.get(path, headers={"Daphne-Root-Path": path.rstrip("/")})
        assert answer.status_code == 200
