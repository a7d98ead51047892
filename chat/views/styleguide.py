"""The style guide: every component in every state, in both themes and densities and in each language.

For those who work on the pages.
"""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from chat.languages import LANGUAGES
from chat.wire import protocol

SECTIONS = [
    "colours", "type", "icons", "button", "field", "avatar", "badge", "menu", "dialog", "notice", "item", "message",
    "thread", "composer", "toolbar", "suggestions", "empty", "card", "kept", "forward",
]  # fmt: skip
"""Each a template in `templates/chat/styleguide/`; most are named like their style sheet."""

LOOKS = [(theme, density) for density in ("comfortable", "compact") for theme in ("light", "dark")]

PEOPLE = [
    protocol.Person(1, "Ines"),
    protocol.Person(2, "王小明"),
    protocol.Person(3, "אבי לוי"),
    protocol.Person(4, "Tomás", open=True),
    protocol.Person(5, "Wolfeschlegelsteinhausenbergerdo"),
    protocol.Person(6, "👩‍🚀 Zoë"),
]

_SENT_AT = datetime(2026, 3, 14, 15, 9, tzinfo=UTC)

# Texts that people write or scripts show, which the templates of other pages have no text for.
SAMPLES: dict[str, dict[str, Any]] = {
    "en": {
        "room": "Lobby",
        "topic": "Everyone is here. Say hello!",
        "long_name": "W" * 40,
        "long_topic": "An uncommonly long topic that says a great deal about very little, and then says it all again.",
        "said": ["Morning! The kiln is free from Thursday.", "A second line of the same person."],
        "typing": [" and ", " are typing…"],
        "replying": "Reply to Ines: Morning! The kiln is free from Thursday.",
        "left": "12 characters left",
        "over": "3 characters over the limit",
        "suggestions": ["Suggestions", "Everyone in this room", "Not in this room"],
        "closed": "You're no longer in this room.",
        "taken": "“Ines” is already taken.",
        "refused": "You're not a member of this room.",
        "unsent": "Not sent to “Keys and alarm”:",
        "absent": "Ines isn't in this room and wasn't told.",
        "add": "Add Ines",
        "offline": "You're offline. We'll send your messages when you're back.",
    },
    "zh-hans": {
        "room": "大厅",
        "topic": "大家都在这里，打个招呼吧！",
        "long_name": "陶艺工作室周末开放日与釉料配方交流以及窑炉预约安排和志愿者排班通知总群一二三四五六",
        "long_topic": "一个特别长的主题，说了很多，其实没说什么，然后又从头到尾再说了一遍，好让人看看它在哪里换行。",
        "said": ["早上好！窑从星期四起空着。", "同一个人的第二行。"],
        "typing": [" 和 ", " 正在输入…"],
        "replying": "回复 Ines：早上好！窑从星期四起空着。",
        "left": "还可以输入 12 个字符",
        "over": "超出了 3 个字符",
        "suggestions": ["建议", "房间里的所有人", "不在这个房间"],
        "closed": "你已不在这个房间里。",
        "taken": "“Ines”已被使用。",
        "refused": "你不是这个房间的成员。",
        "unsent": "未能发送到“钥匙和门禁”：",
        "absent": "Ines 不在这个房间里，没有收到提醒。",
        "add": "添加 Ines",
        "offline": "你已离线，恢复连接后会自动发送消息。",
    },
}
_SAID: list[tuple[int, str, dict[str, Any]]] = [
    (1, "太好了，我有六个碗要烧。", {"reply_to": 1}),
    (2, "שלום עולם, mixed with English", {}),
    (3, "https://pottery.example.org/kiln", {}),
    (4, "donaudampfschifffahrtsgesellschaft" * 8, {}),
    (5, "Z\u0334" + "\u0301" * 44 + " letters with marks on them " + "a" + "\u0323" * 44, {}),
    (0, "", {"deleted_at": _SENT_AT}),
    (1, "Nine tiles, and a bowl.", {"edited": True}),
    (1, "", {"names_reader": True, "html": '<a class="mention to-me" href="?person=1">@Ines</a>, <a class="mention" '
             'href="?person=3">@אבי לוי</a>, <a class="room-link" href="?room=lobby">#Lobby</a>, '
             '<span class="mention everyone">@all</span>'}),
    (1, "", {"html": '<span class="large-emoji">🎉 👩‍🚀</span>'}),
    (2, "Nine tiles, and a bowl.", {"forwarded": True, "pinned": True, "saved": True}),
]  # fmt: skip


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """There is none for people who use the site."""
    if not (settings.DEBUG or request.user.is_staff):
        raise Http404
    language = request.GET.get("language", "")
    with translation.override(language if language in LANGUAGES else translation.get_language()):
        sample = SAMPLES.get(translation.get_language() or "", SAMPLES["en"])
        looks = [
            {"theme": theme, "density": density, "messages": _messages(1000 * number, sample["said"])}
            for number, (theme, density) in enumerate(LOOKS)
        ]
        templates = [(section, f"chat/styleguide/{section}.html") for section in SECTIONS]
        context = {"sections": templates, "looks": looks, "people": PEOPLE, "me": {"pk": 1, "nickname": "Ines"}}
        context |= {"languages": LANGUAGES.items(), "sample": sample, "colors": COLORS, "sizes": SIZES, "icons": ICONS}
        return render(request, "chat/styleguide.html", context)


def _messages(first: int, lines: list[str]) -> list[dict[str, Any]]:
    """Numbered from there on, so that no two panes share an id. The second one belongs to the first."""
    said = [*((0, line, {}) for line in lines), *_SAID]
    return [
        {
            "is_grouped": number == 1,
            "row": {
                "number": first + number + 1,
                "sender": PEOPLE[who],
                "body": body,
                "moment": _SENT_AT.isoformat(),
                "time": "15:09",
                **options,
            },
        }
        for number, (who, body, options) in enumerate(said)
    ]


COLORS = [
    "side", "ground", "raised", "hover", "pressed", "line", "line-strong", "field", "text", "text-soft", "accent",
    "accent-strong", "accent-soft", "news", "news-line", "news-soft", "named", "danger", "danger-soft", "here",
]  # fmt: skip
SIZES = ["caption", "small", "text", "touch", "lead", "title", "display"]
ICONS = [
    "appearance", "bookmark", "browse", "close", "connection", "copy", "down", "edit", "format", "forward", "hash",
    "keys", "leave", "link", "lock", "menu", "more", "note", "people", "pin", "plus", "reply", "select", "send",
    "settings", "thread",
]  # fmt: skip
