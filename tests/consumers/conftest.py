"""People who have joined a running site, programs that know only the simple wire, and sites to treat badly."""

import asyncio
from itertools import count

import pytest

from tests.consumers.programs import Program
from tests.servers import NO_LIMITS, Site, daphne

_numbers = count(1)


@pytest.fixture
async def alice(joins):
    return await joins("alice")


@pytest.fixture
async def bob(joins):
    return await joins("bob")


@pytest.fixture
def own_site(tmp_path):
    """A site of the test's own, because it is treated badly."""
    with daphne(tmp_path, **NO_LIMITS) as site:
        yield site


@pytest.fixture
async def at(site):
    """Connects programs: `await at("/ws")`."""
    opened = []

    async def connect(path: str, where: Site = site) -> Program:
        opened.append(await Program.open(where, path))
        return opened[-1]

    yield connect
    await asyncio.gather(*(program.socket.close() for program in opened))


@pytest.fixture
def programs(site, at):
    """The same for guests: `await programs("robin")` speaks under a nickname that begins with robin."""

    async def connect(name: str, where: Site = site, *, exactly: bool = False) -> Program:
        return await at(f"/ws/{name}" if exactly else f"/ws/{name}-{next(_numbers)}", where)

    return connect


@pytest.fixture
async def echo(at):
    return await at("/ws")


@pytest.fixture
async def room(alice, bob):
    """The slug of a room of these two."""
    slug = await alice.create_room(f"Room of {alice.nickname}")
    await bob.submit(f"/rooms/{slug}/join/")
    return slug


@pytest.fixture
async def two(alice, bob, room):
    """Both people's connections, and the room's id."""
    one, other = await alice.connect(), await bob.connect()
    return one, other, one.room(room)
