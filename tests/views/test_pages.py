"""The pages of rooms and people: who sees what, and what each form does or refuses."""

from datetime import timedelta

import pytest

from chat import queries
from chat.actions import leases, memberships, rooms
from chat.models import Room
from tests.pages import browser, say, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


# Lists of rooms.


def test_the_list_counts_members_and_who_is_here(visitor, alice, bob, mallory):
    leases.acquire("process", [alice.pk, bob.pk], timedelta(seconds=30))
    leases.acquire("another process", [alice.pk], timedelta(seconds=30))
    leases.acquire("gone", [mallory.pk], timedelta(seconds=-1))
    card = visitor.get("/").context["rooms"][0]
    assert (card.title, card.members, card.here) == ("Lobby", 3, 2)
    assert "2 online" in " ".join(text(visitor.get("/")).split())


def test_a_room_of_nobody_counts_zero(visitor, alice):
    room = rooms.create(alice, Room.Kind.PUBLIC, "Empty", "")
    memberships.leave(alice, room.pk)
    card = next(card for card in visitor.get("/").context["rooms"] if card.title == "Empty")
    assert (card.members, card.here) == (0, 0)


def test_the_lists_have_public_rooms_only(visitor, den, bob):
    say(bob, "psst", to="alice")
    for client in (visitor, browser(bob)):
        page = client.get("/rooms/" if client is not visitor else "/")
        assert [card.title for card in page.context["rooms"]] == ["Lobby"]
    assert "Den" not in text(visitor.get("/"))


def test_the_list_says_where_one_is_in(bob, alice):
    rooms.create(alice, Room.Kind.PUBLIC, "Chess", "")
    joined = {card.title: card.joined for card in browser(bob).get("/rooms/").context["rooms"]}
    assert joined == {"Lobby": True, "Chess": False}


def test_a_room_is_found_by_a_part_of_its_title_or_topic(bob, alice):
    for number in range(10):
        rooms.create(alice, Room.Kind.PUBLIC, f"Room {number}", f"Topic Ｎ{number * 11}")
    rooms.create(alice, Room.Kind.PRIVATE, "Room 77", "")
    client = browser(bob)
    assert 'type="search"' in text(client.get("/rooms/"))
    for typed, found in [
        ("m 4", ["Room 4"]),
        ("n77", ["Room 7"]),
        ("ＲＯＯＭ ５", ["Room 5"]),
        ("x\0", []),
        ("x" * 9999, []),
    ]:
        page = client.get("/rooms/", {"q": typed})
        assert [card.title for card in page.context["rooms"]] == found
        assert 'type="search"' in text(page)
        assert found or "No public room matches" in text(page)


def make_rooms(start: int, end: int) -> None:
    Room.objects.bulk_create(
        Room(
            kind="public", slug=f"r{n}", title=f"R {n:04}", title_key=f"r {n:04}", topic="t" * 250, member_count=n // 3
        )
        for n in range(start, end)
    )


def test_the_lists_of_rooms_are_as_long_whether_there_are_a_hundred_or_a_thousand(visitor, bob):
    """Joined or not."""
    client, sizes = browser(bob), []
    for start, end in ((0, 100), (100, 1000)):
        make_rooms(start, end)
        pages = visitor.get("/"), client.get("/rooms/"), client.get("/rooms/", {"q": "r"})
        sizes.append([len(page.content) for page in pages])
    for few, many in zip(*sizes, strict=True):
        assert many < 1.05 * few
    assert "There are more." in text(pages[0])
    assert "There may be more results." in text(pages[2])


def test_page_after_page_shows_each_public_room_once_the_busy_ones_first(bob, alice, mallory):
    make_rooms(0, 120)
    for slug in ("r1", "r100", "r2"):
        memberships.join(alice, slug)
    memberships.join(mallory, "r2")
    leases.acquire("process", [alice.pk, mallory.pk], timedelta(seconds=30))
    client, seen, last = browser(bob), [], ""
    while last is not None:
        page = client.get("/rooms/", {"after": last})
        assert ("More rooms" in text(page)) == (page.context["last"] is not None)
        assert len(page.context["rooms"]) <= queries.ROOMS_SHOWN
        seen += [card.slug for card in page.context["rooms"]]
        last = page.context["last"]
    assert seen[:4] == ["lobby", "r2", "r100", "r1"]
    assert seen[4:] == [f"r{n}" for n in sorted(set(range(120)) - {1, 2, 100}, key=lambda n: (-(n // 3), f"{n:04}"))]


@pytest.mark.parametrize("after", ["x", "0", "-1", "9" * 30, "999999", "\0"])
def test_a_page_after_no_room_is_the_first_one(bob, den, after):
    page = browser(bob).get("/rooms/", {"after": after})
    assert [card.title for card in page.context["rooms"]] == ["Lobby"]
    assert browser(bob).get("/rooms/", {"after": den.pk}).context["rooms"] == page.context["rooms"]


def test_any_room_is_found_by_the_beginning_of_its_title(bob, monkeypatch):
    monkeypatch.setattr(queries.directory, "LOOKED_THROUGH", 5)
    make_rooms(0, 50)
    found = browser(bob).get("/rooms/", {"q": "Ｒ 001"}).context["rooms"]
    assert [card.title for card in found] == [f"R 00{n}" for n in (18, 19, 15, 16, 17, 12, 13, 14, 10, 11)]


def test_anybody_is_found_by_the_beginning_of_their_nickname(bob, person, monkeypatch):
    monkeypatch.setattr(queries.people, "LOOKED_THROUGH", 2)
    for nickname in ("Rosalind", "Lindsay", "Belinda", "Linda"):
        person(nickname)
    found = browser(bob).get("/people/", {"q": "LIND"}).context["people"]
    assert [one.nickname for one in found] == ["Linda", "Lindsay", "Belinda"]


def test_a_short_list_of_rooms_is_not_searched(bob):
    assert 'type="search"' not in text(browser(bob).get("/rooms/"))
