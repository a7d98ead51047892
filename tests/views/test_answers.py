"""What every answer of the site carries, and what no page ever lets through."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from chat import queries, urls
from chat.actions import memberships, people, rooms
from chat.models import Profile, Room
from chat.text import nicknames
from tests.pages import browser, counts, join, say, text

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.usefixtures("no_join_limit")]


# Every form needs its token, every page its method.

PATHS = {
    "home": "/",
    "join": "/join/",
    "sign_out": "/sign-out/",
    "rooms": "/rooms/",
    "room_new": "/rooms/new/",
    "room": "/rooms/chess/",
    "message": "/rooms/chess/1/",
    "room_edit": "/rooms/chess/edit/",
    "room_join": "/rooms/chess/join/",
    "room_leave": "/rooms/chess/leave/",
    "room_members": "/rooms/chess/members/",
    "room_remove": "/rooms/chess/members/remove/",
    "invitation_accept": "/invitations/1/accept/",
    "invitation_decline": "/invitations/1/decline/",
    "people": "/people/",
    "person": "/people/bob/",
    "direct_message": "/people/bob/1/",
    "connection": "/connection/",
    "connection_echo": "/connection/echo",
    "seen": "/live/seen",
    "healthz": "/healthz",
    "readyz": "/readyz",
    "echo": "/ws",
    "open_name": "/ws/bob",
}


def test_the_paths_here_are_all_that_there_are():
    assert list(PATHS) == [pattern.name for pattern in urls.urlpatterns]


@pytest.mark.parametrize("name", PATHS)
def test_nothing_can_be_posted_without_the_forms_token(chess, alice, name):
    client = browser(alice, enforce_csrf_checks=True)
    before = counts()
    answer = client.post(PATHS[name], {"title": "x", "kind": "public", "nickname": "x"})
    assert answer.status_code == 403
    assert counts() == before
    assert client.get("/rooms/").status_code == 200


def test_nobody_is_made_to_join_by_another_sites_form(chess):
    client = Client(enforce_csrf_checks=True)
    assert join(client, "bob").status_code == 403
    assert not Profile.objects.filter(nickname="bob").exists()


def test_a_refused_form_is_explained_without_inside_words(chess):
    page = Client(enforce_csrf_checks=True).post("/join/")
    assert "CSRF" not in text(page)
    assert "<h1>" in page.content.decode()


def test_with_its_token_a_form_is_taken():
    client = Client(enforce_csrf_checks=True)
    client.get("/")
    answer = join(client, "bob", csrfmiddlewaretoken=client.cookies["csrftoken"].value)
    assert answer.status_code == 302


def test_with_a_token_from_another_origin_a_form_is_refused():
    client = Client(enforce_csrf_checks=True, headers={"Origin": "http://evil.example"})
    client.get("/")
    assert join(client, "bob", csrfmiddlewaretoken=client.cookies["csrftoken"].value).status_code == 403


@pytest.mark.parametrize("name", ["join", "room_join", "room_members"])
@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_what_changes_something_is_only_ever_posted(chess, alice, name, method):
    before = counts()
    assert getattr(browser(alice), method)(PATHS[name]).status_code == 405
    assert counts() == before


@pytest.mark.parametrize("name", ["home", "rooms", "room", "person", "healthz", "echo", "open_name"])
def test_what_shows_something_is_never_posted(chess, alice, bob, name):
    assert browser(alice).post(PATHS[name]).status_code == 405
    assert browser(alice).head(PATHS[name]).status_code in (200, 302, 426)


# What every answer carries.


@pytest.fixture(scope="module")
def answers(django_db_setup, django_db_blocker) -> dict[str, HttpResponse]:
    """One of each kind of answer, by a name that says which; nothing of it stays in the database."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = one_of_each(people.join("alice"), people.join("bob"))
        transaction.set_rollback(True)
    return found


def one_of_each(alice: Profile, bob: Profile) -> dict[str, HttpResponse]:
    room = rooms.create(alice, Room.Kind.PUBLIC, "Chess", "a topic")
    cellar = rooms.create(alice, Room.Kind.PRIVATE, "Cellar", "")
    memberships.add(alice, cellar, "bob")
    say(alice, "see http://example.org/?a=1&b=2 <b>", room=room, times=2)
    say(alice, "psst", to="bob")
    mine, theirs = browser(alice), browser(bob)
    strict = Client(enforce_csrf_checks=True)
    return {
        "join": Client().get("/"),
        "join refused": join(Client(), "alice"),
        "to join": Client().get("/rooms/"),
        "joined": join(Client(), "new one"),
        "rooms": mine.get("/rooms/"),
        "new room": mine.get("/rooms/new/"),
        "new room refused": mine.post("/rooms/new/"),
        "room": mine.get("/rooms/chess/"),
        "preview": theirs.get("/rooms/chess/"),
        "message": mine.get("/rooms/chess/1/"),
        "private room": mine.get(f"/rooms/{cellar.slug}/"),
        "private room of another's": theirs.get(f"/rooms/{cellar.slug}/"),
        "edit": mine.get("/rooms/chess/edit/"),
        "edit refused": theirs.get("/rooms/chess/edit/"),
        "people": mine.get("/people/", {"q": "bob"}),
        "nobody found": mine.get("/people/", {"q": "<none>"}),
        "no room found": mine.get("/rooms/", {"q": "<none>"}),
        "person": mine.get("/people/bob/"),
        "notes": mine.get("/people/alice/"),
        "nobody": mine.get("/people/who/"),
        "no room": mine.get("/rooms/none/"),
        "no page": Client().get("/none/"),
        "no token": strict.post("/join/"),
        "wrong method": mine.get("/join/"),
        "sign out": mine.get("/sign-out/"),
        "left": theirs.post(f"/rooms/{cellar.slug}/leave/", follow=True),
        "healthz": Client().get("/healthz"),
        "echo": Client().get("/ws"),
        "open name": Client().get("/ws/bob"),
        "open name, in Chinese": Client().get("/ws/bob", headers={"Accept-Language": "zh"}),
    }


def test_every_answer_says_what_a_browser_may_do_with_it(answers):
    for name, answer in answers.items():
        policy = {part.split()[0]: part.split()[1:] for part in answer["Content-Security-Policy"].split(";")}
        assert policy["default-src"] == ["'none'"], name
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == ["'self'"], name
        assert policy["base-uri"] == policy["frame-ancestors"] == ["'none'"], name
        assert {source for sources in policy.values() for source in sources} <= {"'self'", "'none'"}, name
        assert answer["X-Content-Type-Options"] == "nosniff", name
        assert answer["X-Frame-Options"] == "DENY", name
        assert answer["Referrer-Policy"] == "same-origin", name
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert "Strict-Transport-Security" not in answer, name


def test_pages_of_a_person_are_kept_in_no_cache_that_others_use(answers):
    for name, answer in answers.items():
        if answer.status_code == 200 and name != "healthz":
            assert "Cookie" in answer.get("Vary", "") or "no-store" in answer.get("Cache-Control", ""), name


def test_cookies_are_for_this_site_only(visitor):
    visitor.get("/")
    join(visitor, "bob")
    for name in ("sessionid", "csrftoken"):
        assert visitor.cookies[name]["samesite"] == "Lax"
        assert not visitor.cookies[name]["domain"]
    assert visitor.cookies["sessionid"]["httponly"]


def test_with_https_cookies_travel_only_encrypted(settings, visitor):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 3600
    page = visitor.get("/", secure=True)
    answer = visitor.post("/join/", {"nickname": "bob"}, secure=True)
    assert page.cookies["csrftoken"]["secure"]
    assert answer.cookies["sessionid"]["secure"]
    assert "max-age=3600" in answer["Strict-Transport-Security"]


class Page(HTMLParser):
    """All that a page could run or load, and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        self.data: dict[str, str] = {}
        self._in: tuple[str, dict] | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._in = (tag, dict(attrs))

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self._in = None

    def handle_data(self, data):
        if self._in is None:
            return
        tag, attributes = self._in
        if attributes.get("type") in ("application/json", "importmap") and tag == "script":
            self.data[attributes.get("id") or attributes["type"]] = data
        elif data.strip():
            self.inline.append(data)


@pytest.fixture(scope="module")
def html_pages(answers) -> dict[str, Page]:
    return {
        name: Page(answer.content.decode())
        for name, answer in answers.items()
        if answer.get("Content-Type", "").startswith("text/html") and answer.content
    }


def test_no_page_has_anything_inline_that_the_policy_would_stop(html_pages):
    for name, page in html_pages.items():
        assert not page.inline, name
        assert "importmap" not in page.data, name
        for tag, attributes in page.tags:
            assert tag not in ("style", "object", "embed", "iframe", "base"), name
            assert not {key for key in attributes if key.startswith("on") or key == "style"}, (name, tag, attributes)
            for key in ("href", "src", "action", "formaction"):
                assert urlsplit(attributes.get(key) or "").scheme in ("", "http", "https"), (name, tag, attributes)
            if tag in ("script", "link", "img") and (source := attributes.get("src") or attributes.get("href")):
                assert source.startswith("/static/"), (name, source)


def test_no_page_has_an_id_twice(html_pages):
    for name, page in html_pages.items():
        ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
        assert sorted(ids) == sorted(set(ids)), name


def test_every_page_has_a_title_a_language_and_one_heading(html_pages):
    for name, page in html_pages.items():
        tags = [tag for tag, _ in page.tags]
        assert "title" in tags, name
        assert tags.count("h1") == 1, name
        assert dict(page.tags)["html"].get("lang"), name


def test_every_form_that_posts_carries_a_token(answers):
    for name, answer in answers.items():
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", answer.content.decode(), re.DOTALL):
            assert "csrfmiddlewaretoken" in form, name


def test_every_link_of_a_page_leads_somewhere(alice, bob):
    room = rooms.create(alice, Room.Kind.PUBLIC, "Chess", "")
    say(alice, "e4", room=room, times=2)
    say(bob, "psst", to="alice")
    client = browser(alice)
    targets = {"/", "/rooms/", "/rooms/new/", "/rooms/chess/", "/rooms/lobby/", "/people/bob/", "/people/alice/"}
    for path in sorted(targets):
        page = Page(client.get(path, follow=True).content.decode())
        targets |= {attributes["href"] for tag, attributes in page.tags if tag == "a" and attributes.get("href")}
    for target in sorted(target for target in targets if target.startswith("/")):
        assert client.get(target, follow=True).status_code == 200, target


# Text of users is text.

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
    assert [room["slug"] for room in boot["rooms"]] == ["lobby", "chess"]
    assert (boot["room"]["message_count"], boot["room"]["sequence"]) == (2, 2)
    assert boot["window"] == {"first": 1, "last": 2}
    assert boot["member"] is True


# Health.


def test_who_watches_over_the_site_is_told_that_it_is_well(visitor):
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Content-Type"].startswith("text/plain")
    assert not answer.cookies


# Queries that pages stand on.


def test_a_name_that_is_too_long_for_anybody_is_not_even_looked_for(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert queries.person("a" * (nicknames.KEY_LENGTH + 1)) is None


def test_a_page_takes_the_same_few_queries_however_much_there_is(
    chess, alice, bob, person, django_assert_max_num_queries
):
    for number in range(10):
        memberships.join(person(f"member {number}"), "chess")
        rooms.create(alice, Room.Kind.PUBLIC, f"Room {number}", "")
        say(alice, "psst", to=f"member {number}")
    say(alice, "x", room=chess, times=60)
    client = browser(alice)
    client.get("/rooms/chess/")
    with django_assert_max_num_queries(14):
        client.get("/rooms/chess/")
    with django_assert_max_num_queries(9):
        client.get("/rooms/")
