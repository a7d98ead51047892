"""A crowd of clients at one server, in this process. It does nothing while a load runs but note what comes, and when.

What was noted is read and checked afterwards, so that the client is fast enough for the fastest server.
"""

import asyncio
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter

from tests.bench.checker import Flaws, body, name_in, parsed
from tests.bench.dialects import ACK, MESSAGE
from tests.bench.servers import Server
from tests.bench.sockets import Client, Socket

AT_ONCE = 32
"""Handshakes under way at the same time: listening sockets have short queues."""
PATIENCE = 15
"""Seconds in which nothing comes, after which what has not come is lost."""

_numbers = count(1)


class Voice:
    """Somebody who speaks in one room, message after message; `heard_by` are the sockets that are due them."""

    def __init__(self, socket: Socket, room: int | str, heard_by: list[Socket]) -> None:
        self.number = next(_numbers)
        self.socket = socket
        self.room = room
        self.heard_by = heard_by
        self.said_at: list[float] = []
        for listener in heard_by:
            listener.view.due[self.number] = 0
        socket.acks.due[self.number] = 0

    @property
    def next_name(self) -> str:
        return f"{self.number}.{len(self.said_at)}"

    def say(self, at: float | None = None) -> None:
        """Sends the next message. `at` is when it should have gone, where a clock decides."""
        said = len(self.said_at)
        payload = self.socket.dialect.post(self.room, f"{self.number}.{said}", body(self.number, said))
        self.said_at.append(at or perf_counter())
        self.socket.send(payload)


@dataclass
class Reading:
    """The traffic: all of it is `checked`, what came between `begin` and `end` is counted, with its delays."""

    begin: float
    end: float
    checked: int = 0
    deliveries: int = 0
    delivery_seconds: array = field(default_factory=lambda: array("d"))
    ack_seconds: array = field(default_factory=lambda: array("d"))


class Crowd:
    """All clients of one server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.dialect = server.dialect
        self.flaws = Flaws()
        self.sockets: dict[int, Socket] = {}
        self.voices: dict[int, Voice] = {}
        self.said = 0
        """How many messages those voices have sent that are forgotten by now."""
        self._beating: asyncio.Task | None = None
        self._still = asyncio.Event()
        self._still.set()

    async def connect(self, people: Iterable[int] | None = None, kind: Callable[..., Client] = Socket) -> None:
        """Takes seats, all or these people's, where nobody sits yet."""
        everybody = range(self.server.town.people) if people is None else people
        waiting = iter([person for person in everybody if person not in self.sockets])

        async def connect_some() -> None:
            for person in waiting:
                socket = kind(self.server.seats[person], self.dialect, self.flaws)
                await socket.open()
                self.sockets[person] = socket

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(connect_some())

    async def leave(self) -> None:
        if self._beating:
            self._beating.cancel()
            self._beating = None
        await asyncio.gather(*(socket.close() for socket in self.sockets.values()))
        self.sockets.clear()

    def voice(self, person: int, room: int) -> Voice:
        """Somebody who is here gets a voice in a room, for all who are in it and here now."""
        members = self.server.town.rooms[room]
        heard_by = [self.sockets[member] for member in members if member in self.sockets]
        voice = Voice(self.sockets[person], self.server.rooms[room], heard_by)
        self.voices[voice.number] = voice
        return voice

    def forget_voices(self) -> None:
        """After a load that is settled: the next one has its own."""
        for voice in self.voices.values():
            self.said += len(voice.said_at)
            for listener in voice.heard_by:
                del listener.view.due[voice.number]
            del voice.socket.acks.due[voice.number]
        self.voices.clear()

    # Heartbeats.

    def keep_alive(self) -> None:
        """Has each connection send its heartbeat, spread evenly, but for the times when `stillness` is asked for."""
        if self.dialect.heartbeat and not self._beating:
            self._beating = asyncio.create_task(self._beat())

    def stillness(self, wanted: bool) -> None:
        if wanted:
            self._still.clear()
        else:
            self._still.set()

    async def _beat(self) -> None:
        while True:
            sockets = list(self.sockets.values())
            for socket in sockets:
                await asyncio.sleep(self.dialect.heartbeat_seconds / len(sockets))
                await self._still.wait()
                if not socket.closing:
                    socket.send(self.dialect.heartbeat)
            if not sockets:
                await asyncio.sleep(1)

    # Reading.

    async def settled(self, begin: float = 0.0, end: float = 0.0) -> Reading:
        """Waits until everybody has everything, or nothing more comes, and reads it all; the logs are empty then."""
        reading = Reading(begin, end)
        read: dict[bytes, list[tuple[str, int, int]]] = {}
        quiet_since = perf_counter()
        while True:
            came = 0
            for socket in list(self.sockets.values()):
                came += self._read(socket, reading, read)
                await asyncio.sleep(0)  # Millions take half a minute: the other servers' pings want answers meanwhile.
            if came:
                quiet_since = perf_counter()
            if not self._missing() or perf_counter() - quiet_since > PATIENCE:
                break
            await asyncio.sleep(0.02)
        for voice in self.voices.values():
            for listener in voice.heard_by:
                listener.view.close(voice.number, len(voice.said_at))
            if self.dialect.acks:
                voice.socket.acks.close(voice.number, len(voice.said_at))
        return reading

    def _missing(self) -> bool:
        return any(
            any(listener.view.missing(voice.number, len(voice.said_at)) > 0 for listener in voice.heard_by)
            or (self.dialect.acks and voice.socket.acks.missing(voice.number, len(voice.said_at)) > 0)
            for voice in self.voices.values()
        )

    def _read(self, socket: Socket, reading: Reading, read: dict[bytes, list[tuple[str, int, int]]]) -> int:
        """The notes of a socket since the last time. What many sockets got alike is read once."""
        log, socket.log = socket.log, []
        due = socket.view.due
        for at, payload in log:
            words = read.get(payload)
            if words is None:
                words = read[payload] = self._words(payload)
            within = reading.begin <= at < reading.end
            for kind, voice, turn in words:
                if kind is ACK:
                    socket.acks.take(voice, turn)
                    if within:
                        reading.ack_seconds.append(at - self._said_at(voice, turn))
                    continue
                reading.checked += 1
                if due.get(voice) == turn:
                    due[voice] = turn + 1
                else:
                    socket.view.take(voice, turn)
                if within:
                    reading.deliveries += 1
                    reading.delivery_seconds.append(at - self._said_at(voice, turn))
        return len(log)

    def _said_at(self, voice: int, turn: int) -> float:
        """0 for what was never said, which the view has taken note of."""
        times = self.voices[voice].said_at if voice in self.voices else []
        return times[turn] if turn < len(times) else 0.0

    def _words(self, payload: bytes) -> list[tuple[str, int, int]]:
        words = []
        for kind, text in self.dialect.read(payload):
            name = name_in(text) if kind is MESSAGE else parsed(text) if kind is ACK else None
            if name is None:
                self.flaws.add("not understood", text)
            elif kind is MESSAGE and text != body(*name):
                self.flaws.add("altered", text)
            else:
                words.append((kind, *name))
        return words
