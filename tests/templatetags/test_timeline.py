"""Rows that are filled in are the same as rows that the partial renders by itself."""

from datetime import UTC, datetime
from itertools import product
from types import SimpleNamespace

import msgspec
import pytest
from django.template.loader import get_template

from chat.templatetags.timeline import message_rows
from chat.wire.protocol import Message, Person

SENT = datetime(2026, 3, 1, 9, 5, 7, 123456, tzinfo=UTC)
NAMES = ["alice", "王小明", "<b>&\"'", "100%", "%(body)s", "a b+c", "o’neil", "é%C3", "\U0001f600x"]
BODIES = ["hello", "<script>&\"'</script>", "50% of %(html)s %s", "\ue000body\ue001", "two\nlines"]
ME = SimpleNamespace(pk=1)
ROOM = {"url": "/rooms/a&b/"}


def rendered(message: Message) -> str:
    sent_at = {"moment": message.sent_at.isoformat(), "time": "09:05"}
    context = {"message": msgspec.to_builtins(message) | sent_at, "me": ME, "room": ROOM}
    return get_template("chat/message.html").render(context)


def messages(name: str, body: str):
    shapes = product([None, SENT], [1, 2], [None, 3], [False, True], ["", '<a href="https://x/?100%">x</a>'])
    for deleted_at, sender, reply_to, is_open, html in shapes:
        person = Person(sender, name, is_open)
        about = {"reply_to": reply_to, "deleted_at": deleted_at, "html": html, "sequence": 12}
        yield Message(number=10, sender=person, body=body, sent_at=SENT, client_id=f"c-{body[:5]}", **about)


@pytest.mark.parametrize(("name", "body"), [*product(NAMES, BODIES[:1]), *product(NAMES[:1], BODIES)])
def test_a_row_is_the_same_filled_in_or_rendered(name, body):
    found = list(messages(name, body))
    assert message_rows({"me": ME, "room": ROOM}, found) == "\n".join(map(rendered, found))


def test_no_messages_are_no_rows():
    assert message_rows({"me": ME, "room": ROOM}, []) == ""
