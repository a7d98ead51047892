"""How each server is spoken to: what a client sends, and what it reads out of what comes back.

Reading is exact (whole JSON documents, whole bodies) and therefore slow; it happens after the measured time. What has
to be found at once, such as one's own message, is found by its sign: bytes that occur nowhere else.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.bench import checker

MESSAGE, ACK, REFUSAL = "message", "ack", "refusal"


class Word(NamedTuple):
    """One thing that a server said: a message's body, an acknowledged message's name, or why it refuses."""

    kind: str
    text: str


class Dialect:
    """The part that dialects have in common. `name` is a message's own name, `3.17`; its body begins with `#3.17#`."""

    ready: bytes
    """The frames that a connection begins with once it is in its rooms."""
    begin: bytes | None = None
    """The first message that a client must send."""
    opening: tuple[bytes, bytes] | None = None
    """A greeting that has to be answered before that, and the answer."""
    ping: bytes | None = None
    pong: bytes | None = None
    heartbeat: bytes | None = None
    heartbeat_seconds = 25.0
    acks = False
    """Whether each message is acknowledged, besides coming back."""

    def post(self, room: int | str, name: str, body: str) -> bytes:
        raise NotImplementedError

    def delivered(self, name: str) -> bytes:
        """The sign that a message has come."""
        return b"#%s#" % name.encode()

    def acknowledged(self, name: str) -> bytes:
        """The sign that it is acknowledged: where nothing else is promised, that it came back."""
        return self.delivered(name)

    def read(self, payload: bytes) -> Iterator[Word]:
        raise NotImplementedError


class Chatsite(Dialect):
    """Wire version 2."""

    begin = b'{"type":"sync"}'
    ready = b'{"type":"hello"'
    heartbeat = b'{"type":"sync"}'
    acks = True
    ignored = {"hello", "presence", "synced", "read", "room", "typing"}

    def post(self, room: int | str, name: str, body: str) -> bytes:
        return _json({"type": "post", "room": room, "client_id": name, "body": body})

    def acknowledged(self, name: str) -> bytes:
        return b'"ack","client_id":"%s"' % name.encode()

    def read(self, payload: bytes) -> Iterator[Word]:
        for line in payload.split(b"\n"):
            frame = json.loads(line)
            if frame["type"] == "message":
                yield Word(MESSAGE, frame["message"]["body"])
            elif frame["type"] == "ack":
                yield Word(ACK, frame["client_id"])
            elif frame["type"] not in self.ignored:
                yield Word(REFUSAL, line.decode())


class Editing(Chatsite):
    """Each voice posts one message, in a room of its own, and then edits it: each new text is the next message."""

    def __init__(self) -> None:
        self.numbers: dict[int | str, int] = {}
        """Of the last message that was posted in each room."""

    def post(self, room: int | str, name: str, body: str) -> bytes:
        if name.endswith(".0"):
            self.numbers[room] = self.numbers.get(room, 0) + 1
            return super().post(room, name, body)
        return self._change(room, name, body)

    def _change(self, room: int | str, name: str, body: str) -> bytes:
        # Made from the newest version, whichever that is.
        return self._of_message("edit", room, name, sequence=2**53, body=body)

    def _of_message(self, kind: str, room: int | str, name: str, **fields: Any) -> bytes:
        return _json({"type": kind, "room": room, "number": self.numbers[room], "client_id": name, **fields})


class Reacting(Editing):
    """Like `Editing`, with a reaction that is put on the message and taken away, in turns.

    A change is known by its sequence, and has to leave the reaction as it was wanted.
    """

    def __init__(self) -> None:
        super().__init__()
        self._posted: dict[tuple[int | str, int], int] = {}
        """The sequence at which each message was posted."""

    def _change(self, room: int | str, name: str, body: str) -> bytes:
        return self._of_message("react", room, name, emoji="👍", on=_is_on(int(name.partition(".")[2])))

    def read(self, payload: bytes) -> Iterator[Word]:
        for line in payload.split(b"\n"):
            frame = json.loads(line)
            if frame["type"] != "message":
                yield from super().read(line)
                continue
            message = frame["message"]
            posted = self._posted.setdefault((frame["room"], message["number"]), frame["sequence"])
            turn = frame["sequence"] - posted
            voice, _ = checker.name_in(message["body"]) or (0, 0)
            is_right = len(message.get("reactions", {}).get("👍", [])) == _is_on(turn)
            yield Word(MESSAGE, checker.body(voice, turn) if is_right else line.decode())


def _is_on(turn: int) -> bool:
    return turn % 2 == 1


class SocketIO(Dialect):
    """Socket.IO's packets over Engine.IO's, version 4, as text: the first digit is Engine.IO's, the second its own."""

    opening = (b"0{", b"40")
    ready = b'42["ready"'
    ping, pong = b"2", b"3"

    def post(self, room: int | str, name: str, body: str) -> bytes:
        return b"42" + _json(["message", room, body])

    def read(self, payload: bytes) -> Iterator[Word]:
        if payload.startswith(b"42"):
            event, *rest = json.loads(payload[2:])
            if event == "message":
                yield Word(MESSAGE, rest[0]["body"])
        elif not payload.startswith((b"2", b"40", b"0{")):
            yield Word(REFUSAL, payload.decode())


class PlainJson(Dialect):
    """One JSON object a message, in both directions. The room is in the address."""

    ready = b'{"ready"'

    def post(self, room: int | str, name: str, body: str) -> bytes:
        return _json({"message": body})

    def read(self, payload: bytes) -> Iterator[Word]:
        said = json.loads(payload)
        if "message" in said:
            yield Word(MESSAGE, said["message"])


class Raw(Dialect):
    """The body and nothing else."""

    ready = b"ready"

    def post(self, room: int | str, name: str, body: str) -> bytes:
        return body.encode()

    def read(self, payload: bytes) -> Iterator[Word]:
        if payload != self.ready:
            yield Word(MESSAGE, payload.decode())


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
