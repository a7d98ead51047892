"""Starting and ending, by real processes: what is in order starts, what is not ends with one clear sentence."""

import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import websockets

from tests.clients import Wire
from tests.commands import refusal, run, running
from tests.patience import PATIENCE
from tests.ports import free_port

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


# Findings that are not in order.


def test_a_database_that_was_not_migrated_ends_the_start(tmp_path):
    sentence = refusal(run(*DAPHNE, "-p", str(free_port()), APPLICATION, data_dir=tmp_path))
    assert "not migrated" in sentence
    assert "python manage.py migrate" in sentence


@pytest.mark.proof
def test_a_database_that_is_none_ends_the_start(tmp_path):
    (tmp_path / "chatsite.sqlite3").write_text("this is a letter, not a database\n" * 100)
    sentence = refusal(run(*DAPHNE, "-p", str(free_port()), APPLICATION, data_dir=tmp_path))
    assert "database does not answer" in sentence


@pytest.mark.proof
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


# Findings that are in order.


@pytest.mark.proof
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


@pytest.mark.proof
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_daphne(migrated, end):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running(*DAPHNE, "-p", str(port), APPLICATION, url=url, data_dir=migrated) as process:
        process.send_signal(end)
        process.wait(PATIENCE)
    assert "Traceback" not in (migrated / "log").read_text()


async def test_daphne_ends_although_people_are_connected(migrated):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running(*DAPHNE, "-p", str(port), APPLICATION, url=url, data_dir=migrated) as process:
        async with websockets.connect(f"ws://127.0.0.1:{port}/ws/chat/"):
            process.terminate()
            process.wait(PATIENCE)
