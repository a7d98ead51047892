"""The pages of rooms and people: who sees what, and what each form does or refuses."""

import re
from datetime import timedelta
from html import escape
from urllib.parse import quote, unquote, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from chat import queries, urls
from chat.actions import leases, memberships, rooms
from chat.models import Membership, Room
from tests.pages import browser, counts, join, say, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


# Lists of rooms.


def test_the_list_counts_members_and_who_is_here(visitor, alice, bob, mallory):
    leases.take("process", [alice.pk, bob.pk], timedelta(seconds=30))
    leases.take("another process", [alice.pk], timedelta(seconds=30))
    leases.take("gone", [mallory.pk], timedelta(seconds=-1))
    card = visitor.get("/").context["rooms"][0]
    assert (card.title, card.members, card.here) == ("Lobby", 3, 2)
    assert "2 here now" in " ".join(text(visitor.get("/")).split())


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
        assert found or "No public room has" in text(page)


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
    assert "There may be more." in text(pages[2])


def test_page_after_page_shows_each_public_room_once_the_busy_ones_first(bob, alice, mallory):
    make_rooms(0, 120)
    for slug in ("r1", "r100", "r2"):
        memberships.join(alice, slug)
    memberships.join(mallory, "r2")
    leases.take("process", [alice.pk, mallory.pk], timedelta(seconds=30))
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


# Making rooms.


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
        ({"title": ""}, "needs a title"),
        ({"title": "   "}, "needs a title"),
        ({"title": "\u3000"}, "needs a title"),
        ({}, "needs a title"),
        ({"title": "\u3164"}, "title that can be seen"),
        ({"title": "\u200b \u2800"}, "title that can be seen"),
        ({"title": "ok", "topic": "\u3164"}, "Nothing of this topic can be seen"),
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


# Private rooms are not there for others.


def doors(slug: str) -> list[tuple[str, str]]:
    """All that can be asked of a room."""
    return [
        ("get", reverse("chat:room", args=[slug])),
        ("get", reverse("chat:message", args=[slug, 1])),
        ("get", reverse("chat:message", args=[slug, 99])),
        ("get", reverse("chat:room_edit", args=[slug])),
        ("post", reverse("chat:room_edit", args=[slug])),
        ("post", reverse("chat:room_join", args=[slug])),
        ("post", reverse("chat:room_leave", args=[slug])),
        ("post", reverse("chat:room_members", args=[slug])),
        ("post", reverse("chat:room_remove", args=[slug])),
    ]


def test_this_list_of_doors_has_all_of_them():
    named = {pattern.name for pattern in urls.urlpatterns if "slug" in pattern.pattern.converters}
    assert named == {"room", "message", "room_edit", "room_join", "room_leave", "room_members", "room_remove"}


@pytest.mark.parametrize("door", range(9))
def test_a_private_room_is_answered_to_others_like_one_that_does_not_exist(den, alice, mallory, door):
    say(alice, "secret", room=den)
    client = browser(mallory)
    before = counts()

    def ask(slug: str) -> tuple:
        method, path = doors(slug)[door]
        answer = getattr(client, method)(path, {"nickname": "mallory", "title": "x"})
        return answer.status_code, answer.content, {k: v for k, v in answer.headers.items() if k != "Set-Cookie"}

    assert ask(den.slug) == ask("no-such-room")
    assert ask(den.slug)[0] == 404
    assert counts() == before
    assert Room.objects.get(pk=den.pk).title == "Den"


@pytest.mark.parametrize("door", range(9))
def test_who_has_not_joined_learns_nothing_of_a_private_room(den, visitor, door):
    method, path = doors(den.slug)[door]
    answer = getattr(visitor, method)(path)
    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).path == "/"
    assert "Den" not in text(visitor.get(answer["Location"]))


def test_who_was_removed_is_like_others(den, alice, bob):
    client = browser(bob)
    assert client.get(f"/rooms/{den.slug}/").status_code == 200
    memberships.remove(alice, den, "bob")
    assert client.get(f"/rooms/{den.slug}/").status_code == 404
    assert client.post(f"/rooms/{den.slug}/join/").status_code == 404


def test_who_was_removed_from_their_last_room_still_finds_a_way_in(den, alice, bob):
    client = browser(bob)
    client.get(f"/rooms/{den.slug}/")
    memberships.remove(alice, den, "bob")
    assert client.get("/", follow=True).status_code == 200


def test_who_left_the_lobby_still_finds_a_way_in(bob, lobby):
    client = browser(bob)
    client.post("/rooms/lobby/leave/")
    assert client.get("/", follow=True).status_code == 200


def test_home_is_the_last_room_again(bob, den):
    client = browser(bob)
    client.get(f"/rooms/{den.slug}/")
    assert client.get("/")["Location"] == f"/rooms/{den.slug}/"


@pytest.mark.parametrize(
    "slug", ["None", "null", "%00", "a%00b", "%E4%B8%AD", "x" * 500, "..", "' OR 1=1 --", "<script>", "1"]
)
def test_a_room_that_does_not_exist_is_not_found(bob, slug):
    assert browser(bob).get(f"/rooms/{quote(slug, safe='%')}/").status_code == 404


def test_the_direct_room_of_others_has_no_address(alice, bob, mallory):
    say(bob, "secret for alice", to="alice")
    client = browser(mallory)
    for path in ("/people/alice/", "/people/bob/", "/rooms/"):
        assert "secret" not in text(client.get(path))
    assert client.get("/people/alice/1/").status_code == 404


# Members of private rooms.


def test_a_member_adds_somebody(den, bob, mallory):
    answer = browser(bob).post(f"/rooms/{den.slug}/members/", {"nickname": "ＭＡＬＬＯＲＹ"}, follow=True)
    assert "mallory is in" in text(answer)
    assert browser(mallory).get(f"/rooms/{den.slug}/").status_code == 200


@pytest.mark.parametrize("nickname", ["", "nobody here", "a\0b", "x" * 1000, "😀", "' --"])
def test_adding_nobody_is_refused(den, bob, nickname):
    before = counts()
    answer = browser(bob).post(f"/rooms/{den.slug}/members/", {"nickname": nickname}, follow=True)
    assert answer.status_code == 200
    assert f'value="{escape(nickname[:64])}"' in answer.content.decode()
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert counts() == before


def test_adding_a_name_that_is_endless_costs_nothing(den, bob):
    """Folding a row of marks takes time by its square: these would hold a thread for minutes."""
    nickname = "a" + "\u0301\u0316" * 500_000
    assert browser(bob).post(f"/rooms/{den.slug}/members/", {"nickname": nickname}).status_code == 302
    assert browser(bob).get(f"/people/{quote(nickname[:60_000])}/").status_code == 404
    assert join(Client(), nickname).status_code == 422


def test_adding_somebody_twice_changes_nothing(den, bob):
    before = counts()
    answer = browser(bob).post(f"/rooms/{den.slug}/members/", {"nickname": "alice"}, follow=True)
    assert "alice is in “Den” already." in text(answer)
    assert counts() == before
    assert Membership.objects.get(room=den, profile__nickname="alice").role == Membership.Role.OWNER


def test_nobody_is_added_to_a_public_room(lobby, alice, bob):
    room = rooms.create(alice, Room.Kind.PUBLIC, "Chess", "")
    before = counts()
    browser(alice).post("/rooms/chess/members/", {"nickname": "bob"})
    assert counts() == before
    assert not Membership.objects.filter(room=room, profile=bob).exists()


def test_the_owner_removes_somebody(den, alice, bob):
    assert browser(alice).post(f"/rooms/{den.slug}/members/remove/", {"nickname": "bob"}).status_code == 302
    assert not Membership.objects.filter(room=den, profile=bob).exists()


@pytest.mark.parametrize("nickname", ["alice", "bob", "mallory", "nobody here", ""])
def test_a_member_removes_nobody(den, bob, mallory, nickname):
    before = counts()
    assert browser(bob).post(f"/rooms/{den.slug}/members/remove/", {"nickname": nickname}).status_code == 403
    assert counts() == before


@pytest.mark.parametrize("nickname", ["alice", "mallory", "nobody here", ""])
def test_the_owner_removes_only_others_who_are_in(den, alice, mallory, nickname):
    before = counts()
    assert browser(alice).post(f"/rooms/{den.slug}/members/remove/", {"nickname": nickname}).status_code == 403
    assert counts() == before


def test_a_room_goes_to_its_oldest_member_when_its_owner_leaves(den, alice, bob, mallory):
    memberships.add(alice, den, "mallory")
    browser(alice).post(f"/rooms/{den.slug}/leave/")
    assert browser(bob).get(f"/rooms/{den.slug}/edit/").status_code == 200
    assert browser(mallory).get(f"/rooms/{den.slug}/edit/").status_code == 403
    assert browser(alice).get(f"/rooms/{den.slug}/").status_code == 404


def test_the_last_one_may_leave_too(alice):
    room = rooms.create(alice, Room.Kind.PRIVATE, "Cell", "")
    assert browser(alice).post(f"/rooms/{room.slug}/leave/").status_code == 302
    assert browser(alice).get(f"/rooms/{room.slug}/").status_code == 404


def test_the_lobby_is_nobodys(alice, bob, lobby):
    browser(alice).post("/rooms/lobby/leave/")
    assert browser(bob).get("/rooms/lobby/edit/").status_code == 403
    assert not Membership.objects.filter(room=lobby, role=Membership.Role.OWNER).exists()


# Public rooms.


def test_anybody_may_look_into_a_public_room_before_joining(chess, alice, bob):
    say(alice, "e4", room=chess)
    before = counts()
    page = browser(bob).get("/rooms/chess/")
    assert page.status_code == 200
    assert not page.context["member"]
    assert not page.context["owner"]
    assert [message.body for message in page.context["timeline"]] == ["e4"]
    assert "/rooms/chess/join/" in page.content.decode()
    assert 'id="composer"' not in page.content.decode()
    assert counts() == before


def test_looking_into_a_room_does_not_make_it_home(chess, bob):
    client = browser(bob)
    client.get("/rooms/chess/")
    assert client.get("/")["Location"] == "/rooms/lobby/"


def test_joining_and_leaving_a_public_room(chess, bob):
    client = browser(bob)
    assert client.post("/rooms/chess/join/")["Location"] == "/rooms/chess/"
    assert client.get("/rooms/chess/").context["member"]
    assert client.post("/rooms/chess/join/").status_code == 302
    assert client.post("/rooms/chess/leave/").status_code == 302
    assert not client.get("/rooms/chess/").context["member"]


def test_leaving_asks_first_where_something_is_lost(chess, den, alice, bob, mallory):
    memberships.join(bob, "chess")
    assert f'href="/rooms/{den.slug}/leave/"' in text(browser(bob).get(f"/rooms/{den.slug}/"))
    assert 'href="/rooms/chess/leave/"' in text(browser(alice).get("/rooms/chess/"))
    assert 'href="/rooms/chess/leave/"' not in text(browser(bob).get("/rooms/chess/"))
    assert "unless one of its members invites you back" in text(browser(bob).get(f"/rooms/{den.slug}/leave/"))
    assert "The room is yours" in text(browser(alice).get("/rooms/chess/leave/"))
    assert browser(mallory).get(f"/rooms/{den.slug}/leave/").status_code == 404
    before = counts()
    browser(alice).get("/rooms/chess/leave/")
    assert counts() == before


def test_the_last_one_is_told_that_nobody_will_read_it_any_more(den, alice, bob):
    memberships.leave(bob, den.pk)
    assert "read by nobody any more" in text(browser(alice).get(f"/rooms/{den.slug}/leave/"))


def test_who_is_not_in_cannot_leave(chess, bob):
    assert browser(bob).post("/rooms/chess/leave/").status_code == 403


def test_what_was_said_before_one_joined_is_not_unread(chess, alice, bob):
    say(alice, "e4", room=chess, times=3)
    client = browser(bob)
    client.post("/rooms/chess/join/")
    say(alice, "e5", room=chess, times=2)
    unread = {room["slug"]: room["unread"] for room in client.get("/rooms/chess/").context["rooms"]}
    assert unread == {"lobby": 0, "chess": 2}


def test_the_owner_gives_a_room_another_title_and_topic_under_its_old_address(chess, alice):
    client = browser(alice)
    assert client.get("/rooms/chess/edit/").context["form"].initial == {"title": "Chess", "topic": "openings"}
    answer = client.post("/rooms/chess/edit/", {"title": "国际象棋", "topic": ""})
    assert answer["Location"] == "/rooms/chess/"
    chess.refresh_from_db()
    assert (chess.title, chess.topic, chess.slug) == ("国际象棋", "", "chess")


def test_the_owner_may_change_the_topic_alone(chess, alice):
    assert browser(alice).post("/rooms/chess/edit/", {"title": "Chess", "topic": "endings"}).status_code == 302
    chess.refresh_from_db()
    assert chess.topic == "endings"


def test_a_room_cannot_be_renamed_to_another_rooms_title(chess, alice):
    page = browser(alice).post("/rooms/chess/edit/", {"title": "lobby", "topic": ""})
    assert page.status_code == 422
    assert "already" in text(page)
    chess.refresh_from_db()
    assert chess.title == "Chess"


def test_a_private_room_may_be_called_like_any_other(den, alice):
    assert browser(alice).post(f"/rooms/{den.slug}/edit/", {"title": "Lobby"}).status_code == 302


@pytest.mark.parametrize(
    "fields", [{"title": ""}, {"title": " "}, {"title": "x" * 61}, {"title": "a", "topic": "x" * 251}, {}]
)
def test_a_room_keeps_its_title_when_the_new_one_is_refused(chess, alice, fields):
    page = browser(alice).post("/rooms/chess/edit/", {"topic": "", **fields})
    assert page.status_code == 422
    chess.refresh_from_db()
    assert (chess.title, chess.topic) == ("Chess", "openings")


@pytest.mark.parametrize("joined", [True, False])
def test_only_its_owner_changes_a_room(chess, bob, joined):
    if joined:
        memberships.join(bob, "chess")
    client = browser(bob)
    assert client.get("/rooms/chess/edit/").status_code == 403
    assert client.post("/rooms/chess/edit/", {"title": "Mine"}).status_code == 403
    chess.refresh_from_db()
    assert chess.title == "Chess"


def test_making_or_renaming_a_room_does_not_change_its_kind(chess, alice):
    browser(alice).post("/rooms/chess/edit/", {"title": "Chess", "kind": "private"})
    chess.refresh_from_db()
    assert chess.kind == Room.Kind.PUBLIC


# People.


def test_people_are_found_by_a_part_of_their_nickname(alice, bob, mallory, person):
    person("Alina")
    person("a_l")
    client = browser(bob)
    for typed, found in [("ＡＬＩ", ["alice", "Alina"]), ("ce", ["alice"]), ("bob", []), ("_", ["a_l"]), ("%", [])]:
        page = client.get("/people/", {"q": typed})
        assert [one.nickname for one in page.context["people"]] == found
        assert found or "Nobody has" in text(page)


def test_who_is_here_is_offered_first(alice, bob, mallory):
    client = browser(bob)
    assert "Nobody else is here now" in text(client.get("/people/"))
    leases.take("process", [bob.pk, mallory.pk], timedelta(seconds=30))
    assert [one.nickname for one in client.get("/people/").context["people"]] == ["mallory"]
    assert [one.nickname for one in client.get("/people/", {"q": "l"}).context["people"]] == ["mallory", "alice"]


def test_of_many_people_the_first_are_shown_and_it_is_said(bob, person):
    for number in range(queries.PEOPLE_SHOWN + 1):
        person(f"guest {number:03}")
    page = browser(bob).get("/people/", {"q": "guest"})
    assert len(page.context["people"]) == queries.PEOPLE_SHOWN
    assert "There are more." in text(page)


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


# Permalinks.


def test_a_permalink_shows_its_message_among_its_neighbours(alice, lobby):
    say(alice, "x", room=lobby, times=120)
    client = browser(alice)
    for number in (1, 2, 60, 119, 120):
        page = client.get(f"/rooms/lobby/{number}/")
        assert page.status_code == 200
        numbers = [message.number for message in page.context["timeline"]]
        assert number in numbers
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert len(numbers) <= 50
        assert page.context["more"] == (numbers[0] > 1)


def test_without_a_number_the_last_messages_are_shown(alice, lobby):
    say(alice, "x", room=lobby, times=60)
    page = browser(alice).get("/rooms/lobby/")
    assert [message.number for message in page.context["timeline"]] == list(range(11, 61))
    assert page.context["more"]


def test_a_room_with_more_news_than_a_page_opens_where_they_begin(alice, bob, lobby):
    say(bob, "read", room=lobby, times=80)
    memberships.mark_read(alice.pk, lobby.pk, 80)
    say(bob, "new", room=lobby, times=queries.PAGE)
    client = browser(alice)
    numbers = [message.number for message in client.get("/rooms/lobby/").context["timeline"]]
    assert numbers == list(range(81, 131))
    say(bob, "one more", room=lobby)
    numbers = [message.number for message in client.get("/rooms/lobby/").context["timeline"]]
    assert (81 in numbers, len(numbers), numbers[-1]) == (True, queries.PAGE, 105)
    numbers = [message.number for message in client.get("/rooms/lobby/?latest").context["timeline"]]
    assert numbers == list(range(82, 132))


@pytest.mark.parametrize(
    ("at", "last"), [("60", 84), ("1", 25), ("120", 120), ("9" * 18, 120), ("x", 120), ("9" * 30, 120)]
)
def test_a_room_opens_where_the_reader_was(alice, lobby, at, last):
    say(alice, "x", room=lobby, times=120)
    page = browser(alice).get("/rooms/lobby/", {"at": at})
    assert page.context["timeline"][-1].number == last
    assert page.context["focus"] is None


@pytest.mark.parametrize("number", ["0", "4", "-1", "1.5", "x", "9" * 30, "9" * 5000, "１"])
def test_a_permalink_out_of_range_is_not_found(alice, lobby, number):
    say(alice, "x", room=lobby, times=3)
    assert browser(alice).get(f"/rooms/lobby/{quote(number)}/").status_code == 404


def test_permalinks_into_a_direct_room_are_for_its_two_people(alice, bob, mallory):
    say(bob, "psst", to="alice")
    assert browser(alice).get("/people/bob/1/").status_code == 200
    assert browser(bob).get("/people/alice/1/").status_code == 200
    assert browser(bob).get("/people/alice/2/").status_code == 404
    assert browser(bob).get("/people/mallory/1/").status_code == 404
    assert browser(mallory).get("/people/bob/1/").status_code == 404


def test_removing_somebody_asks_first_and_changes_nothing_by_that(den, alice, bob):
    page = browser(alice).get(f"/rooms/{den.slug}/members/remove/", {"nickname": "bob"})
    assert page.status_code == 200
    assert "Remove <bdi>bob</bdi> from <bdi>Den</bdi>?" in page.content.decode()
    assert den.memberships.filter(profile=bob).exists()
    assert browser(alice).get(f"/rooms/{den.slug}/members/remove/").status_code == 302
    assert browser(bob).get(f"/rooms/{den.slug}/members/remove/", {"nickname": "alice"}).status_code == 403
