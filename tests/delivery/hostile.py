"""Clients that do not read, do not stop, or send too much: what they cost the server, and what they cost the others."""

import asyncio
import contextlib
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator

import psutil
import websockets
from websockets.asyncio.client import ClientConnection, connect

from chat.live.outbox import BURST_BYTES
from chat.server.transport import OUTGOING_BYTES
from tests.delivery.client import chance
from tests.delivery.crowd import Crowd, crowd, p99, waits
from tests.delivery.figures import Figures
from tests.delivery.population import Account
from tests.delivery.scale import Scale
from tests.servers import Cluster, Site

MIB = 1024 * 1024
SLACK_MIB = 4
FLOOD_MIB = 32
LONG_BODY = "聊" * 10_000
ENOUGH_BYTES = 8 * MIB
"""More than the sockets of a kernel hold for somebody who does not read."""
LONG_POSTS_PER_SECOND = 30

KEPT, KEPT_SECONDS = 0, 15
"""In place of a close code: who has not been cut by then will not be."""


class Memory:
    """The most that the processes of a cluster have grown by, since `start`."""

    def __init__(self, cluster: Cluster) -> None:
        self._processes = [psutil.Process(site.process.pid) for site in cluster.sites]
        self._before = self._now()
        self.most = 0

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator["Memory"]:
        watch = asyncio.create_task(self._watch())
        try:
            yield self
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    @property
    def mib(self) -> float:
        return self.most / MIB

    async def _watch(self) -> None:
        while True:
            self.most = max(self.most, self._now() - self._before)
            await asyncio.sleep(0.1)

    def _now(self) -> int:
        return sum(process.memory_info().rss for process in self._processes)


async def slow_readers(cluster: Cluster, scale: Scale) -> Figures:
    """Some in one room stop reading, and half of those go on to write; the others must not feel it."""
    async with crowd(cluster, scale) as people:
        room, *rooms = people.members
        rate = scale.posts_per_second / 2
        async with people.load(rate, rooms), _long_posts(people, room):
            await people.until_acknowledged(more=int(rate * scale.seconds))
            calm = len(people.posts)
            async with _not_reading(people, room, scale.slow_readers) as slow, Memory(cluster).watched() as memory:
                said = sum(len(post.body.encode()) for post in people.posts if post.room == room)
                await people.until(lambda: _bytes_in(people, room) > said + ENOUGH_BYTES)
                codes = await asyncio.gather(*(one.read_to_the_end() for one in slow))
        equal = await people.until_equal()
        figures = await Figures.of(f"{scale.slow_readers} clients stop reading", people, equal)
    before, after = (p99(list(waits(posts))) for posts in (people.posts[:calm], people.posts[calm:]))
    # The promise for each: a burst in its outbox, and what waits with the transport. Where posts come together, as
    # on a busy machine, all of them may have that much at once.
    most = scale.slow_readers * (BURST_BYTES + OUTGOING_BYTES) / MIB + SLACK_MIB
    figures.must(memory.mib <= most, f"{memory.mib:.1f} MiB more memory, of {most:.0f} at most")
    # One that writes may have asked for what it lacks just before it was told: then it is read on from the database, as
    # fast as it takes that, and what happens meanwhile does not wait for it.
    figures.must(set(codes[1::2]) <= {4408, 1006}, f"not cut, but {Counter(codes)}")
    figures.must(set(codes[::2]) <= {4408, 1006, KEPT}, f"neither cut nor kept, but {Counter(codes)}")
    figures.note(f"+{memory.mib:.1f} MiB, closed with {dict(Counter(codes))}, the others' p99 × {after / before:.1f}")
    return figures


async def flood(cluster: Cluster, scale: Scale) -> Figures:
    """Frames as fast as the line takes them, from a few at once, until the server has had enough."""
    async with crowd(cluster, scale) as people:
        async with people.load(scale.posts_per_second):
            await people.until_acknowledged(more=int(scale.posts_per_second * 2))
            accounts = people.district.accounts[:3]
            async with Memory(cluster).watched() as memory:
                codes = await asyncio.gather(*(_flood(cluster.next_door(), account) for account in accounts))
        figures = await Figures.of("a flood of frames", people, await people.until_equal())
    figures.must(set(codes) == {4429}, f"closed with {Counter(codes)}")
    figures.must(memory.mib <= FLOOD_MIB, f"{memory.mib:.1f} MiB more memory")
    figures.note(f"+{memory.mib:.1f} MiB, closed with {dict(Counter(codes))}")
    return figures


async def big_bodies(cluster: Cluster, scale: Scale) -> Figures:
    """A gigabyte is posted: once with its length said beforehand, once without."""
    figures = Figures("POST of 1 GB")
    async with Memory(cluster).watched() as memory:
        for chunked in (False, True):
            status, sent = await _pour(cluster.next_door(), 1024 * MIB, chunked)
            figures.must(status == 413, f"answered with {status}")
            figures.note(f"{'chunked' if chunked else 'with its length'}: {status} after {sent / MIB:.1f} MiB")
    figures.must(memory.mib <= FLOOD_MIB, f"{memory.mib:.1f} MiB more memory")
    figures.note(f"+{memory.mib:.1f} MiB")
    return figures


class SlowReader:
    """A connection with a small window that says hello and then reads nothing more."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    @classmethod
    async def come(cls, site: Site, account: Account) -> "SlowReader":
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.setblocking(False)
        await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", site.port))
        connection = await _knock(site, account, sock=line)
        await connection.recv()
        connection.transport.pause_reading()
        return cls(connection)

    async def write(self) -> None:
        """As somebody whose typing is told, but who hears nothing."""
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await self.connection.send('{"type":"sync","rooms":{}}')
                await asyncio.sleep(0.5)

    async def read_to_the_end(self) -> int:
        """The close code; 1006 where the line was cut, and `KEPT` where it goes on."""
        self.connection.transport.resume_reading()
        try:
            async with asyncio.timeout(KEPT_SECONDS):
                while True:
                    await self.connection.recv()
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        except TimeoutError:
            return KEPT


@contextlib.asynccontextmanager
async def _not_reading(people: Crowd, room: int, number: int) -> AsyncIterator[list[SlowReader]]:
    accounts = people.district.members[room][:number]
    slow = [await SlowReader.come(people.cluster.next_door(), account) for account in accounts]
    writing = [asyncio.create_task(one.write()) for one in slow[::2]]
    try:
        yield slow
    finally:
        for task in writing:
            task.cancel()
        await asyncio.gather(*writing, return_exceptions=True)
        for one in slow:
            one.connection.transport.abort()
            await one.connection.wait_closed()


@contextlib.asynccontextmanager
async def _long_posts(people: Crowd, room: int) -> AsyncIterator[None]:
    async def write() -> None:
        while True:
            chance.choice(people.members[room]).post(room, LONG_BODY)
            await asyncio.sleep(1 / LONG_POSTS_PER_SECOND)

    work = asyncio.create_task(write())
    try:
        yield
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


def _bytes_in(people: Crowd, room: int) -> int:
    return sum(len(post.body.encode()) for post in people.posts if post.room == room and post.number)


async def _flood(site: Site, account: Account) -> int:
    """The close code that it comes to."""
    async with await _knock(site, account) as connection:
        frame = json.dumps({"type": "sync", "rooms": {}, "pad": "x" * 8_000})

        async def read() -> None:
            while True:
                await connection.recv()

        reading = asyncio.create_task(read())
        try:
            while True:
                await connection.send(frame)
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


async def _knock(site: Site, account: Account, **options) -> ClientConnection:
    headers = {"Cookie": f"sessionid={account.session}", "Origin": site.url}
    connection = await connect(
        site.socket_url, additional_headers=headers, compression=None, max_size=None, ping_interval=None, **options
    )
    await connection.send('{"type":"sync"}')
    return connection


async def _pour(site: Site, size: int, chunked: bool) -> tuple[int, int]:
    """The status of the answer, and how many bytes the server let us send."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % size
    writer.write(b"POST /join/ HTTP/1.1\r\nHost: 127.0.0.1\r\n%b\r\n\r\n" % length)
    answer = asyncio.create_task(reader.readline())
    block, sent = b"x" * (64 * 1024), 0
    piece = b"%x\r\n%b\r\n" % (len(block), block) if chunked else block
    try:
        while sent < size and not answer.done():
            writer.write(piece)
            await writer.drain()
            sent += len(block)
    except ConnectionError:
        pass
    try:
        words = (await answer).split()
    except ConnectionError:
        words = []
    writer.transport.abort()
    return int(words[1]) if len(words) > 1 else 0, sent
