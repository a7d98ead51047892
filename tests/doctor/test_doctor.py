"""`manage.py doctor`: a sentence for each thing that is wrong, each of them really so."""

import shutil
import sqlite3

import pytest
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from chat import conf
from chat.doctor import configuration, database, disk, layer, open_files, outside
from chat.doctor import redis as redis_checks
from chat.doctor.findings import Finding, Level
from chat.models import LOBBY, Room
from tests.commands import run
from tests.proxies import bad_proxy
from tests.servers import Site, daphne, free_port, least_rights


def found(findings, about: str) -> Finding:
    """The finding about something; there must be just one."""
    [finding] = [finding for finding in findings if finding.about == about]
    return finding


def sentence(findings, about: str, level: Level = Level.WRONG) -> str:
    finding = found(findings, about)
    assert finding.level is level, str(finding)
    return finding.sentence


# The command.


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The data of a site that is in order."""
    path = tmp_path_factory.mktemp("doctor")
    done = run("manage.py", "migrate", "--verbosity", "0", data_dir=path)
    assert done.returncode == 0, done.stderr
    return path


def test_a_site_in_order_gets_a_line_for_each_thing_and_status_0(folder):
    done = run("manage.py", "doctor", data_dir=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 14
    assert all(line.startswith("ok ") for line in lines)
    assert done.stderr == ""


def test_what_is_wrong_gets_a_sentence_and_status_1(folder):
    done = run("manage.py", "doctor", data_dir=folder, SECRET_KEY="secret", DEBUG="on", ALLOWED_HOSTS="*")
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stdout.splitlines() if line.startswith("wrong")] == [
        "wrong    secret key",
        "wrong    debug",
        "wrong    allowed hosts",
    ]
    assert done.stderr == "3 things are wrong.\n"


def test_a_warning_alone_leaves_status_0(folder):
    done = run("manage.py", "doctor", data_dir=folder, HTTPS="on")
    assert done.returncode == 0
    assert "warning  https:" in done.stdout


@pytest.mark.parametrize(
    ("hard", "level", "figure"), [(1024, Level.WARNING, "1024"), (20_000, Level.OK, "20000"), (-1, Level.OK, "65536")]
)
def test_few_open_files_are_a_warning(hard, level, figure):
    assert figure in sentence([open_files.allowed(hard)], "open files", level)


def test_a_database_that_was_not_migrated_is_wrong(tmp_path):
    done = run("manage.py", "doctor", data_dir=tmp_path)
    assert done.returncode == 1
    assert "wrong    migrations:" in done.stdout
    assert "python manage.py migrate" in done.stdout


def test_a_database_that_is_none_is_wrong_without_a_traceback(tmp_path):
    (tmp_path / "chatsite.sqlite3").write_text("this is a letter, not a database\n" * 100)
    done = run("manage.py", "doctor", data_dir=tmp_path)
    assert done.returncode == 1
    assert "wrong    database: It does not answer: file is not a database" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_database_server_that_is_away_is_wrong_and_its_password_stays_hidden(tmp_path):
    address = f"postgres://chat:hunter2@127.0.0.1:{free_port()}/chat"
    done = run("manage.py", "doctor", data_dir=tmp_path, DATABASE_URL=address)
    assert done.returncode == 1
    assert "wrong    database: It does not answer" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_several_processes_without_redis_are_wrong(folder):
    done = run("manage.py", "doctor", data_dir=folder, PROCESSES="4")
    assert done.returncode == 1
    assert "wrong    processes: There are 4" in done.stdout


def test_a_redis_that_is_away_is_wrong_and_its_password_stays_hidden(folder):
    address = f"redis://chat:hunter2@127.0.0.1:{free_port()}/0"
    done = run("manage.py", "doctor", data_dir=folder, REDIS_URL=address)
    assert done.returncode == 1
    assert "does not answer" in done.stdout
    assert "wrong    events:" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    assert done.stderr == "2 things are wrong.\n"


# Settings.


def test_a_short_key_can_be_guessed(settings):
    settings.SECRET_KEY = "x7#kq9!pLz"
    assert "SECRET_KEY" in configuration.secret_key().sentence
    assert configuration.secret_key().level is Level.WRONG


@pytest.mark.parametrize("key", ["a" * 60, "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz"])
def test_a_long_key_can_be_guessed_too(settings, key):
    settings.SECRET_KEY = key
    assert configuration.secret_key().level is Level.WRONG


def test_no_allowed_host_at_all_is_wrong(settings):
    settings.ALLOWED_HOSTS = []
    assert configuration.hosts().level is Level.WRONG


def test_a_csrf_cookie_over_plain_http_beside_a_secure_session_is_wrong(settings):
    settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE = True, False
    assert configuration.https().level is Level.WRONG


def test_a_proxy_without_https_is_a_warning(settings, monkeypatch):
    settings.SESSION_COOKIE_SECURE = False
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    assert configuration.https().level is Level.WARNING


def test_https_behind_a_proxy_is_in_order(settings, monkeypatch):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    assert configuration.https().level is Level.OK


# The database.


def test_a_database_in_order_says_so_with_figures(transactional_db):
    findings = list(database.check())
    assert {finding.level for finding in findings} == {Level.OK}
    assert " ms" in found(findings, "writing").sentence


def test_a_missing_migration_is_named(db):
    [last] = MigrationLoader(connection).graph.leaf_nodes("chat")
    MigrationRecorder(connection).record_unapplied(*last)
    assert " ".join(last) in sentence(database.check(), "migrations")


def test_a_missing_lobby_is_wrong(db):
    Room.objects.filter(slug=LOBBY).delete()
    assert "migrate" in sentence(database.check(), "lobby")


def test_a_database_that_takes_no_writes_is_wrong(transactional_db):
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only=ON" if sqlite else "SET default_transaction_read_only = on")
    try:
        assert "Nothing can be stored" in sentence(database.check(), "writing")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only=OFF" if sqlite else "SET default_transaction_read_only = off")


def test_slow_commits_are_a_warning(transactional_db, monkeypatch):
    monkeypatch.setattr(database, "SLOW_COMMIT_SECONDS", 0)
    assert "each message waits" in sentence(database.check(), "writing", Level.WARNING)


@pytest.fixture
def lax(tmp_path):
    """Makes the site's SQLite one with other settings: `lax("PRAGMA …")`."""
    if connection.vendor != "sqlite":
        pytest.skip("This is about SQLite.")
    changed = []

    def make(**options):
        path = tmp_path / "lax.sqlite3"
        sqlite3.connect(path).close()
        usual = connections.settings["default"]
        other = connections.create_connection("default")
        other.settings_dict = {**usual, "NAME": str(path), "OPTIONS": options}
        other.transaction_mode = options.get("transaction_mode")
        changed.append(other)
        return other

    yield make
    for other in changed:
        other.close()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({}, "not WAL"),
        ({"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"}, "synchronous"),
        ({"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"}, "transaction_mode"),
    ],
)
def test_an_sqlite_that_keeps_less_than_it_says_is_wrong(db, lax, monkeypatch, options, word):
    monkeypatch.setattr(database, "connection", lax(**options))
    assert word in sentence(database.sqlite(), "SQLite")


@pytest.fixture
def postgresql(db):
    if connection.vendor != "postgresql":
        pytest.skip("This is about PostgreSQL.")


def test_a_postgresql_that_acknowledges_too_early_is_wrong(postgresql):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert "synchronous_commit is off" in sentence(database.postgresql(), "PostgreSQL")


def test_more_connections_than_postgresql_gives_are_wrong(postgresql, monkeypatch):
    monkeypatch.setattr(conf, "PROCESSES", 64)
    assert "max_connections" in sentence(database.postgresql(), "connections")


# The disk.


def test_a_disk_with_room_is_in_order(tmp_path):
    finding = disk.space(tmp_path, little=0, too_little=0)
    share = shutil.disk_usage(tmp_path).free / shutil.disk_usage(tmp_path).total
    assert finding.level is (Level.OK if share >= disk.LITTLE_SHARE else Level.WARNING)
    assert "GiB free" in finding.sentence


def test_little_room_is_a_warning_and_too_little_is_wrong(tmp_path):
    assert disk.space(tmp_path, little=2**62, too_little=0).level is Level.WARNING
    assert disk.space(tmp_path, little=2**62, too_little=2**62).level is Level.WRONG


def test_a_folder_that_is_not_there_is_wrong(tmp_path):
    assert disk.space(tmp_path / "nowhere").level is Level.WRONG


def test_the_database_s_own_folder_is_looked_at(db):
    [finding] = disk.check()
    assert "GiB free in" in finding.sentence


# Between processes.


@pytest.fixture
def with_redis(redis, settings):
    backend = "chat.layers.redis.RedisChannelLayer"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": {"hosts": [redis.url]}}}
    redis.command("CONFIG", "SET", "client-output-buffer-limit", "pubsub 33554432 8388608 60")
    return redis


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(layer, "PATIENCE", 1)
    monkeypatch.setattr(redis_checks, "PATIENCE", 1)


def about(redis) -> str:
    return f"Redis 127.0.0.1:{redis.port}"


def test_a_redis_in_order_says_so_with_figures(with_redis):
    findings = list(layer.check())
    assert {finding.level for finding in findings} == {Level.OK}, findings
    assert "version 7" in findings[0].sentence
    assert "32 MiB" in findings[1].sentence
    assert " ms" in found(findings, "events").sentence


@pytest.mark.parametrize(("limit", "word"), [("0 0 0", "without end"), ("1048576 0 0", "1.0 MiB")])
def test_a_redis_that_treats_slow_readers_badly_is_a_warning(with_redis, limit, word):
    with_redis.command("CONFIG", "SET", "client-output-buffer-limit", f"pubsub {limit}")
    _, backlog, _ = layer.check()
    assert backlog.level is Level.WARNING
    assert word in backlog.sentence


def test_a_redis_that_tells_nothing_of_its_limits_is_a_warning(with_redis, settings):
    with_redis.command("ACL", "SETUSER", "narrow", "on", ">pass", "~*", "&*", "+@all", "-config")
    address = f"redis://narrow:pass@127.0.0.1:{with_redis.port}/0"
    settings.CHANNEL_LAYERS["default"]["CONFIG"] = {"hosts": [address]}
    _, backlog, _ = layer.check()
    assert backlog.level is Level.WARNING
    assert "does not tell" in backlog.sentence


def test_a_redis_that_allows_no_more_than_it_must_is_a_warning(with_redis, settings):
    with_redis.command(*least_rights("least", "pass"))
    settings.CHANNEL_LAYERS["default"]["CONFIG"] = {"hosts": [f"redis://least:pass@127.0.0.1:{with_redis.port}/0"]}
    version, backlog, events = layer.check()
    assert version.level is backlog.level is Level.WARNING
    assert "does not tell its version" in version.sentence
    assert events.level is Level.OK


def test_a_redis_that_allows_two_more_is_in_order(with_redis, settings):
    with_redis.command(*least_rights("more", "pass", "+info", "+config|get"))
    settings.CHANNEL_LAYERS["default"]["CONFIG"] = {"hosts": [f"redis://more:pass@127.0.0.1:{with_redis.port}/0"]}
    assert {finding.level for finding in layer.check()} == {Level.OK}


def test_an_old_redis_is_a_warning():
    assert redis_checks.judged("Redis", {"redis_version": "6.0.16"}).level is Level.WARNING


def test_a_redis_that_has_stopped_is_wrong(with_redis, impatient):
    with_redis.stop()
    try:
        findings = list(layer.check())
    finally:
        with_redis.start()
    assert "does not answer" in sentence(findings, about(with_redis))
    assert "did not come" in sentence(findings, "events")


def test_a_redis_that_hangs_is_wrong(with_redis, impatient):
    with_redis.pause()
    try:
        findings = list(layer.check())
    finally:
        with_redis.resume()
    assert "does not answer" in sentence(findings, about(with_redis))
    assert "did not come" in sentence(findings, "events")


def test_a_redis_that_lets_nobody_listen_is_wrong(with_redis, settings, impatient):
    """It answers, and yet no event passes: only sending one shows it."""
    with_redis.command("ACL", "SETUSER", "deaf", "on", ">pass", "~*", "resetchannels", "+@all")
    address = f"redis://deaf:pass@127.0.0.1:{with_redis.port}/0"
    settings.CHANNEL_LAYERS["default"]["CONFIG"] = {"hosts": [address]}
    findings = list(layer.check())
    assert {finding.level for finding in findings[:2]} == {Level.OK}
    assert "did not come" in sentence(findings, "events")


def test_a_channel_layer_of_another_kind_is_wrong(settings):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    assert "LocalChannelLayer" in sentence(layer.check(), "channel layer")


def test_no_channel_layer_at_all_is_wrong(settings):
    settings.CHANNEL_LAYERS = {}
    assert "LocalChannelLayer" in sentence(layer.check(), "channel layer")


# From outside. What is in order goes through the proxies of deploy/ (test_deploy.py).


@pytest.fixture(scope="module")
def behind_a_proxy(tmp_path_factory):
    with daphne(tmp_path_factory.mktemp("behind"), TRUSTED_PROXIES="1") as running:
        yield running


def ask(url: str) -> list[Finding]:
    return list(outside.check(url))


def test_a_site_without_a_proxy_is_in_order(site: Site):
    findings = ask(site.url)
    assert {finding.level for finding in findings} == {Level.OK}, findings
    assert {finding.about for finding in findings} == {
        "site", "readiness", "streams", "origin", "client address", "WebSocket",
    }  # fmt: skip


@pytest.mark.parametrize("url", ["chat.example.org", "ftp://chat.example.org/", "http:///"])
def test_what_is_no_address_is_wrong(url):
    assert "Expected one like" in sentence(ask(url), "address")


def test_a_site_that_is_away_is_wrong():
    assert "refused" in sentence(ask(f"http://127.0.0.1:{free_port()}/"), "site")


def test_a_site_that_speaks_no_tls_there_is_wrong(site):
    assert "does not answer as it should" in sentence(ask(site.url.replace("http:", "https:")), "site")


def test_a_name_that_the_site_does_not_know_is_wrong(site):
    with bad_proxy(site, Host="elsewhere.example") as url:
        assert "ALLOWED_HOSTS" in sentence(ask(url), "site")


def test_an_address_under_which_something_else_lives_is_wrong(site):
    assert "not by this site" in sentence(ask(f"{site.url}/static/"), "site")


def test_a_site_whose_database_is_away_is_not_ready(tmp_path):
    with daphne(tmp_path) as site:
        if site.environment.get("DATABASE_URL"):
            pytest.skip("This one takes the file away.")
        for file in tmp_path.glob("chatsite.sqlite3*"):
            file.unlink()
        (tmp_path / "chatsite.sqlite3").write_text("this is a letter, not a database\n" * 100)
        assert "cannot serve" in sentence(ask(site.url), "readiness")


def test_a_proxy_that_buffers_and_passes_no_websocket_is_wrong(site):
    with bad_proxy(site) as url:
        findings = ask(url)
    assert "must not buffer" in sentence(findings, "streams")
    assert "Upgrade" in sentence(findings, "WebSocket")


def test_a_proxy_that_says_another_name_is_wrong(site):
    with bad_proxy(site, Host="localhost") as url:
        assert "must pass Host" in sentence(ask(url), "origin")


def test_a_proxy_that_nobody_trusts_is_a_warning(site):
    with bad_proxy(site, X_Forwarded_For="198.51.100.7") as url:
        assert "TRUSTED_PROXIES is 0" in sentence(ask(url), "client address", Level.WARNING)


def test_a_proxy_that_passes_on_what_clients_claim_is_wrong(behind_a_proxy):
    with bad_proxy(behind_a_proxy) as url:
        findings = ask(url)
    assert "claim any" in sentence(findings, "client address")
    assert "takes itself for https" in sentence(findings, "origin")


def test_a_proxy_that_says_who_the_client_is_is_well(behind_a_proxy, monkeypatch):
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    with bad_proxy(behind_a_proxy, X_Forwarded_For="198.51.100.7", X_Forwarded_Proto="http") as url:
        findings = ask(url)
    assert "198.51.100.7" in sentence(findings, "client address", Level.OK)


@pytest.mark.parametrize("entry", ["198.51.100.7:51234", "[2001:db8::7]:443"])
def test_a_proxy_that_says_a_port_too_is_a_warning(behind_a_proxy, monkeypatch, entry):
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    with bad_proxy(behind_a_proxy, X_Forwarded_For=entry, X_Forwarded_Proto="http") as url:
        assert "the address alone" in sentence(ask(url), "client address", Level.WARNING)


def test_a_proxy_that_names_nobody_is_wrong(behind_a_proxy, monkeypatch):
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    with bad_proxy(behind_a_proxy, X_Forwarded_For="unknown", X_Forwarded_Proto="http") as url:
        assert "everybody counts as one" in sentence(ask(url), "client address")


def test_https_cookies_over_plain_http_are_wrong(site, settings):
    settings.SESSION_COOKIE_SECURE = True
    assert "nobody stays signed in" in sentence(ask(site.url), "origin")
