"""The list of a person's rooms at the side of pages."""

from typing import Any

import msgspec

from chat import paths, queries
from chat.models import Profile, Room
from chat.wire import protocol, rows


def sidebar(me: Profile, summaries: list[protocol.RoomSummary]) -> dict[str, Any]:
    """Returns what the sidebar shows of a person's rooms. Their notes are in it before there is a message in them."""
    rooms = [with_unread(summary) for summary in summaries]
    notes = next((room for room in rooms if "other" in room and room["other"]["id"] == me.pk), None)
    return {
        "rooms": rooms,
        "notes": notes or unsaid(me),
        "news": sum(room["unread"] for room in rooms),
        "invitations": queries.invitation_count(me.pk),
    }


def framed(me: Profile, place: str) -> dict[str, Any]:
    """Returns what a page beside the rooms has around its content. The sidebar marks `place` as the current one."""
    summaries = [rows.own_summary(own) for own in queries.own_rooms(me.pk)]
    return {"me": me, "place": place, "sidebar": sidebar(me, summaries)}


def with_unread(summary: protocol.RoomSummary) -> dict[str, Any]:
    shown = msgspec.to_builtins(summary)
    return {"mentioned": [], **shown, "unread": max(0, shown["message_count"] - shown["read_number"])}


def unsaid(other: Profile) -> dict[str, Any]:
    """Returns the direct room with a person, before there is a message in it."""
    return {
        "id": None, "slug": None, "kind": Room.Kind.DIRECT.value, "title": other.nickname, "topic": "",
        "url": paths.reverse("chat:person", other.nickname),
        "sequence": 0, "message_count": 0, "read_number": 0, "unread": 0, "other": rows.person(other),
    }  # fmt: skip
