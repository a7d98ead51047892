"""The simple wire's format: translates its clients' messages to posts, and server frames to what its clients expect.

Plain text goes to the lobby; `{"to_user": "alice", "msg": "hi"}` goes to alice. Messages from others arrive as
`{"sender": "bob", "msg": "hi"}`, refusals as `{"error": "a sentence"}`. There are no numbers and no acks: each stored
message of somebody else arrives once, in order, and later changes to it are not sent.
"""

from typing import Any
from uuid import uuid4

import msgspec
from msgspec import Struct

from chat import refusals
from chat.refusals import Refusal
from chat.wire import protocol

_TO_LENGTH = 128


class Words(Struct, frozen=True):
    sender: str
    msg: str


class Failure(Struct, frozen=True):
    error: str


def encode(frame: Words | Failure) -> str:
    return protocol.encode(frame).decode()


def parse(text: str, lobby: int) -> protocol.ClientFrame:
    """Returns the post that a text stands for. Raises `Refusal` with a sentence for the client's author.

    Valid JSON is never treated as plain text, even a bare number that somebody meant to say: "JSON has to be an object"
    is a rule that can be explained, guessing is not. A text that begins like a private message is never sent to
    everybody just because a quote is missing in it.
    """
    if len(text.encode()) > protocol.FRAME_BYTES:
        raise Refusal("too_big.message", most=protocol.FRAME_BYTES // 1024)
    try:
        said = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        if text.lstrip().startswith("{") and "to_user" in text:
            raise Refusal("bad_frame.private_json", error=str(error)) from None
        return _post(text, room=lobby)
    if not isinstance(said, dict):
        raise Refusal("bad_frame.no_object", example=_EXAMPLE)
    return _private(said)


class Translator:
    """Filters the frames of one connection down to the messages that its client is sent."""

    def __init__(self, person: int) -> None:
        self._person = person
        self._last: dict[int, int] = {}
        """The last message number per room. A message without a higher number is old or was changed, not new."""

    def translate(self, text: str) -> list[str]:
        """Returns the messages for the client that result from frames, one per line."""
        return [encode(said) for line in text.split("\n") if (said := self._translated(line))]

    def _translated(self, line: str) -> Words | Failure | None:
        match _type.decode(line).type:
            case "hello":
                self._last = {room.id: room.message_count for room in _hello.decode(line).rooms}
            case "message":
                return self._message(_message.decode(line))
            case "error":
                return Failure(_error.decode(line).detail)
        return None

    def _message(self, frame: protocol.MessageFrame) -> Words | None:
        message = frame.message
        if message.number <= self._last.get(frame.room, 0):
            return None
        self._last[frame.room] = message.number
        is_for_client = message.sender.id != self._person and message.deleted_at is None
        return Words(message.sender.nickname, message.body) if is_for_client else None


_EXAMPLE = '{"to_user": "alice", "msg": "hi"}'


def _private(said: dict[str, Any]) -> protocol.ClientFrame:
    for key in ("to_user", "msg"):
        if key not in said:
            raise Refusal(f"bad_frame.no_{key}", example=_EXAMPLE)
        if not isinstance(said[key], str):
            raise Refusal(f"bad_frame.{key}_no_text", example=_EXAMPLE)
    if len(said["to_user"]) > _TO_LENGTH:
        raise refusals.no_such_person(said["to_user"])
    return _post(said["msg"], to=said["to_user"])


def _post(body: str, room: int | None = None, to: str | None = None) -> protocol.ClientFrame:
    """Returns a post that has passed the same checks as any other client's."""
    return protocol.parse(protocol.encode(protocol.Post(client_id=uuid4().hex, body=body, room=room, to=to)))


class _Type(Struct):
    type: str


_type = msgspec.json.Decoder(_Type)
_hello = msgspec.json.Decoder(protocol.Hello)
_message = msgspec.json.Decoder(protocol.MessageFrame)
_error = msgspec.json.Decoder(protocol.Error)
