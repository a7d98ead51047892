"""An example of every frame of wire version 2, as it is here and as it is in `tests/frames/`."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from chat.refusals import Refusal
from chat.wire import protocol
from chat.wire.protocol import Message, RoomSummary

FRAMES = Path(__file__).parents[1] / "frames"

BOB = protocol.Person(3, "bob")
ALICE = protocol.Person(12, "爱丽丝")
ROBIN = protocol.Person(19, "robin", open=True)
LOBBY = RoomSummary(
    id=7, slug="lobby", kind="public", title="Lobby", topic="Everyone is here. Say hello!", url="/rooms/lobby/",
    sequence=44, message_count=40, read_number=38,
)  # fmt: skip
DIRECT = RoomSummary(
    id=12, slug=None, kind="direct", title="爱丽丝", topic="", url="/people/%E7%88%B1%E4%B8%BD%E4%B8%9D/",
    sequence=3, message_count=3, read_number=3, other=ALICE,
)  # fmt: skip
PLAIN = Message(
    number=40, sender=ALICE, body="<b>hi</b>", sent_at=datetime(2026, 11, 22, 17, 59, 59, tzinfo=UTC),
    client_id="c-0000", sequence=44,
)  # fmt: skip
LINKED = Message(
    number=41, sender=BOB, body="See https://example.org", client_id="c-0001", reply_to=12, thread=9,
    sent_at=datetime(2026, 11, 22, 18, 0, 0, 123456, tzinfo=UTC),
    html='See <a href="https://example.org" rel="noopener noreferrer nofollow" target="_blank">https://example.org</a>',
)  # fmt: skip

FROM_CLIENT = {
    "sync": protocol.Sync({7: 41, 12: 0}),
    "post": protocol.Post(
        client_id="5f1c8a52-9d0b-4a6e-8a5e-0c1f3f0f6a11",
        body="你好, lobby!\nSee https://example.org",
        room=7,
        reply_to=12,
    ),
    "post_forward": protocol.Post(client_id="c-0007", body="", room=7, forward=protocol.Original(12, 3)),
    "post_to": protocol.Post(client_id="c-0001", body="Only for you.", to="Ａlice"),
    "edit": protocol.Edit(client_id="c-0003", room=7, number=41, sequence=45, body="See https://example.org/#part"),
    "delete": protocol.Delete(client_id="c-0004", room=7, number=41),
    "restore": protocol.Restore(client_id="c-0005", room=7, number=41),
    "react": protocol.React(client_id="c-0006", room=7, number=41, emoji="👍", on=True),
    "pin": protocol.Pin(client_id="c-0008", room=7, number=41, on=True),
    "save": protocol.Save(client_id="c-0009", room=7, number=41, on=True),
    "read": protocol.Read(7, 41),
    "typing": protocol.Typing(7),
    "history": protocol.History(7, before=41, limit=50),
    "history_thread": protocol.History(7, before=41, limit=50, thread=12),
    "join": protocol.Join("中文-聊天"),
    "leave": protocol.Leave(7),
    "probe": protocol.Probe(),
}
FROM_SERVER = {
    "hello": protocol.Hello(protocol.You(3, "bob", "guest"), [LOBBY, DIRECT]),
    "hello_mentioned": protocol.Hello(
        protocol.You(3, "bob", "guest"), [msgspec.structs.replace(LOBBY, mentioned=[39, 40])]
    ),
    "ack": protocol.Ack("c-0001", 7, 41, 45),
    "ack_absent": protocol.Ack("c-0002", 7, 42, 46, [ALICE, ROBIN], everyone_refused=True),
    "message": protocol.MessageFrame(7, 44, 45, LINKED),
    "message_open": protocol.MessageFrame(
        7, 43, 44, msgspec.structs.replace(PLAIN, sender=ROBIN, sequence=msgspec.UNSET)
    ),
    "message_edited": protocol.MessageFrame(
        7, 45, 46, msgspec.structs.replace(LINKED, edited_at=datetime(2026, 11, 22, 18, 5, tzinfo=UTC))
    ),
    "message_deleted": protocol.MessageFrame(
        7,
        46,
        47,
        msgspec.structs.replace(LINKED, body="", html="", deleted_at=datetime(2026, 11, 22, 18, 6, tzinfo=UTC)),
    ),
    "message_mentions": protocol.MessageFrame(
        7,
        44,
        45,
        msgspec.structs.replace(
            LINKED,
            body="@Bob, @all: see #Chess",
            html='<a class="mention" href="?person=3">@Bob</a>, <span class="mention everyone">@all</span>: see '
            '<a class="room-link" href="?room=chess">#Chess</a>',
            mentions=[3],
            everyone="all",
        ),
    ),
    "message_reactions": protocol.MessageFrame(
        7, 46, 47, msgspec.structs.replace(PLAIN, reactions={"👍": [3, 8], "🎉": [8]}, sequence=msgspec.UNSET)
    ),
    "message_pinned": protocol.MessageFrame(
        7,
        47,
        48,
        msgspec.structs.replace(
            PLAIN, pinned_at=datetime(2026, 11, 22, 18, 7, tzinfo=UTC), forwarded=True, sequence=msgspec.UNSET
        ),
    ),
    "synced": protocol.Synced({7: 45, 12: 3}),
    "reset": protocol.Reset(7),
    "history": protocol.HistoryPage(7, [PLAIN, msgspec.structs.replace(LINKED, sequence=45)], True),
    "history_gone": protocol.HistoryPage(7, [msgspec.structs.replace(PLAIN, number=4)], False, [(1, 3), (5, 5)]),
    "history_thread": protocol.HistoryPage(7, [msgspec.structs.replace(LINKED, sequence=45)], False, thread=9),
    "mention": protocol.Mention(7, 41),
    "read": protocol.ReadFrame(7, 41),
    "saved": protocol.SavedFrame(7, 41, on=True),
    "typing": protocol.TypingFrame(7, ALICE),
    "presence": protocol.Presence(room=7, count=2, members=3, here=[BOB, ALICE]),
    "presence_private": protocol.Presence(room=8, count=1, members=2, here=[BOB], away=[ALICE]),
    "presence_open": protocol.Presence(room=7, count=1, members=3, here=[ROBIN]),
    "room_open": protocol.RoomFrame(msgspec.structs.replace(DIRECT, title="robin", url="/people/robin/", other=ROBIN)),
    "room": protocol.RoomFrame(
        msgspec.structs.replace(LOBBY, topic="", read_number=msgspec.UNSET),
    ),
    "removed": protocol.Removed(8),
    "renamed": protocol.Renamed(7, protocol.Person(3, "bob left")),
    "probed": protocol.Probed(17),
    "probe": protocol.ProbeFrame(17),
    "handshake": protocol.Handshake(
        "dGhlIHNhbXBsZSBub25jZQ==",
        [("host", "chat.example.org"), ("upgrade", "websocket"), ("sec-websocket-version", "13")],
    ),
    "traffic": protocol.Traffic(received=424, sent=1742),
    "error": protocol.refusal_frame(
        Refusal("too_fast.posts", retry_after=0.5),
        {"frame": "post", "client_id": "c-0001"},
    ),
    "error_params": protocol.refusal_frame(
        Refusal("body_too_long", most=10_000, over=3),
        {"frame": "post", "client_id": "c-0002"},
    ),
}


def golden(direction: str, name: str) -> bytes:
    return (FRAMES / direction / f"{name}.json").read_bytes().removesuffix(b"\n")
