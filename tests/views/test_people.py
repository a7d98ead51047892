"""Pages of people, and of private rooms of two."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from chat import queries
from chat.actions import leases
from tests.pages import browser, counts, join, say, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


def test_people_are_found_by_a_part_of_their_nickname(alice, bob, mallory, person):
    person("Alina")
    person("a_l")
    client = browser(bob)
    for typed, found in [("ＡＬＩ", ["alice", "Alina"]), ("ce", ["alice"]), ("bob", []), ("_", ["a_l"]), ("%", [])]:
        page = client.get("/people/", {"q": typed})
        assert [one.nickname for one in page.context["people"]] == found
        assert found or "No one matches" in text(page)


def test_who_is_here_is_offered_first(alice, bob, mallory):
    client = browser(bob)
    assert "No one else is online" in text(client.get("/people/"))
    leases.acquire("process", [bob.pk, mallory.pk], timedelta(seconds=30))
    assert [one.nickname for one in client.get("/people/").context["people"]] == ["mallory"]
    assert [one.nickname for one in client.get("/people/", {"q": "l"}).context["people"]] == ["mallory", "alice"]


def test_of_many_people_the_first_are_shown_and_it_is_said(bob, person):
    for number in range(queries.PEOPLE_SHOWN + 1):
        person(f"guest {number:03}")
    page = browser(bob).get("/people/", {"q": "guest"})
    assert len(page.context["people"]) == queries.PEOPLE_SHOWN
    assert "Too many results." in text(page)


@pytest.mark.parametrize("typed", ["\0", "x" * 9999, "a" + "\u0301\u0316" * 5000, "' --", "<b>"])
def test_looking_for_nonsense_finds_nobody(bob, typed):
    page = browser(bob).get("/people/", {"q": typed})
    assert (page.status_code, page.context["people"]) == (200, [])


def test_a_persons_page_stores_nothing(alice, bob):
    before = counts()
    page = browser(bob).get("/people/alice/")
    assert page.status_code == 200
    assert page.context["room"]["title"] == "alice"
    assert counts() == before


@pytest.mark.parametrize("spelled", ["ALICE", "Ａｌｉｃｅ", " alice"])
def test_a_person_is_found_however_they_are_spelled(alice, bob, spelled):
    page = browser(bob).get(f"/people/{quote(spelled)}/")
    assert page.status_code == 200
    assert page.context["room"]["title"] == "alice"


@pytest.mark.parametrize(
    "nickname", ["nobody here", "中文", "a\0b", "\0", "😀", "<script>alert(1)</script>", "x" * 5000, "%", "..", "-"]
)
def test_an_unknown_person_is_a_clear_404_and_nothing_is_stored(bob, nickname):
    before = counts()
    page = browser(bob).get(f"/people/{quote(nickname, safe='')}/")
    assert page.status_code == 404
    if "/" not in nickname and "\0" not in nickname and nickname != "..":
        assert nickname[:64] in text(page)
    assert "<script>alert" not in page.content.decode()
    assert counts() == before


@pytest.mark.parametrize(
    ("nickname", "typed"),
    [("O'Neil", "o’neil"), ("阿凡提·买买提", "阿凡提・买买提"), ("d’Artagnan", "D'ARTAGNAN")],
)
def test_a_person_with_an_apostrophe_or_a_middle_dot_is_shown_found_and_written_to(
    bob, person, visitor, nickname, typed
):
    assert join(visitor, nickname).status_code == 302
    person("someone else")
    client = browser(bob)
    for spelled in (nickname, typed):
        page = client.get(f"/people/{quote(spelled)}/")
        assert page.status_code == 200
        assert page.context["room"]["title"] == nickname
        assert nickname in text(page)
    assert [one.nickname for one in client.get("/people/", {"q": typed}).context["people"]] == [nickname]
    say(bob, "hi", to=typed)
    own = client.get("/rooms/lobby/").context["rooms"][-1]
    assert own["title"] == nickname
    assert client.get(own["url"]).context["room"]["title"] == nickname
    assert f"<{nickname}" not in page.content.decode()


def test_ones_own_page_is_for_notes(bob):
    client = browser(bob)
    assert client.get("/people/bob/").status_code == 200
    say(bob, "milk", to="bob")
    page = client.get("/people/bob/")
    assert [message.body for message in page.context["timeline"]] == ["milk"]
    assert page.context["rooms"][-1]["title"] == "bob"
    assert page.context["rooms"][-1]["unread"] == 0


def test_both_people_see_their_direct_room_and_the_reader_what_is_unread(alice, bob):
    say(bob, "psst", to="alice", times=2)
    seen = {who.nickname: browser(who).get("/rooms/lobby/").context["rooms"][-1] for who in (alice, bob)}
    assert (seen["alice"]["title"], seen["alice"]["unread"]) == ("bob", 2)
    assert (seen["bob"]["title"], seen["bob"]["unread"]) == ("alice", 0)
    assert [message.body for message in browser(alice).get("/people/bob/").context["timeline"]] == ["psst", "psst"]


def test_a_person_with_a_chinese_name_has_a_page(bob, person):
    person("爱丽丝 Smith")
    assert browser(bob).get(f"/people/{quote('爱丽丝 Smith')}/").context["room"]["title"] == "爱丽丝 Smith"
