"""Rows that are filled in are the same as rows that the partial renders by itself."""

import re
from datetime import UTC, datetime, timedelta
from itertools import product
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import msgspec
import pytest
from django.template.loader import get_template
from django.utils import timezone, translation

from chat.templatetags.timeline import message_rows
from chat.wire.protocol import Message, Person

SENT = datetime(2020, 3, 1, 9, 5, 7, 123456, tzinfo=UTC)
NAMES = ["alice", "王小明", "<b>&\"'", "100%", "%(body)s", "a b+c", "o’neil", "é%C3", "\U0001f600x"]
BODIES = ["hello", "<script>&\"'</script>", "50% of %(html)s %s", "\ue000body\ue001", "two\nlines"]
ME = SimpleNamespace(pk=1)
ROOM = {"url": "/rooms/a&b/"}


def rendered(message: Message, **more) -> str:
    drawn = {"moment": message.sent_at.isoformat(), "time": "9:05 a.m.", "day": "", "grouped": False}
    drawn["names_reader"] = ME.pk in message.mentions
    drawn["edited"] = bool(message.edited_at) and not message.deleted_at
    context = {"message": msgspec.to_builtins(message) | drawn | more, "me": ME, "room": ROOM, "has_versions": True}
    # The indents of the partial are not sent.
    return re.sub(r"\n\s+", "\n", get_template("chat/message.html").render(context))


def drawn_after(before: Message, others: list[Message]):
    for message in others:
        yield rendered(message, grouped=message.sender.id == before.sender.id)
        before = message


def messages(name: str, body: str):
    link = '<a href="https://x/?100%">x</a>'
    shapes = product([None, SENT], [1, 2], [None, 3], [False, True], ["", link], [None, SENT], [[], [1]])
    for deleted_at, sender, reply_to, is_open, html, edited_at, named in shapes:
        person = Person(sender, name, is_open)
        about = {"reply_to": reply_to, "deleted_at": deleted_at, "html": html, "edited_at": edited_at, "sequence": 12}
        about["mentions"] = named
        yield Message(number=10, sender=person, body=body, sent_at=SENT, client_id=f"c-{body[:5]}", **about)


@pytest.mark.parametrize(("name", "body"), [*product(NAMES, BODIES[:1]), *product(NAMES[:1], BODIES)])
def test_a_row_is_the_same_filled_in_or_rendered(name, body):
    found = list(messages(name, body))
    rows = message_rows({"me": ME, "room": ROOM}, found)
    first, *others = found
    assert rows == "\n".join([rendered(first, day="March 1, 2020"), *drawn_after(first, others)])


def row(number: int, sent_at: datetime, sender: int = 2) -> Message:
    return Message(number=number, sender=Person(sender, "x"), body="b", sent_at=sent_at, client_id="c", sequence=number)


def drawn(found: list[Message], **context) -> list[tuple[bool, str, bool]]:
    """Of each row: whether it is grouped, which day is above it, and whether the line of new messages is."""
    html = message_rows({"me": ME, "room": ROOM, **context}, found)
    rows = html.split('<div class="message')[1:]
    days = [re.findall(r'class="day">([^<]*)<', each) for each in rows]
    return [
        ("grouped" in each.split(">")[0], "".join(day), "news" in each) for each, day in zip(rows, days, strict=True)
    ]


def test_messages_of_one_person_in_five_minutes_are_a_group():
    found = [row(1, SENT), row(2, SENT + timedelta(minutes=4)), row(3, SENT + timedelta(minutes=9))]
    found += [row(4, SENT + timedelta(minutes=10), sender=3)]
    assert [grouped for grouped, _, _ in drawn(found)] == [False, True, False, False]


def test_days_are_those_of_the_reader_s_zone():
    found = [row(1, datetime(2020, 3, 1, 21, tzinfo=UTC)), row(2, datetime(2020, 3, 1, 21, 1, tzinfo=UTC))]
    found += [row(3, datetime(2020, 3, 1, 23, tzinfo=UTC))]
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert [day for _, day, _ in drawn(found)] == ["March 1, 2020", "", "March 2, 2020"]
    with timezone.override(ZoneInfo("Asia/Shanghai")):
        assert [day for _, day, _ in drawn(found)] == ["March 2, 2020", "", ""]


def test_today_and_yesterday_are_called_so(monkeypatch):
    now = timezone.now()
    assert [day for _, day, _ in drawn([row(1, now - timedelta(days=1)), row(2, now)])] == ["Yesterday", "Today"]


def test_the_first_new_message_has_its_line_and_begins_a_group():
    found = [row(1, SENT), row(2, SENT), row(3, SENT)]
    assert drawn(found, first_unread=2) == [(False, "March 1, 2020", False), (False, "", True), (True, "", False)]


def test_rows_are_in_the_current_language():
    for language in ("en", "zh-hans", "en"):
        with translation.override(language):
            expected = "New messages" if language == "en" else "新消息"
            assert expected in message_rows({"me": ME, "room": ROOM, "first_unread": 1}, [row(1, SENT)])


def test_no_messages_are_no_rows():
    assert message_rows({"me": ME, "room": ROOM}, []) == ""
