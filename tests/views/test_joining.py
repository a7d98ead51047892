"""Joining: who gets which nickname, and where that leads."""

from html import escape

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session

from chat.models import LOBBY, Profile
from tests.pages import browser, counts, join, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


# Joining.


def test_the_first_page_asks_for_a_nickname(visitor):
    page = visitor.get("/")
    assert page.status_code == 200
    assert 'name="nickname"' in page.content.decode()


@pytest.mark.parametrize("nickname", ["bob", "中文", "Ünï Cödé", "x" * 32, "א ב", "a_-9"])
def test_joining_brings_one_into_the_lobby(visitor, nickname):
    assert join(visitor, nickname).status_code == 302
    page = visitor.get("/", follow=True)
    assert page.status_code == 200
    assert page.redirect_chain[-1][0] == "/rooms/lobby/"
    assert page.context["me"].nickname == nickname
    assert [room["slug"] for room in page.context["rooms"]] == [LOBBY]


def test_a_guest_is_a_user_without_a_password(visitor):
    join(visitor, "bob")
    profile = Profile.objects.get(nickname_key="bob")
    assert profile.kind == Profile.Kind.GUEST
    assert not profile.user.has_usable_password()
    assert not profile.user.is_staff


def test_a_guest_stays_signed_in_for_30_days(visitor):
    cookie = join(visitor, "bob").cookies["sessionid"]
    assert cookie["max-age"] == 30 * 24 * 60 * 60
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_the_30_days_begin_anew_each_day(bob):
    client = browser(bob)
    client.get("/rooms/")
    assert "sessionid" not in client.get("/rooms/").cookies
    session = client.session
    session["seen_on"] = "2020-01-01"
    session.save()
    assert client.get("/rooms/").cookies["sessionid"]["max-age"] == 30 * 24 * 60 * 60


def test_the_session_of_before_does_not_live_on_in_the_one_that_joined(visitor):
    """A key that somebody planted in the browser must not become a signed-in session's."""
    planted = visitor.session
    planted["x"] = 1
    planted.save()
    visitor.cookies["sessionid"] = planted.session_key
    join(visitor, "bob")
    assert visitor.cookies["sessionid"].value != planted.session_key
    assert not Session.objects.filter(session_key=planted.session_key).exists()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Enter a nickname"),
        ("   ", "spaces alone"),
        ("\u3000", "spaces alone"),
        ("x" * 33, "32 characters"),
        ("bob!", "can't contain"),
        ("<script>alert(1)</script>", "can't contain"),
        ("admin", "reserved"),
        ("ＡＤＭＩＮ", "reserved"),
        ("alice", "taken"),
        ("ＡＬＩＣＥ", "taken"),
        (" Alice ", "taken"),
        ("x" * 100_000, "32 characters"),
    ],
)
def test_what_cannot_be_a_nickname_is_refused_with_the_reason_and_kept(visitor, alice, typed, says):
    before = counts()
    page = join(visitor, typed)
    assert page.status_code == 422
    assert says in text(page)
    assert f'value="{escape(typed)}"' in page.content.decode()
    assert counts() == before
    assert "sessionid" not in page.cookies


def test_a_nickname_with_a_nul_is_refused(visitor):
    assert join(visitor, "bob\0").status_code == 422
    assert not Profile.objects.exists()


def test_a_form_without_the_field_is_refused(visitor):
    assert visitor.post("/join/").status_code == 422


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("alice", "alice2"),
        ("ＡＬＩＣＥ", "ＡＬＩＣＥ2"),
        ("admin", "admin2"),
        ("x" * 33, "x" * 32),
        ("alice!", "alice2"),
        ("😀 alice 😀", "alice2"),
        ("alice\0", "alice2"),
        ("e\u0301" * 20, "e\u0301" * 16),
    ],
)
def test_a_free_variant_is_offered_and_can_be_taken(visitor, alice, typed, offered):
    page = join(visitor, typed)
    assert page.context["suggestion"] == offered
    assert offered in text(page)
    assert join(visitor, offered).status_code == 302


@pytest.mark.parametrize("typed", ["", "   ", "😀😀", "-"])
def test_where_there_is_nothing_to_go_by_nothing_is_offered(visitor, typed):
    assert not join(visitor, typed).context["suggestion"]


def test_the_variant_that_is_offered_is_free_even_if_many_are_not(visitor, person):
    person("bob")
    for number in range(2, 20):
        person(f"bob{number}")
    assert join(visitor, "bob").context["suggestion"] == "bob20"


def test_who_has_joined_does_not_join_again(bob):
    client = browser(bob)
    before = counts()
    assert join(client, "another").status_code == 302
    assert counts() == before


def test_a_user_without_a_nickname_takes_one_and_stays_who_they_are(visitor):
    user = get_user_model().objects.create_user("staff", password="x")
    visitor.force_login(user)
    assert visitor.get("/rooms/").status_code == 302
    assert join(visitor, "chief").status_code == 302
    assert Profile.objects.get(nickname="chief").user == user
    assert Profile.objects.get(nickname="chief").kind == Profile.Kind.MEMBER


# Where joining leads.


def test_who_came_for_a_page_gets_it_after_joining(visitor):
    asked = visitor.get("/rooms/lobby/")
    assert asked.status_code == 302
    page = visitor.get(asked["Location"])
    assert join(visitor, "bob", next=page.context["next"])["Location"] == "/rooms/lobby/"


def test_who_pressed_a_button_is_led_to_a_page_after_joining(visitor):
    """Not to the button's own address, which answers only to buttons."""
    asked = visitor.post("/rooms/lobby/join/")
    page = visitor.get(asked["Location"])
    join(visitor, "bob", next=page.context["next"])
    led = visitor.get(page.context["next"] or "/", follow=True)
    assert led.status_code == 200


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example",
     "http:evil.example", "https:///evil.example", "javascript:alert(1)", "data:text/html,x", "\t//evil.example",
     " //evil.example", "/\t/evil.example", "//evil.example\\@testserver", "http://testserver@evil.example",
     "\x01//evil.example", "HTTPS://EVIL.EXAMPLE", "http://testserver.evil.example/", "ftp://testserver/"],
)  # fmt: skip
def test_joining_never_leads_to_another_site(visitor, target):
    page = visitor.get("/", {"next": target})
    assert page.status_code == 200
    led = join(visitor, "bob", next=target)
    assert led.status_code == 302
    assert led["Location"] == "/"


def test_who_signed_out_and_joins_again_is_not_asked_whether_to_sign_out(visitor):
    assert join(visitor, "bob", next="/sign-out/").url == "/"


def test_the_address_of_a_form_leads_back_who_opens_it(visitor):
    page = visitor.get("/join/")
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert 'href="/"' in page.content.decode()


@pytest.mark.parametrize(
    "target", ["\0", "/rooms/\0", "/rooms/\r\nSet-Cookie: a=b", "x" * 100_000, "%zz", "bob", "admin:index"]
)
def test_a_senseless_target_breaks_nothing(visitor, target):
    led = join(visitor, "bob", next=target)
    assert led.status_code == 302
    assert "\n" not in led["Location"]
    assert visitor.get("/", follow=True).status_code == 200


def test_the_target_is_kept_while_the_nickname_is_corrected(visitor):
    assert join(visitor, "", next="/rooms/").context["next"] == "/rooms/"
