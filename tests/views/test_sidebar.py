"""The sidebar on pages beside the rooms."""

import re

import pytest

from chat.actions import bans
from tests.pages import browser, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


@pytest.mark.parametrize("path", ["/rooms/", "/people/", "/rooms/new/", "/settings/", "/rooms/den/edit/"])
def test_a_page_beside_the_rooms_has_the_sidebar_and_marks_itself_in_it(path, alice, bob, den):
    path = path.replace("den", den.slug)
    say(bob, "hello", room=den, times=3)
    page = browser(alice).get(path).content.decode()
    assert re.search(f'href="{den.get_absolute_url()}"(?s:.*?)<span class="badge">3</span>', page)
    current = [tag for tag in re.findall("<a [^>]*>", page) if "aria-current" in tag]
    assert [re.search('href="(.*?)"', tag)[1] for tag in current] == ([] if "edit" in path else [path])
    assert page.count("<h1>") == 1


def test_notes_are_in_the_sidebar_once_before_and_after_the_first_one(alice):
    for count in (0, 1):
        page = browser(alice).get("/rooms/").content.decode()
        assert page.count('<li id="notes"') == 1
        assert page.split('id="directs"')[1].split("</ul>")[0].count("/people/alice/") == 1
        assert page.count('<li id="notes" data-room=') == count
        say(alice, "milk", to="alice")


def test_who_is_banned_or_nobody_yet_sees_no_rooms_in_the_settings(alice, den, visitor):
    bans.ban(alice)
    for client in (browser(alice), visitor):
        page = client.get("/settings/")
        assert page.status_code == 200
        assert den.slug not in page.content.decode()
        assert "<h1>" in page.content.decode()
