"""Text of users is text, in pages and in the data of their scripts."""

import json
import re
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client

from chat.actions import memberships, rooms
from chat.models import Room
from tests.pages import browser, join, say
from tests.views.html import Page

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.usefixtures("no_join_limit")]

EVIL = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!--<script>",
    "'-alert(1)-' {{ 7|add:35 }}{% csrf_token %}",
    "&lt;b&gt;&amp;<svg/onload=alert(1)>]]>\u2028",
]


@pytest.mark.parametrize("evil", EVIL)
def test_what_people_write_is_shown_as_text_everywhere(alice, bob, evil):
    room = rooms.create(alice, Room.Kind.PUBLIC, f"x{evil}"[:60], evil)
    den = rooms.create(alice, Room.Kind.PRIVATE, f"y{evil}"[:60], evil)
    memberships.add(alice, den, "bob")
    for body in (evil, f"{evil} http://example.org/{evil}", f"www.example.org/?q={evil}&x={evil}"):
        say(alice, body, room=room)
        say(alice, body, room=den)
        say(alice, body, to="bob")
    mine = browser(alice)
    pages = [
        mine.get(room.get_absolute_url()),
        browser(bob).get(room.get_absolute_url()),
        mine.get(den.get_absolute_url()),
        mine.get("/people/bob/"),
        mine.get("/people/bob/1/versions/"),
        mine.get(f"{room.get_absolute_url()}1/versions/"),
        mine.get("/rooms/"),
        mine.get(f"{room.get_absolute_url()}edit/"),
        mine.post(f"{room.get_absolute_url()}edit/", {"title": evil + "x" * 60, "topic": evil}),
        mine.post("/rooms/new/", {"title": evil + "x" * 60, "topic": evil, "kind": evil}),
        mine.post(f"/rooms/{den.slug}/members/", {"nickname": evil}, follow=True),
        mine.post(f"/rooms/{den.slug}/members/remove/", {"nickname": evil}),
        mine.get(f"/people/{quote(evil, safe='')}/"),
        mine.get(f"/rooms/{quote(evil, safe='')}/"),
        Client().get("/", {"next": evil}),
        join(Client(), evil, next=evil),
        browser(bob).post(f"/rooms/{den.slug}/leave/", follow=True),
    ]
    for answer in pages:
        page = Page(answer.content.decode())
        assert not page.inline
        assert not [attributes for _, attributes in page.tags if {"onerror", "onload"} & attributes.keys()]
        assert "img" not in [tag for tag, _ in page.tags]
        # As a word: a token against forged requests may have it by chance.
        assert not re.findall(r"\bx42\b", answer.content.decode())
        for block in page.data.values():
            json.loads(block)


def test_the_first_data_of_a_page_are_what_was_written(alice):
    evil = "</script><script>alert('x')</script>"
    room = rooms.create(alice, Room.Kind.PUBLIC, evil, evil)
    boot = json.loads(Page(browser(alice).get(room.get_absolute_url()).content.decode()).data["boot"])
    assert boot["room"]["title"] == evil
    assert boot["room"]["topic"] == evil


def test_the_page_shows_each_body_exactly(alice, lobby):
    body = "a < b & c\n  \"quoted\" 'single' <script> &amp; http://example.org/?a=1&b=2"
    say(alice, body, room=lobby)
    html = browser(alice).get("/rooms/lobby/").content.decode()
    shown = re.search(r'<div class="body"[^>]*>(.*?)</div>', html, re.DOTALL)[1]
    assert unescape(re.sub(r"</?a[^>]*>", "", shown)) == body


def test_the_first_data_of_a_page_have_what_its_script_needs(chess, alice):
    say(alice, "e4", room=chess, times=2)
    boot = json.loads(Page(browser(alice).get("/rooms/chess/").content.decode()).data["boot"])
    assert boot["you"] == {"id": alice.pk, "nickname": "alice", "kind": "guest"}
    assert [room["slug"] for room in boot["rooms"]] == ["chess", "lobby"]
    assert (boot["room"]["message_count"], boot["room"]["sequence"]) == (2, 2)
    assert [message["number"] for message in boot["messages"]] == [1, 2]
    assert boot["member"] is True
