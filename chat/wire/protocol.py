"""The frames of wire version 2: what clients may send, what the server sends, and how both are parsed and encoded.

Pure: no Django, no network, no database. A frame is one JSON object; the server sends one or more frames at once, one
per line. Times are RFC 3339 in UTC, rooms are ids, `number` is a message's position in its room, `sequence` a change's
position.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from chat.refusals import Refusal
from chat.text import emoji
from chat.text.visible import is_anything_visible

FRAME_BYTES = 64 * 1024
BODY_LENGTH = 10_000
HISTORY_LIMIT = 100
HEARTBEAT_SECONDS = 25
WAIT_SECONDS = 25
LONGEST_WAIT = 60
ROOMS_NAMED = 2000
"""Rooms that a client's cursors may name: more than a hello lists plus those a connection may learn of later."""

# Close codes. After 4401 and 4403 reconnecting is pointless, and after 4409 (an open name's next connection) two
# clients would evict each other forever; after any other code a client reconnects by itself.
NOT_UNDERSTOOD = 4400
NOT_SIGNED_IN = 4401
FORBIDDEN = 4403
TOO_SLOW = 4408
TAKEN_OVER = 4409
RESTARTING = 4412
TOO_MUCH = 4429

Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Natural = Annotated[int, Meta(ge=0, le=2**63 - 1)]
ClientId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+\Z")]


# From the client.


class Sync(Struct, tag_field="type", tag="sync", frozen=True):
    """The first on a WebSocket opens it, from the client's cursors: the sequence of the last frame it has of each room.

    The server sends nothing of a room before that. Later ones are heartbeats, and need no cursors.
    """

    rooms: dict[Id, Natural] = {}


class Original(Struct, frozen=True):
    """A message that is to be forwarded."""

    room: Id
    number: Id


class Post(Struct, tag_field="type", tag="post", frozen=True, kw_only=True):
    """A message to the room `room` or the person `to`. Resending with the same `client_id` stores it only once.

    With `forward` it is a copy of that message, and its own body is empty.
    """

    client_id: ClientId
    body: str
    room: Id | None = None
    to: Annotated[str, Meta(max_length=128)] | None = None
    reply_to: Id | None = None
    forward: Original | None = None


class Edit(Struct, tag_field="type", tag="edit", frozen=True, kw_only=True):
    """Another text for a message of one's own. `sequence` is that of the version it was made from."""

    client_id: ClientId
    room: Id
    number: Id
    sequence: Id
    body: str


class Delete(Struct, tag_field="type", tag="delete", frozen=True, kw_only=True):
    """Takes a message back: its text goes, its place in the room stays."""

    client_id: ClientId
    room: Id
    number: Id


class Restore(Struct, tag_field="type", tag="restore", frozen=True, kw_only=True):
    """Undoes a `delete` of one's own, for a moment."""

    client_id: ClientId
    room: Id
    number: Id


class React(Struct, tag_field="type", tag="react", frozen=True, kw_only=True):
    """Puts an emoji on a message (`on`), or takes one's own away. Where that is so already, nothing changes."""

    client_id: ClientId
    room: Id
    number: Id
    emoji: str
    on: bool


class Pin(Struct, tag_field="type", tag="pin", frozen=True, kw_only=True):
    """Pins a message (`on`), or unpins it. Where that is so already, nothing changes."""

    client_id: ClientId
    room: Id
    number: Id
    on: bool


class Save(Struct, tag_field="type", tag="save", frozen=True, kw_only=True):
    """Saves a message for later (`on`), or removes it from what one has saved. Only its sender is told."""

    client_id: ClientId
    room: Id
    number: Id
    on: bool


class Read(Struct, tag_field="type", tag="read", frozen=True):
    room: Id
    number: Natural


class Typing(Struct, tag_field="type", tag="typing", frozen=True):
    room: Id


class History(Struct, tag_field="type", tag="history", frozen=True):
    """Requests the `limit` messages with the highest numbers below `before`; without `before`, the last ones.

    With `thread`, the number of any message in a thread: those of the thread.
    """

    room: Id
    before: Id | None = None
    limit: Annotated[int, Meta(ge=1, le=HISTORY_LIMIT)] = 50
    thread: Id | None = None


class Join(Struct, tag_field="type", tag="join", frozen=True):
    room: str


class Leave(Struct, tag_field="type", tag="leave", frozen=True):
    room: Id


class Probe(Struct, tag_field="type", tag="probe", frozen=True):
    """A trial message: stored and sent to all connections of its sender, but part of no room."""


Change = Post | Edit | Delete | Restore | React | Pin | Save
"""Frames that store something: each is answered by one `ack` or `error` with its `client_id`."""

ClientFrame = Sync | Change | Read | Typing | History | Join | Leave | Probe

_decoder: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)


class _Correlation(Struct):
    """The fields by which an error identifies the frame it responds to."""

    type: Any = None
    client_id: Any = None


_correlation = msgspec.json.Decoder(_Correlation)


def parse(raw: str | bytes) -> ClientFrame:
    """Returns the frame that a client sent. Raises `Refusal` with a sentence that says what is wrong with it."""
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
    elif isinstance(frame, Edit):
        _check_body(frame.body, "empty_body.edit")
    elif isinstance(frame, React):
        _check_emoji(frame.emoji)
    elif isinstance(frame, Sync):
        _check_cursors(frame.rooms)
    return frame


class Listen(Struct, frozen=True, rename={"as_": "as"}):
    """The body of a poll or a stream request, for parameters that do not fit in a URL."""

    cursors: dict[Id, Natural] | None = None
    hello: bool = False
    wait: Annotated[float, Meta(ge=0, le=LONGEST_WAIT)] = WAIT_SECONDS
    probe: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    as_: str | None = None


_listen: msgspec.json.Decoder[Listen] = msgspec.json.Decoder(Listen)


def parse_listen(body: bytes) -> Listen:
    """Parses the body of a poll or a stream request; an empty body means the defaults. Raises `Refusal`."""
    try:
        asked = _listen.decode(body) if body.strip() else Listen()
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Refusal("bad_request", error=str(error)) from None
    _check_cursors(asked.cursors or {})
    return asked


_cursors: msgspec.json.Decoder[dict[Id, Natural]] = msgspec.json.Decoder(dict[Id, Natural])


def parse_cursors(text: str) -> dict[int, int]:
    """Parses cursors from `Last-Event-ID`, in the format of a `sync`'s `rooms`. Raises `Refusal`."""
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
    """Returns the type and client_id of the frame that an error responds to, where the frame has them."""
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
    if post.forward is None:
        _check_body(post.body, "empty_body")
    elif post.body:
        raise Refusal("bad_frame.forward")


def _check_body(body: str, empty: str) -> None:
    if len(body) > BODY_LENGTH:
        raise Refusal("body_too_long", most=BODY_LENGTH, over=len(body) - BODY_LENGTH)
    if "\0" in body:
        raise Refusal("bad_body.nul")
    if not is_anything_visible(body):
        raise Refusal(empty)


def _check_emoji(text: str) -> None:
    if emoji.canonical(text) is None:
        raise Refusal("bad_emoji", emoji=text[: emoji.LENGTH])


# From the server.


class Person(Struct, frozen=True, omit_defaults=True):
    """A person. The `id` never changes, the nickname may. `open` is present, and true, for an open name."""

    id: int
    nickname: str
    open: bool = False


class You(Struct, frozen=True):
    id: int
    nickname: str
    kind: str


class RoomSummary(Struct, frozen=True, kw_only=True):
    """A room as one person sees it. A direct room has no slug, and its title is the nickname of `other`.

    `other` is the other person of a direct room, or oneself in one's notes. `mentioned` has the numbers of the last
    unread messages that name the person, where there are any; only in a `hello`.
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
    other: Person | UnsetType = UNSET
    mentioned: list[int] | UnsetType = UNSET


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message. `html` is set only if the body does not determine how it looks; a deleted message has no text.

    `reactions` has the ids of the people who reacted, by emoji, in the order in which they did. `mentions` has the ids
    of the people in the room whom it names, without its sender; `everyone` is `all` or `here` where it names them all.
    `forwarded` says that the text is a copy of another message's. Where that is, and by whom, is for those who may read
    it: no frame says it. `thread` is set in replies alone: the number of the message with which the thread begins.
    """

    number: int
    sender: Person
    body: str
    sent_at: datetime
    client_id: str
    html: str = ""
    reply_to: int | None = None
    thread: int | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    reactions: dict[str, list[int]] = {}
    mentions: list[int] = []
    everyone: str = ""
    pinned_at: datetime | None = None
    forwarded: bool = False
    sequence: int | UnsetType = UNSET


class Hello(Struct, tag_field="type", tag="hello", frozen=True):
    you: You
    rooms: list[RoomSummary]
    heartbeat: int = HEARTBEAT_SECONDS


class Ack(Struct, tag_field="type", tag="ack", frozen=True, omit_defaults=True):
    """`absent` are the people whom a post or an edit names and who are not in the room: nobody tells them.

    `everyone_refused` is present, and true, if it names everybody where its writer may not.
    """

    client_id: str
    room: int
    number: int
    sequence: int
    absent: list[Person] = []
    everyone_refused: bool = False


class MessageFrame(Struct, tag_field="type", tag="message", frozen=True):
    """A message, new or changed: the change `sequence` of its room, which follows the change `after`."""

    room: int
    after: int
    sequence: int
    message: Message


class Synced(Struct, tag_field="type", tag="synced", frozen=True):
    """The client has everything up to here, in the rooms whose cursors it said up to these."""

    rooms: dict[int, int]


class Reset(Struct, tag_field="type", tag="reset", frozen=True):
    """The client's cursor is not one of this room: what it has of the room is to be fetched anew."""

    room: int


class HistoryPage(Struct, tag_field="type", tag="history", frozen=True):
    """`gone` lists the numbers between the messages for which nothing will come any more, as inclusive ranges.

    Of a thread, `thread` is the number of the message with which it begins.
    """

    room: int
    messages: list[Message]
    more: bool
    gone: list[tuple[int, int]] | UnsetType = UNSET
    thread: int | UnsetType = UNSET


class ReadFrame(Struct, tag_field="type", tag="read", frozen=True):
    room: int
    number: int


class Mention(Struct, tag_field="type", tag="mention", frozen=True):
    """To those whom a message names, once: it is new, or an edit has added the name."""

    room: int
    number: int


class SavedFrame(Struct, tag_field="type", tag="saved", frozen=True):
    """To all connections of a person: they have saved this message for later (`on`), or removed it again."""

    room: int
    number: int
    on: bool


class TypingFrame(Struct, tag_field="type", tag="typing", frozen=True):
    room: int
    person: Person


class Presence(Struct, tag_field="type", tag="presence", frozen=True, kw_only=True, omit_defaults=True):
    """The people who are here now: always a full snapshot, with the first of them by nickname and the counts of all.

    `away` lists the members who are not here, in rooms that are not public.
    """

    room: int
    count: int
    members: int
    here: list[Person]
    away: list[Person] | None = None


class RoomFrame(Struct, tag_field="type", tag="room", frozen=True):
    room: RoomSummary


class Removed(Struct, tag_field="type", tag="removed", frozen=True):
    room: int


class Renamed(Struct, tag_field="type", tag="renamed", frozen=True):
    """A member's nickname has changed. From here on their messages are sent under the new one."""

    room: int
    person: Person


class Probed(Struct, tag_field="type", tag="probed", frozen=True):
    """To the sender of a probe: it is on disk."""

    number: int


class ProbeFrame(Struct, tag_field="type", tag="probe", frozen=True):
    """To all connections of the sender, the same as a message would arrive. A person's probes are numbered."""

    number: int


class Handshake(Struct, tag_field="type", tag="handshake", frozen=True):
    """Trial endpoint only: headers of this WebSocket's opening request, which browsers do not expose to pages."""

    key: str
    headers: list[tuple[str, str]]


class Traffic(Struct, tag_field="type", tag="traffic", frozen=True):
    """Trial endpoint only: bytes on this WebSocket since it opened, including pings but excluding these frames."""

    received: int
    sent: int


class Error(Struct, tag_field="type", tag="error", frozen=True, kw_only=True):
    """`frame` and `client_id` are the type and the client_id of the refused frame, where they could be read.

    `detail` is an English sentence; a client with sentences of its own makes them from `code` and `params`.
    """

    code: str
    detail: str
    params: dict[str, Any] | UnsetType = UNSET
    frame: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    retry_after: float | UnsetType = UNSET


ServerFrame = (
    Hello | Ack | MessageFrame | Synced | Reset | HistoryPage | ReadFrame | Mention | SavedFrame | TypingFrame
    | Presence | RoomFrame | Removed | Renamed | Probed | ProbeFrame | Handshake | Traffic | Error
)  # fmt: skip

encode = msgspec.json.Encoder().encode
"""Encodes one server frame as the bytes of one line, without the line ending."""


def lines(frames: Iterable[ServerFrame]) -> bytes:
    """Encodes several frames, one per line."""
    return b"\n".join(encode(frame) for frame in frames)


def refusal_frame(refusal: Refusal, about: dict[str, str]) -> Error:
    return Error(
        code=refusal.code,
        detail=refusal.detail,
        params={key: value for key, value in refusal.values.items() if isinstance(value, str | int)} or UNSET,
        frame=about.get("frame", UNSET),
        client_id=about.get("client_id", UNSET),
        retry_after=UNSET if refusal.retry_after is None else refusal.retry_after,
    )
