"""The servers under measurement: each in processes of its own, on the servers' core, with its own Redis."""

import contextlib
import functools
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psutil
from redis import Redis as SyncRedis

from tests.bench import node, population
from tests.bench.dialects import Chatsite, Dialect, Editing, PlainJson, Raw, Reacting, SocketIO
from tests.bench.machine import OTHERS, SERVERS, pinned
from tests.bench.town import Town
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.servers import NO_LIMITS, ROOT, Cluster, Postgres, Redis, Site


@dataclass(frozen=True)
class Seat:
    """The data with which one person connects."""

    name: str
    url: str
    headers: dict[str, str]


@dataclass
class Server:
    """A running server and the people who may come to it."""

    dialect: Dialect
    town: Town
    seats: list[Seat]
    rooms: list[int | str]
    """The client's name for each of the town's rooms."""
    processes: list[psutil.Process]
    stores: list[psutil.Process] = field(default_factory=list)
    """Redis and PostgreSQL: counted apart."""
    cluster: Cluster | None = None
    """The site behind it, where it is one."""
    slugs: list[str] = field(default_factory=list)


PEERS = Path(__file__).parent / "peers"

Contestant = Callable[[Path, Town], contextlib.AbstractContextManager[Server]]


# chatsite.


class UvicornSite(Site):
    """The same application under uvicorn, as `pip install uvicorn[standard]` has it: uvloop, httptools, websockets."""

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "uvicorn", "--port", str(self.port), "--no-access-log", self.application]


class UvicornCluster(Cluster):
    @staticmethod
    def _site(data_dir: Path, environment: dict[str, str]) -> Site:
        data_dir.mkdir(exist_ok=True)
        return UvicornSite(data_dir, **environment)


@contextlib.contextmanager
def chatsite(
    folder: Path,
    town: Town,
    processes: int = 1,
    kind: type[Cluster] = Cluster,
    on_postgresql: bool = False,
    filled: int = 0,
    joined: int = 0,
    dialect: type[Dialect] = Chatsite,
) -> Iterator[Server]:
    """The site with its Redis layer, on SQLite, and without its limits per person.

    `filled` is how many messages the first room begins with, `joined` how many members, `dialect` what people do there.
    """
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(running_redis())
        stores, database = [psutil.Process(redis.process.pid)], ""
        if on_postgresql:
            postgres = stack.enter_context(running_postgres(folder / "postgresql"))
            stores, database = [*stores, postgres.process], postgres.database()
        cluster = kind(folder, processes, redis, database, **NO_LIMITS)
        cluster.migrate()
        sessions, rooms, slugs = population.settle(cluster, town)
        if filled:
            population.fill(cluster, rooms[0], filled)
        if joined:
            population.crowd(cluster, rooms[0], joined)
        stack.callback(_end, cluster)
        with pinned(SERVERS):
            cluster.start()
        doors = [site.socket_url for site in cluster.sites]
        seats = [
            Seat(f"person{number}", doors[number % len(doors)], {"Cookie": f"sessionid={session}"})
            for number, session in enumerate(sessions)
        ]
        processes = [psutil.Process(site.process.pid) for site in cluster.sites]
        yield Server(dialect(), town, seats, rooms, processes, stores, cluster, slugs)


def _end(cluster: Cluster) -> None:
    """At once: nothing is to be measured any more, and draining takes its time."""
    for site in cluster.sites:
        site.kill()


uvicorn = functools.partial(chatsite, kind=UvicornCluster)
on_postgresql = functools.partial(chatsite, on_postgresql=True)
two_processes = functools.partial(chatsite, processes=2)
editing = functools.partial(chatsite, dialect=Editing)
reacting = functools.partial(chatsite, dialect=Reacting)


# Peers.


@contextlib.contextmanager
def socketio(folder: Path, town: Town, processes: int = 1) -> Iterator[Server]:
    with running_redis() as redis, contextlib.ExitStack() as stack:
        started = [stack.enter_context(_socketio(folder / str(number), redis)) for number in range(processes)]
        ports, servers = zip(*started, strict=True)
        seats = [
            _seat(
                ports[number % processes], "socket.io/", number,
                EIO="4", transport="websocket", rooms=",".join(map(_room, rooms)),
            )
            for number, rooms in enumerate(town.rooms_of())
        ]  # fmt: skip
        yield _peer(SocketIO(), town, seats, servers, redis)


socketio_two = functools.partial(socketio, processes=2)


@contextlib.contextmanager
def socketio_signed(folder: Path, town: Town) -> Iterator[Server]:
    """The same, doing at each connection what the site does: sessions in Redis, presence told."""
    with running_redis() as redis, _socketio(folder, redis, "signed") as (port, process):
        seats = []
        with SyncRedis.from_url(redis.url) as client:
            for number, rooms in enumerate(town.rooms_of()):
                session = secrets.token_hex(16)
                seat = _seat(port, "socket.io/", number, EIO="4", transport="websocket")
                client.set(f"session:{session}", json.dumps({"name": seat.name, "rooms": [*map(_room, rooms)]}))
                seats.append(Seat(seat.name, seat.url, {"Cookie": f"session={session}"}))
        yield _peer(SocketIO(), town, seats, [process], redis)


@contextlib.contextmanager
def _socketio(folder: Path, redis: Redis, *options: str) -> Iterator[tuple[int, psutil.Process]]:
    port = free_port()
    command = [str(node.binary()), str(node.socketio()), str(port), redis.url, *options]
    with running(command, port, folder, NODE_ENV="production") as process:
        yield port, process


@contextlib.contextmanager
def tutorial(folder: Path, town: Town, layer: str) -> Iterator[Server]:
    with running_redis() as redis:
        port = free_port()
        command = [sys.executable, "-m", "daphne", "-p", str(port), "tests.bench.peers.tutorial:application"]
        with running(command, port, folder, LAYER=layer, REDIS_URL=redis.url) as process:
            yield _peer(PlainJson(), town, _seats_at_paths(port, town), [process], redis)


tutorial_pubsub = functools.partial(tutorial, layer="channels_redis.pubsub.RedisPubSubChannelLayer")
tutorial_core = functools.partial(tutorial, layer="channels_redis.core.RedisChannelLayer")


@contextlib.contextmanager
def gevent(folder: Path, town: Town) -> Iterator[Server]:
    port = free_port()
    with running([sys.executable, str(PEERS / "gevent_chat.py"), str(port)], port, folder) as process:
        yield _peer(PlainJson(), town, _seats_at_paths(port, town), [process])


@contextlib.contextmanager
def picows(folder: Path, town: Town) -> Iterator[Server]:
    port = free_port()
    with running([sys.executable, str(PEERS / "picows_chat.py"), str(port)], port, folder) as process:
        yield _peer(Raw(), town, _seats_at_paths(port, town), [process])


def _seats_at_paths(port: int, town: Town) -> list[Seat]:
    """For servers where the room is the address's path, and so each connection in one room."""
    return [_seat(port, f"{_room(rooms[0])}/", number) for number, rooms in enumerate(town.rooms_of())]


def _seat(port: int, path: str, number: int, **query: str) -> Seat:
    name = f"person{number}"
    return Seat(name, f"ws://127.0.0.1:{port}/{path}?{urlencode({'name': name, **query})}", {})


def _room(number: int) -> str:
    return f"room{number}"


def _peer(
    dialect: Dialect, town: Town, seats: list[Seat], processes: Sequence[psutil.Process], redis: Redis | None = None
) -> Server:
    rooms = [_room(number) for number in range(len(town.rooms))]
    stores = [psutil.Process(redis.process.pid)] if redis else []
    return Server(dialect, town, seats, rooms, list(processes), stores)


CONTESTANTS: dict[str, Contestant] = {
    "chatsite": chatsite,
    "uvicorn": uvicorn,
    "postgresql": on_postgresql,
    "two_processes": two_processes,
    "two_laden": two_processes,
    "editing": editing,
    "editing_postgresql": functools.partial(editing, on_postgresql=True),
    "reacting": reacting,
    "reacting_postgresql": functools.partial(reacting, on_postgresql=True),
    "socketio": socketio,
    "socketio_two": socketio_two,
    "socketio_signed": socketio_signed,
    "tutorial_pubsub": tutorial_pubsub,
    "tutorial_core": tutorial_core,
    "gevent": gevent,
    "picows": picows,
}

NAMES = {
    "chatsite": "chatsite, Daphne",
    "uvicorn": "chatsite, uvicorn",
    "postgresql": "chatsite, Daphne, PostgreSQL",
    "two_processes": "chatsite, two Daphnes",
    "two_laden": "chatsite, two Daphnes, 50 senders each",
    "editing": "chatsite, edits",
    "editing_postgresql": "chatsite, edits, PostgreSQL",
    "reacting": "chatsite, reactions",
    "reacting_postgresql": "chatsite, reactions, PostgreSQL",
    "socketio": "Socket.IO, Redis adapter",
    "socketio_two": "Socket.IO, two Nodes",
    "socketio_signed": "Socket.IO, with sign-in and presence",
    "tutorial_pubsub": "Channels tutorial, pub/sub layer",
    "tutorial_core": "Channels tutorial, core layer",
    "gevent": "gevent group chat",
    "picows": "bare picows loop",
}


# Processes.


@contextlib.contextmanager
def running(command: list[str], port: int, folder: Path, **environment: str) -> Iterator[psutil.Process]:
    """A server's process, on the servers' core, that takes connections at its port; killed with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    with log.open("w") as output, pinned(SERVERS):
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait_until_listening(process, port, log)
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


def _wait_until_listening(process: subprocess.Popen, port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args[0]} did not start:\n{log.read_text()}")


@contextlib.contextmanager
def running_redis() -> Iterator[Redis]:
    redis = Redis()
    with pinned(OTHERS):
        redis.start()
    try:
        yield redis
    finally:
        redis.kill()


_one_at_a_time = threading.Lock()
"""The library's own lock is one for all of a process's threads."""


class _Postgres(Postgres):
    @property
    def process(self) -> psutil.Process:
        return psutil.Process(int((self._server.pgdata / "postmaster.pid").read_text().split()[0]))


@contextlib.contextmanager
def running_postgres(folder: Path) -> Iterator[_Postgres]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with pinned(OTHERS), _one_at_a_time:
        postgres = _Postgres(folder)
    try:
        yield postgres
    finally:
        postgres.stop()
