"""Private rooms are not there for others."""

from urllib.parse import quote, urlsplit

import pytest
from django.urls import reverse

from chat import urls
from chat.actions import memberships
from chat.models import Room
from tests.pages import browser, counts, say, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


def doors(slug: str) -> list[tuple[str, str]]:
    """All that can be asked of a room."""
    return [
        ("get", reverse("chat:room", args=[slug])),
        ("get", reverse("chat:message", args=[slug, 1])),
        ("get", reverse("chat:message", args=[slug, 99])),
        ("get", reverse("chat:details", args=[slug, 1, "versions"])),
        ("get", reverse("chat:origin", args=[slug, 1])),
        ("get", reverse("chat:room_pins", args=[slug])),
        ("get", reverse("chat:room_edit", args=[slug])),
        ("post", reverse("chat:room_edit", args=[slug])),
        ("post", reverse("chat:room_join", args=[slug])),
        ("post", reverse("chat:room_leave", args=[slug])),
        ("post", reverse("chat:room_members", args=[slug])),
        ("post", reverse("chat:room_remove", args=[slug])),
        ("get", reverse("chat:completed_people", args=[slug])),
    ]


def test_this_list_of_doors_has_all_of_them():
    named = {pattern.name for pattern in urls.urlpatterns if "slug" in pattern.pattern.converters}
    about = {"edit", "join", "leave", "members", "pins", "remove"}
    assert named == {
        "room", "message", "origin", "details", "completed_people", *(f"room_{name}" for name in about)
    }  # fmt: skip


@pytest.mark.parametrize("door", range(13))
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


@pytest.mark.parametrize("door", range(13))
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
