"""`{% message_rows timeline %}`: the rows of messages, as `chat/message.html` has them.

Django's engine needs a quarter of a millisecond for a row. So the partial is rendered once for each shape that a row
can have, with marks in the places of its texts; a row is then one formatting of the result.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_MARK = re.compile("\ue000(.*?)\ue001")
_MARK_IN_URL = re.compile(f"{quote(chr(0xE000))}(.*?){quote(chr(0xE001))}")


class Shape(NamedTuple):
    """All that the partial asks about a message, where it does not show it."""

    deleted: bool
    own: bool
    replies: bool
    by_open_name: bool
    has_html: bool


class _Nickname(str):
    """The mark of a nickname, of which the partial also shows the initial."""

    __slots__ = ()

    def __getitem__(self, part: Any) -> str:
        return _mark("initial")


@register.simple_tag(takes_context=True)
def message_rows(context: Any, messages: Iterable[Any]) -> SafeString:
    me, room_url = context["me"].pk, escape(context["room"]["url"])
    shaped = stencil if settings.DEBUG else _cached_stencil
    names: dict[str, dict[str, str]] = {}
    rows = []
    for message in messages:
        nickname = message.sender.nickname
        named = names.get(nickname) or names.setdefault(nickname, _name(nickname))
        rows.append(shaped(_shape(message, me)) % {**_texts(message), **named, "room_url": room_url})
    return mark_safe("\n".join(rows))  # noqa: S308


def stencil(shape: Shape) -> str:
    """Returns rows of a shape as a format string, whose keys are those of `_texts`."""
    sender = _mark("sender")
    message: dict[str, Any] = {
        "sender": {"nickname": _Nickname(_mark("nickname")), "id": sender, "open": shape.by_open_name},
        "reply_to": _mark("reply_to") if shape.replies else None,
        "deleted_at": shape.deleted,
        "html": _mark("html") if shape.has_html else "",
    }
    message |= {name: _mark(name) for name in ("number", "sequence", "client_id", "body", "moment", "time")}
    context = {
        "message": message,
        "me": {"pk": sender if shape.own else None},
        "room": {"url": _mark("room_url")},
    }
    row = get_template("chat/message.html").render(context).replace("%", "%%")
    row = re.sub(_MARK_IN_URL.pattern.replace("%", "%%"), r"%(\1_in_url)s", row)
    return _MARK.sub(r"%(\1)s", row)


_cached_stencil = cache(stencil)


def _mark(name: str) -> str:
    return f"\ue000{name}\ue001"


def _shape(message: Any, me: int) -> Shape:
    return Shape(
        deleted=bool(message.deleted_at),
        own=message.sender.id == me,
        replies=bool(message.reply_to),
        by_open_name=bool(message.sender.open),
        has_html=bool(message.html),
    )


def _name(nickname: str) -> dict[str, str]:
    return {
        "nickname": escape(nickname),
        "nickname_in_url": escape(iri_to_uri(quote(nickname, safe="!$&'()*+,;=~:@"))),
        "initial": escape(nickname[:1]),
    }


def _texts(message: Any) -> dict[str, Any]:
    sent_at = timezone.localtime(message.sent_at)
    return {
        "number": message.number,
        "sequence": message.sequence,
        "sender": message.sender.id,
        "client_id": escape(message.client_id),
        "reply_to": message.reply_to,
        "moment": sent_at.isoformat(),
        "time": sent_at.strftime("%H:%M"),
        "body": "" if message.html else escape(message.body),
        "html": message.html,
    }
