"""Starting and ending, by real processes: what is in order starts, what is not ends with one clear sentence."""

import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import websockets
from django.contrib.staticfiles.finders import FileSystemFinder
from django.test import override_settings

from chatsite import static
from tests.clients import Wire
from tests.commands import refusal, run, running
from tests.servers import ROOT, Site, free_port

pytestmark = pytest.mark.one_database

DAPHNE = ["-m", "daphne"]
APPLICATION = "chatsite.asgi:application"


@pytest.fixture(scope="module")
def migrated(tmp_path_factory) -> Path:
    """A data folder as `migrate` leaves it."""
    folder = tmp_path_factory.mktemp("migrated")
    done = run("manage.py", "migrate", "--verbosity", "0", data_dir=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def taken_port() -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield str(listener.getsockname()[1])


# What is not in order.


def test_a_database_that_was_not_migrated_ends_the_start(tmp_path):
    sentence = refusal(run(*DAPHNE, "-p", str(free_port()), APPLICATION, data_dir=tmp_path))
    assert "not migrated" in sentence
    assert "python manage.py migrate" in sentence


def test_a_database_that_is_none_ends_the_start(tmp_path):
    (tmp_path / "chatsite.sqlite3").write_text("this is a letter, not a database\n" * 100)
    sentence = refusal(run(*DAPHNE, "-p", str(free_port()), APPLICATION, data_dir=tmp_path))
    assert "database does not answer" in sentence


def test_a_database_server_that_is_away_ends_the_start(tmp_path):
    address = f"postgres://chat:hunter2@127.0.0.1:{free_port()}/chat"
    done = run(*DAPHNE, "-p", str(free_port()), APPLICATION, data_dir=tmp_path, DATABASE_URL=address)
    assert "database does not answer" in refusal(done)
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ([*DAPHNE, APPLICATION], "DEBUG", "maybe"),
        (["manage.py", "migrate"], "TRUSTED_ORIGINS", "example.org"),
        (["manage.py", "runserver"], "HTTPS", "perhaps"),
        (["-m", "chatsite"], "PORT", "http"),
    ],
)
def test_a_wrong_value_ends_the_start(tmp_path, arguments, name, value):
    sentence = refusal(run(*arguments, data_dir=tmp_path, **{name: value}))
    assert f"{name}={value}" in sentence


@pytest.mark.parametrize("arguments", [[*DAPHNE, APPLICATION], ["manage.py", "migrate"], ["-m", "chatsite"]])
def test_a_data_folder_that_cannot_be_written_ends_the_start(tmp_path, arguments):
    file = tmp_path / "file"
    file.touch()
    sentence = refusal(run(*arguments, data_dir=file / "var"))
    assert f"DATA_DIR={file}/var" in sentence
    assert "cannot be written" in sentence


@pytest.mark.parametrize("content", ["directory", "empty"])
def test_a_secret_key_that_is_none_ends_the_start(tmp_path, content):
    key = tmp_path / "secret_key"
    key.mkdir() if content == "directory" else key.touch()
    assert str(key) in refusal(run(*DAPHNE, APPLICATION, data_dir=tmp_path))


def test_a_port_in_use_ends_daphne(migrated, taken_port):
    sentence = refusal(run(*DAPHNE, "-p", taken_port, APPLICATION, data_dir=migrated))
    assert taken_port in sentence
    assert "in use" in sentence


def test_a_port_in_use_ends_the_one_command(migrated, taken_port):
    sentence = refusal(run("-m", "chatsite", data_dir=migrated, PORT=taken_port))
    assert f"127.0.0.1:{taken_port}" in sentence
    assert "PORT" in sentence


def test_a_host_that_is_not_this_machines_ends_the_one_command(migrated):
    assert "HOST" in refusal(run("-m", "chatsite", data_dir=migrated, HOST="192.0.2.1", PORT=str(free_port())))


def test_a_host_that_is_no_host_ends_the_one_command(migrated):
    assert "HOST" in refusal(run("-m", "chatsite", data_dir=migrated, HOST="no host", PORT=str(free_port())))


# What is.


def test_a_database_that_goes_away_makes_the_site_unready_but_alive(migrated, tmp_path):
    (tmp_path / "chatsite.sqlite3").write_bytes((migrated / "chatsite.sqlite3").read_bytes())
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running(*DAPHNE, "-p", str(port), APPLICATION, url=url, data_dir=tmp_path):
        assert httpx.get(f"{url}/readyz").status_code == 200
        (tmp_path / "chatsite.sqlite3").write_text("this is a letter, not a database\n" * 100)
        assert httpx.get(f"{url}/readyz").status_code == 503
        assert httpx.get(f"{url}/healthz").status_code == 200


def test_the_one_command_migrates_tells_the_address_and_serves(tmp_path):
    port = free_port()
    with running("-m", "chatsite", url=f"http://127.0.0.1:{port}", data_dir=tmp_path, PORT=str(port)):
        assert f"http://127.0.0.1:{port}/" in (tmp_path / "log").read_text()
        assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 200


async def test_runserver_serves_pages_static_files_and_the_socket(migrated):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running("manage.py", "runserver", "--noreload", str(port), url=url, data_dir=migrated, JOIN_RATE="0"):
        async with httpx.AsyncClient(base_url=url) as http:
            page = await http.get("/")
            assert page.status_code == 200
            for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
                assert (await http.get(path)).status_code == 200, path
            form = {"nickname": f"runner {port}", "csrfmiddlewaretoken": http.cookies["csrftoken"]}
            assert (await http.post("/join/", data=form)).status_code == 302
            cookie = f"sessionid={http.cookies['sessionid']}"
        address = f"ws://127.0.0.1:{port}/ws/chat/"
        async with websockets.connect(address, additional_headers={"Cookie": cookie, "Origin": url}) as socket_:
            wire = Wire(socket_)
            await wire.begin()
            assert (await wire.post("hi", room=wire.room("lobby")))["number"] >= 1
    assert "Traceback" not in (migrated / "log").read_text()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_daphne(migrated, end):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running(*DAPHNE, "-p", str(port), APPLICATION, url=url, data_dir=migrated) as process:
        process.send_signal(end)
        process.wait(10)
    assert "Traceback" not in (migrated / "log").read_text()


async def test_daphne_ends_although_people_are_connected(migrated):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running(*DAPHNE, "-p", str(port), APPLICATION, url=url, data_dir=migrated) as process:
        async with websockets.connect(f"ws://127.0.0.1:{port}/ws/chat/"):
            process.terminate()
            process.wait(10)


# By default nothing is revealed. These ask the site that all live tests share.


@pytest.mark.parametrize("path", ["/nothing/", "/rooms", "/static/nothing.js", "/%ff", "/ws/chat/"])
def test_a_page_that_is_not_there_reveals_nothing(site: Site, path):
    answer = httpx.get(site.url + path, follow_redirects=True)
    if path != "/rooms":
        assert answer.status_code == 404
    for inside in ("DEBUG", "Traceback", "urlpatterns", "URLconf", "chatsite.urls", "django", str(ROOT)):
        assert inside not in answer.text


def test_a_host_that_is_not_allowed_is_refused_and_learns_nothing(site: Site):
    before = len(site.log.read_text())
    answer = httpx.get(site.url, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "ALLOWED_HOSTS" not in answer.text
    httpx.get(site.url, headers={"Host": "evil.example"})
    log = site.log.read_text()[before:]
    assert log.count("Refused a request for the host 'evil.example'") == 1  # Strangers do not fill the log either.
    assert "Traceback" not in log


def test_static_files_are_served_without_debug(site: Site):
    page = httpx.get(site.url).text
    paths = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    assert paths
    for path in paths:
        answer = httpx.get(site.url + path)
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "max-age=31536000, public, immutable"


def test_a_page_of_another_release_gets_what_there_is_and_does_not_keep_it(site: Site):
    page = httpx.get(site.url).text
    (current,) = re.findall(r'href="(/static/[^"]+/chat/base.css)"', page)
    other = httpx.get(f"{site.url}/static/0123456789ab/chat/base.css")
    assert other.content == httpx.get(site.url + current).content
    assert "max-age=0" in other.headers["cache-control"]
    assert httpx.get(f"{site.url}/static/0123456789ab/chat/nothing.css").status_code == 404


def test_part_of_a_static_file_its_head_alone_and_nothing_else_can_be_asked_for(site: Site):
    page = httpx.get(site.url).text
    address = site.url + re.findall(r'href="(/static/[^"]+/chat/base.css)"', page)[0]
    whole = httpx.get(address)
    part = httpx.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    head = httpx.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))
    unchanged = {"If-Modified-Since": whole.headers["last-modified"]}
    assert httpx.get(address, headers=unchanged).status_code == 304
    assert httpx.post(address).status_code == 405


def test_a_release_is_named_by_the_content_of_its_files(tmp_path, monkeypatch):
    monkeypatch.setattr(static.finders, "get_finders", lambda: [FileSystemFinder()])
    (tmp_path / "one.js").write_text("1")
    with override_settings(STATICFILES_DIRS=[tmp_path], DEBUG=False):
        before = static.release.__wrapped__()
        assert static.release.__wrapped__() == before
        (tmp_path / "one.js").write_text("2")
        assert static.release.__wrapped__() != before
    with override_settings(DEBUG=True):
        assert static.release.__wrapped__() == ""


@pytest.mark.parametrize(
    ("name", "kind"),
    [("chat/base.css", "text/css"), ("chat/connection.js", "text/javascript"), ("chat/favicon.svg", "image/svg+xml")],
)
def test_a_static_file_has_its_type_and_is_asked_for_again_each_time(site: Site, name, kind):
    answer = httpx.get(f"{site.url}/static/{name}")
    assert answer.headers["content-type"].split(";")[0] == kind
    assert "max-age=0" in answer.headers["cache-control"]
    tag = answer.headers.get("last-modified")
    assert httpx.get(f"{site.url}/static/{name}", headers={"If-Modified-Since": tag}).status_code == 304


@pytest.mark.parametrize("path", ["..%2f..%2fmanage.py", "%2e%2e/%2e%2e/manage.py", "chat/../../../manage.py", "chat/"])
def test_nothing_but_static_files_is_served_as_one(site: Site, path):
    with socket.create_connection(("127.0.0.1", site.port), 5) as raw:
        raw.sendall(f"GET /static/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while part := raw.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"execute_from_command_line" not in answer


@pytest.mark.parametrize("path", ["/", "/ws/", "/ws/chat/x", "/nothing/", "/rooms/lobby/", "/ws/chät/"])
async def test_a_socket_to_no_door_is_refused_in_the_handshake(site: Site, path):
    before = len(site.log.read_text())
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"ws://127.0.0.1:{site.port}{path}", origin=site.url)
    assert refused.value.response.status_code == 403
    assert "Traceback" not in site.log.read_text()[before:]


async def test_the_socket_needs_a_session(site: Site):
    wire = await Wire.open(site, {"Origin": site.url})
    assert await wire.close_code() == 4401


async def test_the_socket_needs_the_sites_own_origin(site: Site):
    wire = await Wire.open(site, {"Origin": "http://evil.example"})
    assert await wire.close_code() == 4403
