"""Every response of the site, and every page's structure."""

import re
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.http import HttpResponse

from chat.actions import people, rooms
from chat.models import Room
from tests import counts
from tests.pages import browser, join, say
from tests.views.html import Page
from tests.views.kinds import one_of_each

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.usefixtures("no_join_limit")]


@pytest.fixture(scope="module")
def answers(django_db_setup, django_db_blocker) -> dict[str, HttpResponse]:
    """One of each kind; nothing of it stays in the database."""
    counts.forget()  # The fixture that does so is a test's: it comes later.
    with django_db_blocker.unblock(), transaction.atomic():
        found = one_of_each(people.join("alice"), people.join("bob"))
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="module")
def html_pages(answers) -> dict[str, Page]:
    return {
        name: Page(answer.content.decode())
        for name, answer in answers.items()
        if answer.get("Content-Type", "").startswith("text/html") and answer.content
    }


# Every response.


def test_every_answer_says_what_a_browser_may_do_with_it(answers):
    for name, answer in answers.items():
        policy = {part.split()[0]: part.split()[1:] for part in answer["Content-Security-Policy"].split(";")}
        assert policy["default-src"] == ["'none'"], name
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == ["'self'"], name
        assert policy["base-uri"] == policy["frame-ancestors"] == ["'none'"], name
        assert policy.pop("require-trusted-types-for") == ["'script'"], name
        assert policy.pop("trusted-types") == ["chatsite"], name
        assert {source for sources in policy.values() for source in sources} <= {"'self'", "'none'"}, name
        assert answer["X-Content-Type-Options"] == "nosniff", name
        assert answer["X-Frame-Options"] == "DENY", name
        assert answer["Referrer-Policy"] == "same-origin", name
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert "Strict-Transport-Security" not in answer, name


def test_pages_of_a_person_are_kept_in_no_cache_that_others_use(answers):
    for name, answer in answers.items():
        if answer.status_code == 200 and name != "healthz":
            assert {"private", "no-store"} <= set(answer.get("Cache-Control", "").split(", ")), name


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


# Every page.


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
                # The page waits for one of its own elements: nothing is fetched.
                assert source.startswith("#" if attributes.get("rel") == "expect" else "/static/"), (name, source)


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


# Health.


def test_who_watches_over_the_site_is_told_that_it_is_well(visitor):
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Content-Type"].startswith("text/plain")
    assert not answer.cookies
