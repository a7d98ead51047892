"""The event stream, and polls that wait or do not: `/live/stream` and `/live/poll`. The frames are the WebSocket's.

For people behind something that lets no WebSocket through, and for programs that need no more than `curl`. A poll
leaves nothing behind on the server: the client says what it has, and whichever process answers goes on from there, as
after a reconnect. So what comes between two polls is not lost, and a restart costs nothing.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator

from chat.consumers.endpoint import check_person, ended, endpoint
from chat.consumers.exchange import EVENTS, FRAMES, Exchange
from chat.consumers.listener import Listener, synced
from chat.live import admission, metering
from chat.live.admission import Admitted
from chat.refusals import Refusal
from chat.wire import protocol

COMMENT_SECONDS = 15
"""How long a stream is silent at most. Proxies give up on silence, and a client knows that its stream still stands."""

ANSWER_BYTES = 256 * 1024
"""How large the answer to a poll grows before it leaves, and the rest is left to the next one."""

LISTEN_BYTES = 128 * 1024
"""How long a body may be that asks for a poll or a stream."""

ROOMS_IN_ID = 200
"""Of how many rooms an event's id has the cursors. Browsers send it back in a header, which may not be long either."""


async def _asked(exchange: Exchange, admitted: Admitted) -> protocol.Listen:
    """The parameters of a poll or a stream: the body of a POST, or the query of a GET."""
    if exchange.method == "POST":
        asked = protocol.parse_listen(await exchange.body(LISTEN_BYTES))
        check_person(asked.as_, admitted)
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


@endpoint("GET", "POST", tokens=metering.OPENING)
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
    listener = Listener(exchange, admitted)

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
            connection.put(synced(connection))
        while not listener.is_over:
            await listener.woken(COMMENT_SECONDS)
            if not listener.is_over and connection.place() is not None:
                await exchange.write(b":\n\n")
        await exchange.end(b"event: close\ndata: %d\n\n" % listener.code if listener.code else b"")


@endpoint("GET", "POST", tokens=metering.OPENING)
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
    listener = Listener(exchange, admitted, hears=wait > 0)
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
            await exchange.refuse(ended(listener.code))
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
