"""`{% message_rows timeline %}`: the rows of messages, as `chat/message.html` has them.

Django's engine needs a quarter of a millisecond for a row. So the partial is rendered once for each shape that a row
can have, with marks in the places of its texts; a row is then one formatting of the result.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from chat import conf

register = template.Library()

GROUPED = timedelta(minutes=5)
"""Messages of one person that follow within this time are drawn as a group, as by `views/timeline/row.js`."""

_INDENT = re.compile(r"\n\s+")
_MARK = re.compile("\ue000(.*?)\ue001")
_MARK_IN_URL = re.compile(f"{quote(chr(0xE000))}(.*?){quote(chr(0xE001))}")


class Shape(NamedTuple):
    """All that the partial asks about a message, where it does not show it."""

    deleted: bool
    own: bool
    names_reader: bool
    replies: bool
    by_open_name: bool
    has_html: bool
    has_reactions: bool
    forwarded: bool
    pinned: bool
    saved: bool
    edited: bool
    grouped: bool
    new_day: bool
    first_unread: bool


class _Nickname(str):
    """The mark of a nickname, of which the partial also shows the initial."""

    __slots__ = ()

    def __getitem__(self, part: Any) -> str:
        return _mark("initial")


@register.simple_tag(takes_context=True)
def message_rows(context: Any, messages: Iterable[Any]) -> SafeString:
    """Days and times are those of the current time zone, which the view sets to the reader's."""
    me, room_url = context["me"].pk, escape(context["room"]["url"])
    language, now = get_language() or "", timezone.localtime()
    shaped = stencil if settings.DEBUG else _cached_stencil
    names: dict[str, dict[str, str]] = {}
    saved = set(context.get("saved") or ())
    rows, before = [], None
    for message in messages:
        nickname = message.sender.nickname
        named = names.get(nickname) or names.setdefault(nickname, _name(nickname))
        shape = _shape(message, me, before, context.get("first_unread"), is_saved=message.number in saved)
        texts = {**_texts(message, now), **named, "room_url": room_url}
        if shape.has_html:
            texts["html"] = texts["html"].replace(_mention_of(me), _mention_of(me, " to-me"))
        if shape.has_reactions:
            texts["reactions"] = _reactions(message.reactions, me)
        rows.append(shaped(shape, language) % texts)
        before = message
    return mark_safe("\n".join(rows))  # noqa: S308


def stencil(shape: Shape, language: str) -> str:
    """Returns rows of a shape as a format string, whose keys are those of `_texts`.

    `language` is the current one, in which the partial is rendered: the result is cached for each.
    """
    sender = _mark("sender")
    message: dict[str, Any] = {
        "sender": {"nickname": _Nickname(_mark("nickname")), "id": sender, "open": shape.by_open_name},
        "reply_to": _mark("reply_to") if shape.replies else None,
        "deleted_at": shape.deleted,
        "html": _mark("html") if shape.has_html else "",
        "reactions": _mark("reactions") if shape.has_reactions else "",
        "forwarded": shape.forwarded,
        "pinned": shape.pinned,
        "saved": shape.saved,
        "edited": shape.edited,
        "names_reader": shape.names_reader,
        "grouped": shape.grouped,
        "day": _mark("day") if shape.new_day else "",
        "first_unread": shape.first_unread,
    }
    message |= {name: _mark(name) for name in ("number", "body", "moment", "time")}
    context = {
        "message": message,
        "me": {"pk": sender if shape.own else None},
        "room": {"url": _mark("room_url")},
        "has_versions": conf.EDIT_HISTORY,
    }
    row = get_template("chat/message.html").render(context).replace("%", "%%")
    row = _INDENT.sub("\n", row)
    row = re.sub(_MARK_IN_URL.pattern.replace("%", "%%"), r"%(\1_in_url)s", row)
    return _MARK.sub(r"%(\1)s", row)


_cached_stencil = cache(stencil)


def _mark(name: str) -> str:
    return f"\ue000{name}\ue001"


def _shape(message: Any, me: int, before: Any, first_unread: int | None, *, is_saved: bool = False) -> Shape:
    new_day = before is None or timezone.localdate(message.sent_at) != timezone.localdate(before.sent_at)
    is_first_unread = message.number == first_unread
    return Shape(
        grouped=not new_day
        and not is_first_unread
        and before.sender.id == message.sender.id
        and message.sent_at - before.sent_at < GROUPED,
        new_day=new_day,
        first_unread=is_first_unread,
        deleted=bool(message.deleted_at),
        own=message.sender.id == me,
        names_reader=names(message, me),
        replies=bool(message.reply_to),
        by_open_name=bool(message.sender.open),
        has_html=bool(message.html),
        has_reactions=bool(message.reactions),
        forwarded=message.forwarded and not message.deleted_at,
        pinned=bool(message.pinned_at) and not message.deleted_at,
        saved=is_saved and not message.deleted_at,
        edited=bool(message.edited_at) and not message.deleted_at,
    )


def names(message: Any, me: int) -> bool:
    """Returns whether a message names this person, or everybody."""
    return me in message.mentions or bool(message.everyone and message.sender.id != me)


def _mention_of(me: int, state: str = "") -> str:
    """Returns the tag that `chat.text.mentions` makes."""
    return f'<a class="mention{state}" href="?person={me}">'


def _reactions(people_by_emoji: dict[str, list[int]], me: int) -> str:
    button = _reaction()
    return "".join(
        button % {"emoji": escape(emoji), "pressed": "true" if me in people else "false", "count": len(people)}
        for emoji, people in people_by_emoji.items()
    )


@cache
def _reaction() -> str:
    """Returns the button of a reaction as a format string."""
    marks = {name: _mark(name) for name in ("emoji", "pressed", "count")}
    return _MARK.sub(r"%(\1)s", get_template("chat/reaction.html").render(marks).strip().replace("%", "%%"))


def _name(nickname: str) -> dict[str, str]:
    return {
        "nickname": escape(nickname),
        "nickname_in_url": escape(iri_to_uri(quote(nickname, safe="!$&'()*+,;=~:@"))),
        "initial": escape(nickname[:1]),
    }


def _day(date: datetime, now: datetime) -> str:
    if date.date() == now.date():
        return gettext("Today")
    if date.date() == now.date() - timedelta(days=1):
        return gettext("Yesterday")
    return date_format(date, "MONTH_DAY_FORMAT" if date.year == now.year else "DATE_FORMAT")


@lru_cache(maxsize=4000)
def _time(language: str, hour: int, minute: int) -> str:
    """In the current language, which is named for the cache alone."""
    return date_format(datetime(2000, 1, 1, hour, minute, tzinfo=UTC), "TIME_FORMAT")


def _texts(message: Any, now: datetime) -> dict[str, Any]:
    sent_at = timezone.localtime(message.sent_at)
    return {
        "number": message.number,
        "sender": message.sender.id,
        "reply_to": message.reply_to,
        "moment": sent_at.isoformat(),
        "time": _time(get_language() or "", sent_at.hour, sent_at.minute),
        "day": escape(_day(sent_at, now)),
        "body": "" if message.html else escape(message.body),
        "html": message.html,
    }
