"""The event stream and the short or long poll: `/live/stream` and `/live/poll`. The frames are the WebSocket's.

For people behind something that blocks WebSockets, and for programs that need no more than `curl`. A poll leaves no
state on the server: the client sends its cursors, and any process can continue from there, as after a reconnect. So
nothing that arrives between two polls is lost, and a restart costs nothing.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator

from chat.consumers.endpoint import check_person, ended, endpoint
from chat.consumers.exchange import EVENTS, FRAMES, Exchange
from chat.consumers.listener import Listener, synced
from chat.live import metering, origins
from chat.live.admission import Admitted
from chat.refusals import Refusal
from chat.wire import protocol

COMMENT_SECONDS = 15
"""Longest silence on a stream. Proxies close silent ones, and a client can tell that its stream is still alive."""

ANSWER_BYTES = 256 * 1024
"""Size at which the response to a poll is sent; the rest is left to the next poll."""

LISTEN_BYTES = 128 * 1024
"""Longest body of a poll or a stream request."""

ROOMS_IN_ID = 200
"""Most rooms whose cursors fit in an event's id. Browsers send it back in a header, whose length is limited too."""


async def _asked(exchange: Exchange, admitted: Admitted) -> protocol.Listen:
    """Returns the parameters of a poll or a stream: from the body of a POST, or the query of a GET."""
    if exchange.method == "POST":
        asked = protocol.parse_listen(await exchange.body(LISTEN_BYTES))
        check_person(asked.as_, admitted)
        return asked
    if "cursors" in exchange.query:
        raise Refusal("bad_request.cursors_in_address")
    probe = exchange.query.get("probe")
    return protocol.Listen(
        wait=_seconds(exchange.query.get("wait", str(protocol.WAIT_SECONDS))),
        probe=None if probe is None else _number(probe),
    )


@contextlib.contextmanager
def _held(admitted: Admitted) -> Iterator[None]:
    """Counts a request while it is open. Raises `Refusal` if its person has too many open."""
    if not metering.connections.acquire(admitted.profile.pk):
        raise metering.too_many_connections()
    try:
        yield
    finally:
        metering.connections.release(admitted.profile.pk)


@endpoint("GET", "POST", tokens=metering.OPENING)
async def stream(exchange: Exchange, admitted: Admitted) -> None:
    """Sends frames as server-sent events, a `data:` line each: hello, what the client was missing, `synced`, the rest.

    A client resumes from the id of its last event, or from the cursors in the body of a POST.
    """
    asked = await _asked(exchange, admitted)
    last_id = origins.header(exchange.scope, b"last-event-id")
    with _held(admitted):
        await _stream(exchange, admitted, protocol.parse_cursors(last_id) if last_id else asked.cursors)


def id_line(cursors: dict[int, int] | None) -> bytes:
    """Returns the id line from which a browser resumes; an empty id makes it start anew."""
    if cursors is None:
        return b""
    return b"\nid: " + protocol.encode(cursors) if len(cursors) <= ROOMS_IN_ID else b"\nid:"


async def _stream(exchange: Exchange, admitted: Admitted, cursors: dict[int, int] | None) -> None:
    listener = Listener(exchange, admitted)

    def event(lines: bytes, cursors: dict[int, int] | None) -> bytes:
        return b"data: " + lines.replace(b"\n", b"\ndata: ") + id_line(cursors) + b"\n\n"

    async def send(text: str) -> None:
        await exchange.write(event(text.encode(), listener.connection.sent_cursors()))

    def write(lines: bytes) -> bool:
        """Costs a third of the normal path. The outbox passes all that waits, so the cursors match the client's."""
        return exchange.write_at_once(event(lines, listener.connection.cursors))

    await exchange.begin(EVENTS)
    await exchange.write(b":\n\n")
    async with listener.open(send, cursors, write) as connection:
        await listener.first_of(connection.settled())
        connection.put(synced(connection))
        while not listener.is_over:
            await listener.woken(COMMENT_SECONDS)
            if not listener.is_over and connection.sent_cursors() is not None:
                await exchange.write(b":\n\n")
        await exchange.end(b"event: close\ndata: %d\n\n" % listener.code if listener.code else b"")


@endpoint("GET", "POST", tokens=metering.OPENING)
async def poll(exchange: Exchange, admitted: Admitted) -> None:
    """Returns what has arrived since the client's cursors, at once; if nothing has, what arrives within `wait` seconds.

    Without cursors, or where the client asks for one, a hello comes first. The last line is always `synced`: the
    cursors for the next poll. With `probe`, the number of the last trial message that the client has, a newer one
    counts as arrived.
    """
    asked = await _asked(exchange, admitted)
    if asked.wait:
        with _held(admitted):
            await _poll(exchange, admitted, asked)
    else:
        await _poll(exchange, admitted, asked)


async def _poll(exchange: Exchange, admitted: Admitted, asked: protocol.Listen) -> None:
    wait, known = asked.wait, asked.probe
    listener = Listener(exchange, admitted, subscribes=wait > 0)
    page = _Page(listener.wake)
    greets = asked.hello or asked.cursors is None

    async def send(text: str) -> None:
        await page.add(text, listener.connection.sent_cursors())

    async with listener.open(send, asked.cursors, greets=greets) as connection:
        if not connection.is_settled:
            await listener.first_of(connection.settled(), page.full.wait())
        if known is not None:
            await connection.retell_probe(known)
        await listener.first_of(connection.flushed(), page.full.wait())
        if not page.lines:
            await listener.woken(wait)
            await listener.first_of(connection.flushed(), page.full.wait())
        cursors = page.cursors if page.lines else connection.sent_cursors()
        if cursors is None or (listener.code and not page.lines):
            await exchange.refuse(ended(listener.code))
        else:
            page.lines.append(protocol.encode(protocol.Synced(cursors)).decode())
            await exchange.respond(FRAMES, "".join(f"{line}\n" for line in page.lines).encode())


class _Page:
    """Buffers the response to a poll. Once it is full, nothing more is accepted, and so nothing more is read."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.lines: list[str] = []
        self.full = asyncio.Event()
        self.cursors: dict[int, int] | None = None
        self._wake = wake
        self._size = 0

    async def add(self, text: str, cursors: dict[int, int] | None) -> None:
        self.lines.append(text)
        self._size += len(text)
        self._wake()
        if cursors is not None:
            self.cursors = cursors
            if self._size > ANSWER_BYTES:
                self.full.set()
                await asyncio.get_running_loop().create_future()  # Until the connection ends.


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text):
        raise Refusal("bad_request.probe")
    return int(text)


def _seconds(text: str) -> float:
    try:
        wait = float(text)
    except ValueError:
        wait = -1
    if not 0 <= wait <= protocol.LONGEST_WAIT:
        raise Refusal("bad_request.wait", most=protocol.LONGEST_WAIT)
    return wait
