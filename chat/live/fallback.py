"""The doors of plain HTTP: an event stream, polls that wait or do not, and sending. The frames are the WebSocket's.

For people behind something that lets no WebSocket through, and for programs that need no more than `curl`. A poll
leaves nothing behind on the server: the client says what it has, and whichever process answers goes on from there, as
after a reconnect. So what comes between two polls is not lost, and a restart costs nothing.
"""

import asyncio
import contextlib
import logging
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from functools import wraps
from typing import Any

from channels.layers import get_channel_layer

from chat.live import admission, database, metering, protocol, receiving
from chat.live.admission import Admitted
from chat.live.connection import Connection
from chat.live.exchange import EVENTS, FRAMES, Exchange, Gone, Receive, Scope, Send
from chat.live.hub import hub
from chat.live.outbox import Outbox, Write
from chat.live.presence import BETWEEN_POLLS_SECONDS
from chat.refusals import Refusal

logger = logging.getLogger(__name__)

COMMENT_SECONDS = 15
"""How long a stream is silent at most. Proxies give up on silence, and a client knows that its stream still stands."""

ANSWER_BYTES = 256 * 1024
"""How large the answer to a poll grows before it leaves, and the rest is left to the next one."""

FRAMES_AT_ONCE = 256
"""Frames that one request may send."""

QUERY_BYTES = 8000
"""How long a query may be. Proxies stop somewhere above, and say nothing that helps."""

LISTEN_BYTES = 128 * 1024
"""How long a body may be that asks for a poll or a stream."""

ROOMS_IN_ID = 200
"""Of how many rooms an event's id has the cursors. Browsers send it back in a header, which may not be long either."""

Door = Any
"""An ASGI application. Typed so that Django's `path`, which channels' router shares with views, takes it."""

Answer = Callable[[Exchange, Admitted], Coroutine[Any, Any, None]]


def _door(*methods: str, tokens: float) -> Callable[[Answer], Door]:
    """Lets in who may come in; everybody else is told why not. A request costs so many tokens."""

    def decorate(answer: Answer) -> Door:
        @wraps(answer)
        async def door(scope: Scope, receive: Receive, send: Send) -> None:
            exchange = Exchange(scope, receive, send)
            try:
                if exchange.method not in methods:
                    detail = f"This address takes {' and '.join(methods)} alone."
                    await exchange.refuse(Refusal("bad_method", detail), allow=", ".join(methods))
                    return
                admitted = await _admitted(exchange)
                metering.spend([(metering.people, admitted.profile.pk)], tokens)
                await answer(exchange, admitted)
            except Refusal as refusal:
                await exchange.refuse(refusal)
            except Gone:
                return
            except Exception:
                logger.exception("A request could not be answered.")
                if exchange.has_begun:
                    await exchange.end()
                else:
                    await exchange.refuse(receiving.FAILED)

        return door

    return decorate


async def _admitted(exchange: Exchange) -> Admitted:
    """The person who asks. Raises `Refusal`."""
    if len(exchange.scope["query_string"]) > QUERY_BYTES:
        raise Refusal("too_long", "This address is too long. Send the cursors in the body of a POST.")
    if not admission.is_trusted_origin(exchange.scope):
        raise Refusal("forbidden", "Pages of other sites may not do this.")
    if hub.is_draining:
        raise _ended(protocol.RESTARTING)
    if exchange.method == "POST":
        reason = await database.query(admission.forgery, exchange.scope)
        if reason:
            raise Refusal("forbidden", f"This may have come from another site: {reason}")
    admitted = await admission.let_in(exchange.scope)
    _check_person(exchange.query.get("as"), admitted)
    return admitted


def _check_person(named: str | None, admitted: Admitted) -> None:
    nickname = admitted.profile.nickname
    if named not in (None, nickname):
        raise Refusal("not_signed_in", f"It is {nickname} who is signed in now.")


# Hearing.


async def _asked(exchange: Exchange, admitted: Admitted) -> protocol.Listen:
    """The parameters of a poll or a stream: the body of a POST, or the query of a GET."""
    if exchange.method == "POST":
        asked = protocol.parse_listen(await exchange.body(LISTEN_BYTES))
        _check_person(asked.as_, admitted)
        return asked
    text, probe = exchange.query.get("cursors"), exchange.query.get("probe")
    return protocol.Listen(
        cursors=protocol.parse_cursors(text) if text else None,
        wait=_seconds(exchange.query.get("wait", str(protocol.WAIT_SECONDS))),
        probe=None if probe is None else _number(probe),
    )


@contextlib.contextmanager
def _held(admitted: Admitted) -> Iterator[None]:
    """For as long as a request stays open. Raises `Refusal` where its person has too many of them."""
    if not metering.connections.take(admitted.profile.pk):
        raise metering.too_many_connections()
    try:
        yield
    finally:
        metering.connections.give_back(admitted.profile.pk)


@_door("GET", "POST", tokens=metering.OPENING)
async def stream(exchange: Exchange, admitted: Admitted) -> None:
    """Frames as server-sent events, a `data:` each. An event's id is what a client that has it says to go on from."""
    asked = await _asked(exchange, admitted)
    last_id = admission.header(exchange.scope, b"last-event-id")
    with _held(admitted):
        await _stream(exchange, admitted, protocol.parse_cursors(last_id) if last_id else asked.cursors)


def id_line(place: dict[int, int] | None) -> bytes:
    """The id from which a browser goes on; an empty one makes it begin anew."""
    if place is None:
        return b""
    return b"\nid: " + protocol.encode(place) if len(place) <= ROOMS_IN_ID else b"\nid:"


async def _stream(exchange: Exchange, admitted: Admitted, cursors: dict[int, int] | None) -> None:
    listener = _Listener(exchange, admitted)

    def event(lines: bytes, place: dict[int, int] | None) -> bytes:
        return b"data: " + lines.replace(b"\n", b"\ndata: ") + id_line(place) + b"\n\n"

    async def take(text: str) -> None:
        await exchange.write(event(text.encode(), listener.connection.place()))

    def take_at_once(lines: bytes) -> bool:
        """A third of what the long way costs. It is asked for all that waits, so nothing more does."""
        return exchange.write_at_once(event(lines, listener.connection.cursors))

    await exchange.begin(EVENTS)
    await exchange.write(b":\n\n")
    async with listener.open(take, cursors, take_at_once) as connection:
        if cursors is not None:
            await listener.first_of(connection.settled())
            connection.put(_synced(connection))
        while not listener.is_over:
            await listener.woken(COMMENT_SECONDS)
            if not listener.is_over and connection.place() is not None:
                await exchange.write(b":\n\n")
        await exchange.end(b"event: close\ndata: %d\n\n" % listener.code if listener.code else b"")


@_door("GET", "POST", tokens=metering.OPENING)
async def poll(exchange: Exchange, admitted: Admitted) -> None:
    """What came since the client's cursors, at once; where nothing did, what comes next, within `wait` seconds.

    The last line is always `synced`: the cursors of the next poll. With `probe`, the number of the last trial message
    that the client has, a newer one is part of what came.
    """
    asked = await _asked(exchange, admitted)
    if asked.wait:
        with _held(admitted):
            await _poll(exchange, admitted, asked)
    else:
        await _poll(exchange, admitted, asked)


async def _poll(exchange: Exchange, admitted: Admitted, asked: protocol.Listen) -> None:
    wait, known = asked.wait, asked.probe
    listener = _Listener(exchange, admitted, hears=wait > 0)
    page = _Page(listener.wake)
    async with listener.open(lambda text: page.take(text, listener.connection.place()), asked.cursors) as connection:
        if not connection.is_settled:
            await listener.first_of(connection.settled(), page.full.wait())
        if known is not None:
            await connection.retell_probe(known)
        await listener.first_of(connection.flushed(), page.full.wait())
        if not page.lines:
            await listener.woken(wait)
            await listener.first_of(connection.flushed(), page.full.wait())
        place = page.place if page.lines else connection.place()
        if place is None or (listener.code and not page.lines):
            await exchange.refuse(_ended(listener.code))
        else:
            page.lines.append(protocol.encode(protocol.Synced(place)).decode())
            await exchange.answer(FRAMES, "".join(f"{line}\n" for line in page.lines).encode())


class _Page:
    """The answer to a poll, as it gathers. Once it is full, nothing more is taken, and so nothing more is read."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.lines: list[str] = []
        self.full = asyncio.Event()
        self.place: dict[int, int] | None = None
        self._wake = wake
        self._size = 0

    async def take(self, text: str, place: dict[int, int] | None) -> None:
        self.lines.append(text)
        self._size += len(text)
        self._wake()
        if place is not None:
            self.place = place
            if self._size > ANSWER_BYTES:
                self.full.set()
                await asyncio.get_running_loop().create_future()  # Until the connection ends.


class _Listener:
    """A connection for the time of one request. One that waits for nothing need not hear either."""

    connection: Connection

    def __init__(self, exchange: Exchange, admitted: Admitted, *, hears: bool = True) -> None:
        self.code = 0
        self._exchange = exchange
        self._admitted = admitted
        self._layer = get_channel_layer() if hears else _Deaf()
        self._over = asyncio.Event()
        self._woken = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """Whether the client has gone, or the connection was closed with a `code`."""
        return self._over.is_set()

    @contextlib.asynccontextmanager
    async def open(
        self,
        take: Callable[[str], Awaitable[None]],
        cursors: dict[int, int] | None,
        take_at_once: Write | None = None,
    ) -> AsyncIterator[Connection]:
        channel = await self._layer.new_channel()
        self.connection = Connection(self._admitted, self._layer, channel, take, self._close, take_at_once)
        self._layer.attach(channel, self.connection.deliver)
        going = asyncio.create_task(self._exchange.disconnected())
        going.add_done_callback(lambda _: self._end())
        try:
            await self.connection.open(cursors)
            yield self.connection
        finally:
            going.cancel()
            self._layer.detach(channel)
            await self.connection.end(BETWEEN_POLLS_SECONDS)

    def wake(self) -> None:
        self._woken.set()

    async def woken(self, seconds: float) -> None:
        """Returns when somebody wakes it, when it is over, or after this time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def first_of(self, *waits: Coroutine[Any, Any, Any]) -> None:
        """Returns with the first of these, or when it is over."""
        tasks = [asyncio.ensure_future(wait) for wait in (*waits, self._over.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    async def _close(self, code: int) -> None:
        self.code = code
        self._end()

    def _end(self) -> None:
        self._over.set()
        self._woken.set()


class _Deaf:
    """A channel layer on which nothing is heard."""

    async def new_channel(self) -> str:
        return ""

    async def group_add(self, group: str, channel: str) -> None: ...

    async def group_discard(self, group: str, channel: str) -> None: ...

    def attach(self, channel: str, sink: Callable[[Any], None]) -> None: ...

    def detach(self, channel: str) -> None: ...


# Sending.


@_door("POST", tokens=1)
async def send(exchange: Exchange, admitted: Admitted) -> None:
    """Carries out a client's frames in their order. The answers are the response: it ends with the last of them."""
    lines = [line for line in (await exchange.body()).split(b"\n") if line.strip()]
    if len(lines) > FRAMES_AT_ONCE:
        raise Refusal("too_big", f"A request may have {FRAMES_AT_ONCE} frames at most.")
    sender = _Sender(exchange, admitted)
    await exchange.begin(FRAMES)
    await sender.carry_out(lines)
    await exchange.end()


class _Sender:
    """Who sends frames in one request, and hears the answers in its response."""

    def __init__(self, exchange: Exchange, admitted: Admitted) -> None:
        self.admitted = admitted
        self._exchange = exchange
        self._due: list[asyncio.Event] = []
        self._outbox = Outbox(self._write, None, self._give_up)

    async def carry_out(self, lines: list[bytes]) -> None:
        for line in lines:
            await self._take(line)
        await self.flushed()

    async def sync(self, cursors: dict[int, int]) -> None:
        """Tells what was missed, and where things stand that have no place in a room's order."""
        await self.flushed()
        listener = _Listener(self._exchange, self.admitted, hears=False)

        async def take(text: str) -> None:
            self._outbox.put(text.encode())
            await self._outbox.flushed()

        async with listener.open(take, cursors) as connection:
            await listener.first_of(connection.settled())
            await connection.recap()
            connection.put(_synced(connection))
            await connection.flushed()
        if listener.code:
            raise _ended(listener.code)

    async def flushed(self) -> None:
        """Returns when all that was sent so far has its answer: who reads after writing finds what was written."""
        for answered in self._due:
            await answered.wait()
        self._due.clear()
        await self._outbox.flushed()

    async def _take(self, line: bytes) -> None:
        answered = asyncio.Event()

        def put(frames: bytes) -> None:
            self._outbox.put(frames)
            answered.set()

        if await receiving.take(self, line, put, self._spend):
            self._due.append(answered)

    async def _spend(self, tokens: float) -> None:
        metering.spend([(metering.people, self.admitted.profile.pk)], tokens)

    async def _write(self, text: str) -> None:
        await self._exchange.write(text.encode() + b"\n")

    def _give_up(self) -> None:
        """The client does not read its answers. What it sent is carried out all the same."""
        self._outbox.close()


def _synced(connection: Connection) -> bytes:
    return protocol.encode(protocol.Synced(dict(connection.cursors)))


def _ended(code: int) -> Refusal:
    if code == protocol.NOT_SIGNED_IN:
        return Refusal("not_signed_in", "You are not signed in any more.")
    pause = random.uniform(1, 5)  # noqa: S311  Not all at once.
    return Refusal("restarting", "The site is restarting. Come back in a moment.", retry_after=pause)


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text):
        raise Refusal("bad_request", "probe is the number of a probe, 0 or more.")
    return int(text)


def _seconds(text: str) -> float:
    try:
        wait = float(text)
    except ValueError:
        wait = -1
    if not 0 <= wait <= protocol.LONGEST_WAIT:
        raise Refusal("bad_request", f"wait is a number of seconds from 0 to {protocol.LONGEST_WAIT}.")
    return wait
