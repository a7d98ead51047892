"""The simple wire's language: what its clients send, as posts, and what the server says, as they expect it.

A text goes to the lobby; `{"to_user": "alice", "msg": "hi"}` goes to alice. What others say arrives as
`{"sender": "bob", "msg": "hi"}`, what was refused as `{"error": "a sentence"}`. There are no numbers and no acks: what
was stored and is not one's own comes once, in order, and of changes to it this language has nothing to say.
"""

from typing import Any
from uuid import uuid4

import msgspec
from msgspec import Struct

from chat import refusals
from chat.refusals import Refusal
from chat.wire import protocol

_TO_LENGTH = 128


class Said(Struct, frozen=True):
    sender: str
    msg: str


class Failed(Struct, frozen=True):
    error: str


def encode(frame: Said | Failed) -> str:
    return protocol.encode(frame).decode()


def parse(text: str, lobby: int) -> protocol.ClientFrame:
    """The post that a text means. Raises `Refusal` with a sentence for whoever wrote the client.

    Whatever is valid JSON is never taken for words, be it a number that somebody wanted to say: that JSON has to be an
    object is a rule which can be told, and one that guesses is not. And what begins like a private message is never
    told to everybody because a quote is missing in it.
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


class Ear:
    """What one client is told, of all the frames that its connection gets."""

    def __init__(self, nickname: str) -> None:
        self._nickname = nickname
        self._last: dict[int, int] = {}
        """The last message of each room. What has no higher number is not new: it was there before, or was changed."""

    def hear(self, text: str) -> list[str]:
        """Messages for the client, made of frames, a line each."""
        return [encode(said) for line in text.split("\n") if (said := self._said(line))]

    def _said(self, line: str) -> Said | Failed | None:
        match _type.decode(line).type:
            case "hello":
                self._last = {room.id: room.message_count for room in _hello.decode(line).rooms}
            case "message":
                return self._message(_message.decode(line))
            case "error":
                return Failed(_error.decode(line).detail)
        return None

    def _message(self, frame: protocol.MessageFrame) -> Said | None:
        message = frame.message
        if message.number <= self._last.get(frame.room, 0):
            return None
        self._last[frame.room] = message.number
        is_heard = message.sender != self._nickname and message.deleted_at is None
        return Said(message.sender, message.body) if is_heard else None


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
    """Checked like any other client's."""
    return protocol.parse(protocol.encode(protocol.Post(client_id=uuid4().hex, body=body, room=room, to=to)))


class _Type(Struct):
    type: str


_type = msgspec.json.Decoder(_Type)
_hello = msgspec.json.Decoder(protocol.Hello)
_message = msgspec.json.Decoder(protocol.MessageFrame)
_error = msgspec.json.Decoder(protocol.Error)
