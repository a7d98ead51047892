"""People and rooms that tests of the domain share. Their roles never change: alice owns, bob is in, mallory is not."""

import asyncio
from collections.abc import Iterator
from itertools import count
from threading import Barrier

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from chat.actions import memberships, people, rooms
from chat.live import database
from chat.models import LOBBY, Profile, Room
from tests.clients import Person
from tests.servers import NO_LIMITS, Site, daphne

_numbers = count(1)

_DATABASE = {"db", "transactional_db", "site", "own_site"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever touches the database runs on both: `make test-postgresql` takes those marked here."""
    for item in items:
        if _DATABASE & set(item.fixturenames) or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.storage)


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
def den(alice, bob) -> Room:
    """A private room that alice owns and bob is in."""
    room = rooms.create(alice, Room.Kind.PRIVATE, "Den", "")
    memberships.add(alice, room, "bob")
    return room


@pytest.fixture
async def live_threads(transactional_db):
    """For tests that use the database from other threads: afterwards these are idle, and let go of the test database.

    Emptying the tables while a thread still writes to them would be a deadlock.
    """
    yield
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await sync_to_async(connections.close_all)()
    for executor in (database.pool, database.journal_thread):
        threads = len(executor._threads)
        if threads:
            barrier = Barrier(threads)  # So that each thread takes one of the calls.
            list(executor.map(lambda _, barrier=barrier: (connections.close_all(), barrier.wait(10)), range(threads)))


# Live tests: one running site for all of them, people of their own for each.


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[Site]:
    with daphne(tmp_path_factory.mktemp("site"), **NO_LIMITS) as running:
        yield running


@pytest.fixture
async def joins(site):
    """Lets people join: `alice = await joins("alice")` gives somebody whose nickname begins with alice."""
    people = []

    async def join(name: str, where: Site = site) -> Person:
        people.append(await Person.join(where, f"{name} {next(_numbers)}"))
        return people[-1]

    yield join
    for person in people:
        await person.close()
