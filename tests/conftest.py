"""People and rooms that tests of the domain share. Their roles never change: alice owns, bob is in, mallory is not."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import count
from pathlib import Path
from ssl import SSLContext
from threading import Barrier, current_thread, main_thread

import httpx
import hypothesis
import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.test import Client, override_settings
from django.utils import translation
from servestatic.middleware import ServeStaticMiddleware
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from chat import addresses
from chat.actions import memberships, people, rooms
from chat.limits import Buckets
from chat.live import threads
from chat.models import LOBBY, Profile, Room
from tests import counts
from tests.clients import Person
from tests.patience import PATIENCE, be_patient
from tests.servers import NO_LIMITS, Redis, Site, daphne
from tests.tools import certify


@cache
def _context(_certificates: str | None, **options: object) -> SSLContext:
    return httpx.create_ssl_context(**options)


# Sites are asked over plain HTTP: the authorities that the web trusts are read once, and not for each client (45 ms).
httpx._transports.default.create_ssl_context = lambda **options: _context(os.environ.get("SSL_CERT_FILE"), **options)

be_patient()

_numbers = count(1)

_opened: dict[BaseDatabaseWrapper, str] = {}
"""The connections that other threads than the tests' opened during a test, and the names of these threads."""

_DELIVERY = "tests/delivery/"

_ONE_BY_ONE = {
    f"tests/browser/test_{subject}.py"
    for subject in ("changing_ways", "connection_page", "history", "reading", "unread", "ways")
}

_DATABASE = {"db", "transactional_db", "site", "own_site"}


# How long an example takes says nothing on a busy machine. `make check` tries fewer of them.
hypothesis.settings.register_profile("whole", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("quick", hypothesis.settings.get_profile("whole"), max_examples=20)


def pytest_configure(config: pytest.Config) -> None:
    """Processes that tests start can be interrupted, though a shell has its background jobs ignore that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    hypothesis.settings.load_profile(config.getoption("--hypothesis-profile") or "whole")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what touches the database, for `make test-postgresql`, and what starts processes, which `make check` omits.

    A file is marked `one_database` where another database would show nothing new. What takes long comes first, so that
    no worker is left alone with it.
    """
    for item in items:
        uses_database = _DATABASE & set(item.fixturenames) or item.get_closest_marker("django_db")
        if uses_database and not item.get_closest_marker("one_database"):
            item.add_marker(pytest.mark.storage)
        if item.get_closest_marker("above_storage") and os.environ.get("DATABASE_URL"):
            item.add_marker(pytest.mark.proof)
        if _starts_processes(item):
            item.add_marker(pytest.mark.server)
    with_servers = {item.path for item in items if item.get_closest_marker("server")}
    items.sort(key=lambda item: (_DELIVERY not in item.nodeid, item.path not in with_servers))


class _Scheduling(LoadFileScheduling):
    """A file at a time goes to one worker; the delivery proofs together, because their clusters are shared; and tests
    of a page that waits much one by one.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        if file in _ONE_BY_ONE:
            return nodeid
        return _DELIVERY if file.startswith(_DELIVERY) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    return _Scheduling(config, log)


def _starts_processes(item: pytest.Item) -> bool:
    uses = vars(item.module).values()
    return bool({"site", "own_site", "redis"} & set(item.fixturenames)) or any(
        used is subprocess
        or getattr(used, "__module__", "") in {"tests.servers", "tests.commands"}
        or (isinstance(used, type) and issubclass(used, Site))
        for used in uses
    )


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Half a second less for each password: those of tests are no secrets."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A page in another language leaves none to what the test asks next, nor to the next test."""
    with translation.override("en"):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """A failed test shows what its site said last."""
    report = yield
    site = getattr(item, "funcargs", {}).get("site")
    if report.failed and site:
        said = [line for line in site.log.read_text().splitlines() if "/static/" not in line]
        report.sections.append(("The site's log", "\n".join(said[-40:])))
    return report


@pytest.fixture(scope="session", autouse=True)
def static_files_looked_for_once() -> Iterator[None]:
    """Each test client has middleware of its own, which looks for all static files: that takes as long as a test."""
    look, found = ServeStaticMiddleware.add_files_from_finders, {}

    def look_once(middleware: ServeStaticMiddleware) -> None:
        if middleware.static_prefix not in found:
            look(middleware)
            found[middleware.static_prefix] = middleware.files, middleware.directories
        files, directories = found[middleware.static_prefix]
        middleware.files, middleware.directories = files.copy(), directories.copy()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ServeStaticMiddleware, "add_files_from_finders", look_once)
        yield


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Path:
    return certify(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def person(db):
    """Makes a person who has joined: `person("alice")`."""
    return people.join


@pytest.fixture
def alice(person) -> Profile:
    return person("alice")


@pytest.fixture
def bob(person) -> Profile:
    return person("bob")


@pytest.fixture
def mallory(person) -> Profile:
    return person("mallory")


@pytest.fixture
def lobby(db) -> Room:
    return Room.objects.get(slug=LOBBY)


@pytest.fixture
def chess(alice) -> Room:
    """A public room that alice owns and nobody else is in."""
    return rooms.create(alice, Room.Kind.PUBLIC, "Chess", "openings")


@pytest.fixture
def den(alice, bob) -> Room:
    """A private room that alice owns and bob is in."""
    room = rooms.create(alice, Room.Kind.PRIVATE, "Den", "")
    memberships.add(alice, room, "bob")
    return room


@receiver(connection_created)
def _note(connection: BaseDatabaseWrapper, **_: object) -> None:
    if (thread := current_thread()) is not main_thread():
        _opened[connection] = thread.name


@pytest.fixture
def visitor() -> Client:
    """A browser in which nobody has joined."""
    return Client()


@pytest.fixture
def no_join_limit(monkeypatch) -> None:
    """All come from one address."""
    monkeypatch.setattr(addresses, "joins", Buckets(0, 0))
    monkeypatch.setattr(addresses, "returns", Buckets(0, 0))


@pytest.fixture(autouse=True)
def nobody_counted() -> None:
    counts.forget()


@pytest.fixture(autouse=True)
def no_connection_left() -> Iterator[None]:
    """Fails the test that leaves another thread a connection to the test database, and closes it.

    PostgreSQL removes no database that somebody uses: else the last test would fail, whichever left the connection.
    """
    yield
    left = []
    while _opened:
        connection, thread = _opened.popitem()
        if connection.connection is not None:
            connection.inc_thread_sharing()
            connection.close()
            connection.dec_thread_sharing()
            left.append(thread)
    if left:
        pytest.fail(f"Left a database connection in {sorted(left)}: see the fixture live_threads.", pytrace=False)


@pytest.fixture
async def live_threads(transactional_db):
    """For tests that use the database from other threads: afterwards these are idle, and let go of the test database.

    Emptying the tables while a thread still writes to them would be a deadlock.
    """
    yield
    quiet = False
    while not quiet:  # What a thread was still doing may have told somebody, who asks the database in turn.
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await sync_to_async(connections.close_all)()
        await _let_go(threads.readers, threads.READ_THREADS)
        await _let_go(threads.writers, threads.WRITE_THREADS)
        await threads.journal_thread.run(connections.close_all)
        quiet = not tasks


async def _let_go(pool: ThreadPoolExecutor, size: int) -> None:
    """Each of its threads closes its connection, once it has finished what it does."""
    # Each takes one of the calls, also those that are busy or not yet started.
    everybody = Barrier(size)

    def let_go() -> None:
        connections.close_all()
        everybody.wait(PATIENCE)

    await asyncio.gather(*(asyncio.get_running_loop().run_in_executor(pool, let_go) for _ in range(size)))


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with Redis() as server:
        yield server


# Live tests: one running site for all of them, people of their own for each.


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[Site]:
    with daphne(tmp_path_factory.mktemp("site"), **NO_LIMITS) as running:
        yield running


@pytest.fixture
def joins(site, joins_at) -> Callable[[str], Awaitable[Person]]:
    """Lets people join: `alice = await joins("alice")` gives somebody whose nickname begins with alice."""
    return lambda name, where=site: joins_at(name, where)


@pytest.fixture
async def joins_at():
    """The same at a site of the test's own: `alice = await joins_at("alice", own_site)`."""
    people = []

    async def join(name: str, where: Site) -> Person:
        people.append(await Person.join(where, f"{name} {next(_numbers)}"))
        return people[-1]

    yield join
    for person in people:
        await person.close()
