"""The pages, by Django's own test client: who sees what, what forms do, and what each answer carries."""

import json
import re
from datetime import timedelta
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import quote, unquote, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from chat import addresses, conf, queries, urls
from chat.actions import leases, memberships, people, rooms
from chat.actions.messages import Draft, post_messages
from chat.limits import Buckets
from chat.models import LOBBY, Membership, Message, Profile, Room
from chat.text import nicknames
from chat.views.doors import address_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_join_limit(monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(0, 0))


@pytest.fixture
def visitor() -> Client:
    """A browser in which nobody has joined."""
    return Client()


def browser(person: Profile, **options: bool) -> Client:
    """A browser in which this person has joined."""
    client = Client(**options)
    client.force_login(person.user)
    return client


def join(client: Client, nickname: str, **fields: str) -> HttpResponse:
    return client.post("/join/", {"nickname": nickname, **fields})


def say(person: Profile, body: str, *, room: Room | None = None, to: str | None = None, times: int = 1) -> None:
    start = Message.objects.count()
    drafts = [Draft(person.pk, f"c-{start + number}", body, room.pk if room else None, to) for number in range(times)]
    assert not [outcome for outcome in post_messages(drafts) if isinstance(outcome, Exception)]


def counts() -> tuple[int, ...]:
    """How much is stored."""
    return tuple(model.objects.count() for model in (get_user_model(), Profile, Room, Membership, Message))


def text(response: HttpResponse) -> str:
    return unescape(response.content.decode())


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
        ("", "Type a nickname"),
        ("   ", "spaces alone"),
        ("\u3000", "spaces alone"),
        ("x" * 33, "32 characters"),
        ("bob!", "cannot"),
        ("<script>alert(1)</script>", "cannot"),
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


# How often.


def test_an_address_may_ask_for_only_so_many_nicknames(visitor, monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(2, 2 / 60))
    assert join(Client(), "one").status_code == 302
    assert join(Client(), "two").status_code == 302
    page = join(visitor, "three")
    assert page.status_code == 429
    assert 1 <= int(page["Retry-After"]) <= 30
    assert page["Retry-After"] in text(page)
    assert 'value="three"' in page.content.decode()
    assert not Profile.objects.filter(nickname="three").exists()


def test_refused_nicknames_count_too(visitor, monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(2, 2 / 60))
    assert [join(visitor, "").status_code for _ in range(3)] == [422, 422, 429]


def test_naming_another_address_does_not_help(monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(1, 1 / 60))
    asked = [Client(headers={"X-Forwarded-For": f"10.0.0.{number}"}) for number in range(2)]
    assert [join(client, "").status_code for client in asked] == [422, 429]


def test_another_address_has_a_limit_of_its_own(monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(1, 1 / 60))
    asked = [Client(REMOTE_ADDR=f"10.0.0.{number}") for number in range(2)]
    assert [join(client, "").status_code for client in asked] == [422, 422]


def test_who_is_in_already_costs_their_address_nothing(bob, monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(1, 1 / 60))
    client = browser(bob)
    for _ in range(3):
        join(client, "again")
    assert join(Client(), "new").status_code == 302


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        (0, "192.0.2.1", None, "192.0.2.1"),
        (0, "192.0.2.1", "10.0.0.1", "192.0.2.1"),
        (1, "192.0.2.1", None, "192.0.2.1"),
        (1, "192.0.2.1", "10.0.0.1", "10.0.0.1"),
        (1, "192.0.2.1", "spoofed, 10.0.0.1", "10.0.0.1"),
        (2, "192.0.2.1", "spoofed, 10.0.0.1, 10.9.9.9", "10.0.0.1"),
        (2, "192.0.2.1", "10.0.0.1", "10.0.0.1"),
        (1, "192.0.2.1", " , ", "192.0.2.1"),
        (0, "2001:db8::1", None, "2001:db8::/64"),
        (0, "2001:db8::ffff:1", None, "2001:db8::/64"),
        (0, "2001:db8:0:1::1", None, "2001:db8:0:1::/64"),
        (0, "::ffff:192.0.2.1", None, "192.0.2.1"),
        (0, "::ffff:192.0.2.2", None, "192.0.2.2"),
        (0, "fe80::1%eth0", None, "fe80::/64"),
        (0, "", None, ""),
        (1, "192.0.2.1", "x" * 10_000, "x" * 64),
    ],
)
def test_an_address_is_the_peers_or_what_our_own_proxy_saw(monkeypatch, proxies, peer, forwarded, address):
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", proxies)
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    assert address_of(RequestFactory(REMOTE_ADDR=peer, headers=headers).get("/")) == address


# Signing out.


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
    assert [(message.sender, message.body) for message in page.context["timeline"]] == [("bob", "I was here")]


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
    assert browser(bob).post(f"/rooms/{den.slug}/members/", {"nickname": "alice"}).status_code == 302
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


@pytest.fixture
def chess(alice) -> Room:
    """A public room that alice owns and nobody else is in."""
    return rooms.create(alice, Room.Kind.PUBLIC, "Chess", "openings")


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


@pytest.mark.parametrize("name", ["join", "room_join", "room_leave", "room_members", "room_remove"])
@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_what_changes_something_is_only_ever_posted(chess, alice, name, method):
    before = counts()
    assert getattr(browser(alice), method)(PATHS[name]).status_code == 405
    assert counts() == before


@pytest.mark.parametrize("name", ["home", "rooms", "room", "person", "healthz", "readyz", "echo", "open_name"])
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
    assert boot["you"] == {"nickname": "alice", "kind": "guest"}
    assert [room["slug"] for room in boot["rooms"]] == ["lobby", "chess"]
    assert (boot["room"]["message_count"], boot["room"]["sequence"]) == (2, 2)
    assert boot["window"] == {"first": 1, "last": 2}
    assert boot["member"] is True


# Health.


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_who_watches_over_the_site_is_told_that_it_is_well(visitor, path):
    answer = visitor.get(path)
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
    with django_assert_max_num_queries(8):
        client.get("/rooms/")
