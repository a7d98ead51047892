"""Signing out: what ends with it, and what stays."""

import pytest
from django.test import Client

from tests.pages import browser, join, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


def test_signing_out_asks_first(bob):
    client = browser(bob)
    assert client.get("/sign-out/").status_code == 200
    assert client.get("/rooms/").status_code == 200


def test_signing_out_ends_the_session_for_good(bob):
    client = browser(bob)
    key = client.session.session_key
    assert client.post("/sign-out/").status_code == 302
    client.cookies["sessionid"] = key
    assert client.get("/rooms/").status_code == 302
    assert client.get("/").context["form"]


def test_signing_out_ends_only_this_session(bob):
    one, other = browser(bob), browser(bob)
    one.post("/sign-out/")
    assert other.get("/rooms/").status_code == 200


def test_after_signing_out_the_nickname_and_what_was_written_stay(bob, alice, lobby):
    say(bob, "I was here", room=lobby)
    browser(bob).post("/sign-out/")
    assert join(Client(), "BOB").status_code == 422
    page = browser(alice).get("/rooms/lobby/")
    assert [(message.sender.nickname, message.body) for message in page.context["timeline"]] == [("bob", "I was here")]


@pytest.mark.parametrize("secure", [True, False])
def test_signing_out_has_the_browser_forget_pages_but_no_storage_of_others(bob, secure):
    answer = browser(bob).post("/sign-out/", secure=secure)
    assert answer.get("Clear-Site-Data") == ('"cache"' if secure else None)
    assert "no-store" in answer["Cache-Control"]
