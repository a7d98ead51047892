"""Pages on which rooms are made."""

import re
from html import escape
from urllib.parse import unquote

import pytest

from chat.models import Membership, Room
from tests.pages import browser, counts, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


@pytest.mark.parametrize("kind", ["public", "private"])
@pytest.mark.parametrize(
    "title", ["Chess", "中文聊天室", "Ελληνικά", "C++", "🎉", "!!!", "new", "a/b", "..", "Lobby?", "x" * 60]
)
def test_a_room_is_made_and_its_maker_owns_it(bob, kind, title):
    client = browser(bob)
    made = client.post("/rooms/new/", {"title": title, "topic": "t", "kind": kind})
    assert made.status_code == 302
    page = client.get(made["Location"])
    assert page.status_code == 200
    room = Room.objects.get(title=title)
    assert (room.kind, room.topic) == (kind, "t")
    assert Membership.objects.get(room=room, profile=bob).role == Membership.Role.OWNER


def test_a_chinese_title_makes_a_chinese_address(bob):
    made = browser(bob).post("/rooms/new/", {"title": "中文聊天室", "kind": "public"})
    assert unquote(made["Location"]) == "/rooms/中文聊天室/"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"title": ""}, "Give the room a name."),
        ({"title": "   "}, "Give the room a name."),
        ({"title": "\u3000"}, "Give the room a name."),
        ({}, "Give the room a name."),
        ({"title": "\u3164"}, "a name people can see"),
        ({"title": "\u200b \u2800"}, "a name people can see"),
        ({"title": "ok", "topic": "\u3164"}, "This topic would look empty"),
        ({"title": "Lob\u200bby"}, "already"),
        ({"title": "L\u043ebby"}, "already"),
        ({"title": "ＬＯＢＢＹ"}, "already"),
        ({"title": "x" * 61}, "60 characters"),
        ({"title": "ok", "topic": "x" * 251}, "250 characters"),
        ({"title": "ok", "kind": "direct"}, ""),
        ({"title": "ok", "kind": "secret"}, ""),
        ({"title": "ok", "kind": ""}, ""),
        ({"title": "a\0b"}, ""),
        ({"title": "Lobby"}, "already"),
        ({"title": "LOBBY"}, "already"),
        ({"title": " Lobby "}, "already"),
    ],
)
def test_a_room_that_cannot_be_is_refused_with_the_reason_and_kept(bob, fields, says):
    before = counts()
    page = browser(bob).post("/rooms/new/", {"kind": "public", **fields})
    assert page.status_code == 422
    assert page.context["form"].errors
    assert says in text(page)
    assert counts() == before
    assert f'value="{escape(fields.get("title", ""))}"' in page.content.decode()


@pytest.mark.parametrize("title", ["\u200b", "\u202e", "\u200b \u200d", "\u2060"])
def test_a_title_that_shows_nothing_is_refused(bob, title):
    assert browser(bob).post("/rooms/new/", {"title": title, "kind": "public"}).status_code == 422


@pytest.mark.parametrize(
    "titles", [("C", "C++", "C#"), ("🎉", "🎊", "!!!"), ("a b", "a-b", "a_b"), ("new", "New room", "New-2")]
)
def test_different_titles_are_different_rooms_even_if_their_addresses_look_alike(bob, titles):
    client = browser(bob)
    made = [client.post("/rooms/new/", {"title": title, "kind": "public"}) for title in titles]
    assert [answer.status_code for answer in made] == [302] * len(titles)
    assert len({answer["Location"] for answer in made}) == len(titles)
    for title, answer in zip(titles, made, strict=True):
        assert client.get(answer["Location"]).context["room"]["title"] == title


@pytest.mark.parametrize("kind", ["public", "private"])
def test_the_title_of_a_private_room_is_taken_for_nobody(den, mallory, kind):
    """Were it refused, or numbered, that would tell of the private one."""
    made = browser(mallory).post("/rooms/new/", {"title": "Den", "kind": kind})
    assert made.status_code == 302
    slug = made["Location"].split("/")[2]
    assert re.fullmatch("den" if kind == "public" else r"den-[a-z2-9]{8}", slug)


def test_a_rooms_title_and_topic_lose_line_ends_and_doubled_spaces(bob):
    browser(bob).post("/rooms/new/", {"title": " Chess \r\n  club ", "topic": "a\nb", "kind": "public"})
    room = Room.objects.get(title="Chess club")
    assert room.topic == "a b"
