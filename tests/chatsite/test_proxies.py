"""The proxies of deploy/, each in front of a real site."""

import json
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest
import websockets

from tests.chatsite.papers import DEPLOY, caddy, nginx, serving
from tests.clients import Person
from tests.commands import command
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.servers import daphne
from tests.tools import run, tool

pytestmark = pytest.mark.one_database


@pytest.fixture(scope="module", params=[nginx, caddy], ids=lambda proxy: proxy.__name__)
def proxied(request, certificate, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """A site as it is set up behind one proxy, and the proxy."""
    name, port, plain = request.param.__name__, free_port(), free_port()
    folder = tmp_path_factory.mktemp(name)
    with daphne(folder / "site", HTTPS="on", TRUSTED_PROXIES="1", JOIN_RATE="5") as site:
        arguments = request.param(folder, site, certificate, port, plain)
        with serving(arguments, port, folder / "log"):
            url, socket_url = f"https://127.0.0.1:{port}", f"wss://127.0.0.1:{port}/ws/chat/"
            yield SimpleNamespace(url=url, socket_url=socket_url, plain=plain, name=name, data_dir=site.data_dir)


@pytest.fixture
def trusting(monkeypatch, certificate) -> ssl.SSLContext:
    """Clients that take the test's certificate for good."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return ssl.create_default_context(cafile=str(certificate))


async def test_people_chat_through_the_proxy(proxied, trusting):
    alice, bob = Person(proxied, f"alice by {proxied.name}"), Person(proxied, f"bob by {proxied.name}")
    try:
        for person in (alice, bob):
            person.http.headers["Referer"] = f"{proxied.url}/"  # Over https Django wants to know where a form was.
            joined = await person.submit("/join/", at="/", nickname=person.nickname)
            assert joined.status_code == 302, joined.text
        hers, his = await alice.connect(), await bob.connect()
        assert (await alice.http.get("/rooms/")).status_code == 200
        await hers.post("through the proxy", room=hers.room("lobby"))
        assert (await his.expect_body("through the proxy"))["message"]["sender"]["nickname"] == alice.nickname
    finally:
        await alice.close()
        await bob.close()


def test_the_site_knows_that_it_is_reached_over_https(proxied, trusting):
    with httpx.Client(base_url=proxied.url, verify=trusting) as http:
        page = http.get("/")
        assert "max-age" in page.headers["strict-transport-security"]
        assert "Secure" in page.headers["set-cookie"]


def test_a_client_cannot_claim_an_address_or_a_path(proxied, trusting):
    """Each attempt names another address; all of them are counted as one."""
    claims = {"X-Forwarded-Proto": "http", "Daphne-Root-Path": "/elsewhere", "Forwarded": "for=192.0.2.1"}
    with httpx.Client(base_url=proxied.url, verify=trusting, headers=claims) as http:
        page = http.get("/")
        assert page.status_code == 200
        assert "/elsewhere" not in page.text
        assert "strict-transport-security" in page.headers
        statuses = []
        for number in range(12):
            form = {"nickname": "", "csrfmiddlewaretoken": http.cookies["csrftoken"]}
            headers = {"X-Forwarded-For": f"192.0.2.{number}", "Referer": f"{proxied.url}/"}
            statuses.append(http.post("/join/", data=form, headers=headers).status_code)
    assert set(statuses) <= {422, 429}
    assert 429 in statuses


@pytest.mark.proof
def test_the_doctor_finds_nothing_wrong_from_outside(proxied, trusting):
    told = {"data_dir": proxied.data_dir, "HTTPS": "on", "TRUSTED_PROXIES": "1"}
    done = subprocess.run(
        **command("manage.py", "doctor", "--url", proxied.url, **told),
        capture_output=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    levels = {line[8:].split(":")[0].strip(): line[:8].strip() for line in done.stdout.splitlines()}
    assert {levels[about] for about in ("streams", "origin", "client address", "WebSocket")} == {"ok"}


# Every address that the site has, as it is without a proxy: an ordinary page, one that is not there, an answer of each
# live endpoint, and what a browser is told where a WebSocket would be. Not one of them may be another behind a proxy.
ADDRESSES = {
    "/": 200,
    "/healthz": 200,
    "/readyz": 200,
    "/rooms/": 302,
    "/connection/": 302,
    "/admin/login/": 200,
    "/nothing/": 404,
    "/static/chat/styles/tokens.css": 200,
    "/static/nothing.css": 404,
    "/ws": 426,
    "/ws/": 404,
    "/ws/chat/": 404,
    "/ws/connection/": 404,
    "/ws/bob": 426,
    "/ws/%E9%98%BF%E5%87%A1": 426,
    "/wsx": 404,
    "/live/poll": 401,
    "/live/stream": 401,
    "/live/send": 405,
}


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_every_address_is_the_same_behind_the_proxy(proxied, trusting, http2):
    with httpx.Client(base_url=proxied.url, verify=trusting, http2=http2) as http:
        answers = {path: http.get(path) for path in ADDRESSES}
    assert {path: answer.status_code for path, answer in answers.items()} == ADDRESSES
    assert {answer.http_version for answer in answers.values()} == {"HTTP/2" if http2 else "HTTP/1.1"}
    assert proxied.url.replace("https:", "wss:") in answers["/ws"].text


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_what_the_site_compresses_is_compressed_once(proxied, trusting, accepted):
    """A client that accepts nothing compressed gets what it asks for."""
    headers = {"Accept-Encoding": accepted}
    with httpx.Client(base_url=proxied.url, verify=trusting, headers=headers, timeout=PATIENCE) as http:
        page = http.get("/")
        sheet = http.get(re.findall(r'href="(/static/[^"]+/page.css)"', page.text)[0])
    for answer, begins in ((page, "<!doctype html>"), (sheet, "@layer")):
        assert answer.text.strip().startswith(begins)
        assert answer.headers.get("content-encoding", "identity") == accepted
        assert "Accept-Encoding" in answer.headers["vary"]


@pytest.mark.parametrize("path", ["/ws", "/ws/carol", "/ws/chat/", "/ws/connection/", "/ws/", "/nothing"])
async def test_every_websocket_is_reached_through_the_proxy(proxied, trusting, path):
    address = f"{proxied.url.replace('https:', 'wss:')}{path}"
    if path in ("/ws/", "/nothing"):
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(address, ssl=trusting)
        assert refused.value.response.status_code == 403
        return
    async with websockets.connect(address, ssl=trusting) as wire:
        if path == "/ws":
            await wire.send("hello")
            assert await wire.recv() == "hello"
        elif path != "/ws/carol":  # Nobody is signed in here.
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await wire.recv()
            assert closed.value.rcvd.code == 4401


def test_a_body_that_is_too_large_is_refused(proxied, trusting):
    with httpx.Client(base_url=proxied.url, verify=trusting) as http:
        status = http.post("/join/", content=b"x" * 3 * 1024 * 1024).status_code
    assert status == 413 or (proxied.name, status) == ("caddy", 502)  # As older ones say it, such as Debian's 2.6.


def test_who_comes_without_tls_is_sent_to_https(proxied):
    if proxied.name == "caddy":
        config = json.loads(run(tool("caddy"), "adapt", "--config", str(DEPLOY / "Caddyfile")).splitlines()[-1])
        assert ":443" in config["apps"]["http"]["servers"]["srv0"]["listen"]  # Caddy adds the redirect to that itself.
        return
    answer = httpx.get(f"http://127.0.0.1:{proxied.plain}/rooms/?a=b")
    assert answer.status_code == 301
    assert answer.headers["location"] == "https://127.0.0.1/rooms/?a=b"


def test_the_caddyfile_is_in_caddys_own_format(tmp_path):
    copy = tmp_path / "Caddyfile"
    shutil.copy(DEPLOY / "Caddyfile", copy)
    run(tool("caddy"), "fmt", "--overwrite", str(copy))
    assert copy.read_text() == (DEPLOY / "Caddyfile").read_text()
