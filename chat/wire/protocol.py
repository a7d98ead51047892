"""The frames of wire version 1: what clients may say, what the server says, and how both are read and written.

Pure: no Django, no network, no database. One JSON object is a frame; what the server sends at once is one or more
frames, a line each. Times are RFC 3339 in UTC, rooms are ids, `number` is a message's place in its
room, `sequence` a change's place.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from chat.refusals import Refusal
from chat.text.visible import is_anything_visible

FRAME_BYTES = 64 * 1024
BODY_LENGTH = 10_000
HISTORY_LIMIT = 100
HEARTBEAT_SECONDS = 25
WAIT_SECONDS = 25
LONGEST_WAIT = 60
ROOMS_NAMED = 2000
"""How many rooms a client's cursors may name: more than a hello has, and what a connection may come to know besides."""

# Close codes. After 4401 and 4403 there is no use in coming back, and after 4409 (an open name's next connection) two
# would throw each other out for ever; after any other a client reconnects by itself.
NOT_UNDERSTOOD = 4400
NOT_SIGNED_IN = 4401
FORBIDDEN = 4403
TOO_SLOW = 4408
TAKEN_OVER = 4409
RESTARTING = 4412
TOO_MUCH = 4429

Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Place = Annotated[int, Meta(ge=0, le=2**63 - 1)]


# From the client.


class Sync(Struct, tag_field="type", tag="sync", frozen=True):
    """A client's cursors: the last sequence it has of each room."""

    rooms: dict[Id, Place] = {}


class Post(Struct, tag_field="type", tag="post", frozen=True, kw_only=True):
    """A message for the room `room`, or for the person `to`. Sent again with the same `client_id` it is stored once."""

    client_id: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+\Z")]
    body: str
    room: Id | None = None
    to: Annotated[str, Meta(max_length=128)] | None = None
    reply_to: Id | None = None


class Read(Struct, tag_field="type", tag="read", frozen=True):
    room: Id
    number: Place


class Typing(Struct, tag_field="type", tag="typing", frozen=True):
    room: Id


class History(Struct, tag_field="type", tag="history", frozen=True):
    """Asks for the `limit` messages with the highest numbers below `before`; without it, for the last ones."""

    room: Id
    before: Id | None = None
    limit: Annotated[int, Meta(ge=1, le=HISTORY_LIMIT)] = 50


class Join(Struct, tag_field="type", tag="join", frozen=True):
    room: str


class Leave(Struct, tag_field="type", tag="leave", frozen=True):
    room: Id


class Probe(Struct, tag_field="type", tag="probe", frozen=True):
    """A trial message: stored, and told to all connections of who sent it, but part of no room."""


ClientFrame = Sync | Post | Read | Typing | History | Join | Leave | Probe

_decoder: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)


class _Correlation(Struct):
    """What an error needs in order to say which frame it answers."""

    type: Any = None
    client_id: Any = None


_correlation = msgspec.json.Decoder(_Correlation)


def parse(raw: str | bytes) -> ClientFrame:
    """The frame that a client sent. Raises `Refusal` with a sentence that says what is wrong with it."""
    try:
        if len(raw if isinstance(raw, bytes) else raw.encode()) > FRAME_BYTES:
            raise Refusal("too_big.frame", most=FRAME_BYTES // 1024)
        frame = _decoder.decode(raw)
    except msgspec.ValidationError as error:
        if _is_unknown_type(raw):
            raise Refusal("unknown_type") from None
        raise Refusal("bad_frame", error=str(error)) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Refusal("bad_frame.json", error=str(error)) from None
    if isinstance(frame, Post):
        _check_post(frame)
    elif isinstance(frame, Sync):
        _check_cursors(frame.rooms)
    return frame


class Listen(Struct, frozen=True, rename={"as_": "as"}):
    """The body of a poll or a stream, for what an address could not hold."""

    cursors: dict[Id, Place] | None = None
    wait: Annotated[float, Meta(ge=0, le=LONGEST_WAIT)] = WAIT_SECONDS
    probe: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    as_: str | None = None


_listen: msgspec.json.Decoder[Listen] = msgspec.json.Decoder(Listen)


def parse_listen(body: bytes) -> Listen:
    """The body of a poll or a stream; nothing in it asks for nothing. Raises `Refusal`."""
    try:
        asked = _listen.decode(body) if body.strip() else Listen()
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Refusal("bad_request", error=str(error)) from None
    _check_cursors(asked.cursors or {})
    return asked


_cursors: msgspec.json.Decoder[dict[Id, Place]] = msgspec.json.Decoder(dict[Id, Place])


def parse_cursors(text: str) -> dict[int, int]:
    """Cursors as they stand in an address or in `Last-Event-ID`: like `rooms` of a `sync`. Raises `Refusal`."""
    try:
        cursors = _cursors.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Refusal("bad_request.cursors", error=str(error)) from None
    _check_cursors(cursors)
    return cursors


def _check_cursors(cursors: dict[int, int]) -> None:
    if len(cursors) > ROOMS_NAMED:
        raise Refusal("too_big.cursors", most=ROOMS_NAMED, count=len(cursors))


def correlation(raw: str | bytes) -> dict[str, str]:
    """What can be told of the frame that an error answers: its type and its client_id, where it has them."""
    found = _peek(raw)
    named = {"frame": found.type, "client_id": found.client_id}
    return {key: value for key, value in named.items() if isinstance(value, str) and len(value) <= 64}


def _is_unknown_type(raw: str | bytes) -> bool:
    kind = _peek(raw).type
    return isinstance(kind, str) and kind not in {frame.__struct_config__.tag for frame in ClientFrame.__args__}


def _peek(raw: str | bytes) -> _Correlation:
    try:
        return _correlation.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _Correlation()


def _check_post(post: Post) -> None:
    if (post.room is None) == (post.to is None):
        raise Refusal("bad_frame.to")
    if len(post.body) > BODY_LENGTH:
        raise Refusal("body_too_long", most=BODY_LENGTH, over=len(post.body) - BODY_LENGTH)
    if "\0" in post.body:
        raise Refusal("bad_body.nul")
    if not is_anything_visible(post.body):
        raise Refusal("empty_body")


# From the server.


class You(Struct, frozen=True):
    nickname: str
    kind: str


class RoomSummary(Struct, frozen=True, kw_only=True):
    """A room as one person sees it. A direct room has no slug, and its title is the other person's nickname.

    `open` says that this is an open name: whoever connects to its address speaks under it.
    """

    id: int
    slug: str | None
    kind: str
    title: str
    topic: str
    url: str
    sequence: int
    message_count: int
    read_number: int | UnsetType = UNSET
    open: bool | UnsetType = UNSET


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message. `html` is there only where the body alone does not say how it looks; a deleted one has no text.

    `open` is there, and true, where the sender is an open name.
    """

    number: int
    sender: str
    body: str
    sent_at: datetime
    client_id: str
    html: str = ""
    reply_to: int | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    open: bool = False
    sequence: int | UnsetType = UNSET


class Hello(Struct, tag_field="type", tag="hello", frozen=True):
    you: You
    rooms: list[RoomSummary]
    heartbeat: int = HEARTBEAT_SECONDS


class Ack(Struct, tag_field="type", tag="ack", frozen=True):
    client_id: str
    room: int
    number: int
    sequence: int


class MessageFrame(Struct, tag_field="type", tag="message", frozen=True):
    room: int
    sequence: int
    message: Message


class Synced(Struct, tag_field="type", tag="synced", frozen=True):
    rooms: dict[int, int]


class Reset(Struct, tag_field="type", tag="reset", frozen=True):
    room: int


class HistoryPage(Struct, tag_field="type", tag="history", frozen=True):
    """`gone` has the numbers between them that nothing will come for any more: ranges, both ends included."""

    room: int
    messages: list[Message]
    more: bool
    gone: list[tuple[int, int]] | UnsetType = UNSET


class ReadFrame(Struct, tag_field="type", tag="read", frozen=True):
    room: int
    number: int


class TypingFrame(Struct, tag_field="type", tag="typing", frozen=True):
    room: int
    nickname: str


class Presence(Struct, tag_field="type", tag="presence", frozen=True, kw_only=True, omit_defaults=True):
    """Who is here now: a whole picture each time, with the first names in order and the counts of all.

    `away` names the members who are not here, in rooms that are not public; `open` those who are open names, of both.
    """

    room: int
    count: int
    members: int
    here: list[str]
    away: list[str] | None = None
    open: list[str] = []


class RoomFrame(Struct, tag_field="type", tag="room", frozen=True):
    room: RoomSummary


class Removed(Struct, tag_field="type", tag="removed", frozen=True):
    room: int


class Renamed(Struct, tag_field="type", tag="renamed", frozen=True):
    """Somebody in the room is called otherwise now. What they wrote is told under the new name from here on."""

    room: int
    before: str
    nickname: str


class Probed(Struct, tag_field="type", tag="probed", frozen=True):
    """To who sent a probe: it is on disk."""

    number: int


class ProbeFrame(Struct, tag_field="type", tag="probe", frozen=True):
    """To all connections of who sent it, as a message would come. A person's probes are numbered."""

    number: int


class Handshake(Struct, tag_field="type", tag="handshake", frozen=True):
    """On the trial door alone: what came with this WebSocket's opening request, which browsers tell no page."""

    key: str
    headers: list[tuple[str, str]]


class Traffic(Struct, tag_field="type", tag="traffic", frozen=True):
    """On the trial door alone: the bytes of this WebSocket since it opened, pings included, but not these frames."""

    received: int
    sent: int


class Error(Struct, tag_field="type", tag="error", frozen=True, kw_only=True):
    """`frame` is the type of the frame that was refused, `client_id` its own, where they could be read."""

    code: str
    detail: str
    frame: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    retry_after: float | UnsetType = UNSET


ServerFrame = (
    Hello | Ack | MessageFrame | Synced | Reset | HistoryPage | ReadFrame | TypingFrame | Presence | RoomFrame
    | Removed | Renamed | Probed | ProbeFrame | Handshake | Traffic | Error
)  # fmt: skip

encode = msgspec.json.Encoder().encode
"""One server frame as the bytes of one line, without its end."""


def lines(frames: Iterable[ServerFrame]) -> bytes:
    """Several frames, a line each."""
    return b"\n".join(encode(frame) for frame in frames)


def refusal_frame(refusal: Refusal, about: dict[str, str]) -> Error:
    return Error(
        code=refusal.code,
        detail=refusal.detail,
        frame=about.get("frame", UNSET),
        client_id=about.get("client_id", UNSET),
        retry_after=UNSET if refusal.retry_after is None else refusal.retry_after,
    )
