"""The style guide: every component in every state, in both themes and both densities. For who works on the pages."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chat.wire import protocol

SECTIONS = [
    "colours", "type", "icons", "button", "field", "avatar", "badge", "menu", "dialog", "notice", "item", "message",
    "composer", "empty", "card",
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
_SAID: list[tuple[int, str, dict[str, Any]]] = [
    (0, "Morning! The kiln is free from Thursday.", {}),
    (0, "A second line of the same person.", {}),
    (1, "太好了，我有六个碗要烧。", {"reply_to": 1}),
    (2, "שלום עולם, mixed with English", {}),
    (3, "A link to https://pottery.example.org/kiln", {}),
    (4, "donaudampfschifffahrtsgesellschaft" * 8, {}),
    (5, "Z\u0334" + "\u0301" * 44 + " letters with marks on them " + "a" + "\u0323" * 44, {}),
    (0, "", {"deleted_at": _SENT_AT}),
]  # fmt: skip


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """There is none for people who use the site."""
    if not (settings.DEBUG or request.user.is_staff):
        raise Http404
    looks = [
        {"theme": theme, "density": density, "messages": _messages(1000 * number)}
        for number, (theme, density) in enumerate(LOOKS)
    ]
    templates = [(section, f"chat/styleguide/{section}.html") for section in SECTIONS]
    context = {"sections": templates, "looks": looks, "people": PEOPLE, "me": {"pk": 1, "nickname": "Ines"}}
    return render(request, "chat/styleguide.html", context | {"colors": COLORS, "sizes": SIZES, "icons": ICONS})


def _messages(first: int) -> list[dict[str, Any]]:
    """Numbered from there on, so that no two panes share an id."""
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
        for number, (who, body, options) in enumerate(_SAID)
    ]


COLORS = [
    "side", "ground", "raised", "hover", "pressed", "line", "line-strong", "field", "text", "text-soft", "accent",
    "accent-strong", "accent-soft", "news", "news-line", "news-soft", "danger", "danger-soft", "here",
]  # fmt: skip
SIZES = ["caption", "small", "text", "touch", "lead", "title", "display"]
ICONS = [
    "appearance", "browse", "close", "connection", "copy", "down", "edit", "hash", "keys", "leave", "link", "lock",
    "menu", "more", "note", "people", "plus", "reply", "send", "settings",
]  # fmt: skip
