"""Open names: whoever connects to one's address speaks under it, so nothing may be kept for it or opened by it."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from chat import queries
from chat.actions import leases, memberships, people
from chat.live import admission
from chat.models import Membership, Profile, Room
from chat.refusals import Refusal
from tests.actions.open_names import MINUTE, connect, disconnect, holds, post
from tests.pages import counts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]


# The name.


def test_who_is_first_makes_the_name_and_the_next_finds_it(robin, lobby):
    assert robin.kind == "open"
    assert not robin.user.has_usable_password()
    assert Membership.objects.filter(profile=robin, room=lobby).exists()
    before = counts()
    assert [people.join_open(typed, "").pk for typed in ("robin", "ROBIN", " Ｒobin ")] == [robin.pk] * 3
    assert counts() == before


def test_the_name_of_a_guest_is_not_to_be_had(alice):
    before = counts()
    for typed in ("alice", "ALICE"):
        with pytest.raises(Refusal, match="taken") as refusal:
            people.join_open(typed, "")
        assert refusal.value.code == "nickname_taken"
    assert counts() == before


def test_the_name_of_a_member_or_a_bot_is_not_to_be_had():
    for kind in (Profile.Kind.MEMBER, Profile.Kind.BOT):
        user = get_user_model().objects.create_user(f"user-{kind}")
        Profile.objects.create(user=user, kind=kind, nickname=f"the {kind}", nickname_key=f"the {kind}")
        with pytest.raises(Refusal, match="taken"):
            people.join_open(f"the {kind}", "")


@pytest.mark.parametrize("typed", ["", " ", "chat", "admin", "a/b", "x" * 33, "\0", "�"])
def test_what_cannot_be_a_nickname_is_refused(typed):
    before = counts()
    with pytest.raises(Refusal) as refusal:
        people.join_open(typed, "")
    assert refusal.value.code == "bad_nickname"
    assert counts() == before


def test_nobody_joins_under_an_open_name_in_a_browser(robin):
    page = Client().post("/join/", {"nickname": "Robin"})
    assert page.status_code == 422
    assert "“Robin” is an open name" in page.content.decode()
    assert "robin2" in page.content.decode().lower()
    assert Profile.objects.get(pk=robin.pk).kind == "open"


def test_a_name_that_two_are_the_first_to_use_is_one(monkeypatch, robin):
    """The second looked for it before the first had stored it."""
    known = iter([None, robin])
    monkeypatch.setattr(queries, "person", lambda nickname: next(known))
    assert people.join_open("robin", "") == robin


# The people who hold the name.


def heads(admitted: admission.Admitted) -> dict[int, queries.Head] | None:
    return admission.heads_of([admitted])[0]


def test_the_last_one_who_takes_the_name_holds_it(robin):
    connect(robin, "first")
    assert holds(robin, "first")
    connect(robin, "second")
    assert not holds(robin, "first")
    assert holds(robin, "second")


def test_a_connection_that_does_not_hold_the_name_any_more_may_not_go_on(robin, lobby):
    admitted = admission.Admitted(robin, None, (lobby.pk,), "first")
    assert heads(admitted) is None
    connect(robin, "first")
    assert lobby.pk in heads(admitted)
    connect(robin, "second")
    assert heads(admitted) is None


def test_nobody_goes_on_under_a_name_that_is_not_open(alice):
    Profile.objects.filter(pk=alice.pk).update(holder="first")
    assert heads(admission.Admitted(alice, None, (), "first")) is None


def test_who_holds_the_name_is_here_at_once(robin):
    assert queries.absent_open_names([robin.pk], timezone.now()) == {robin.pk: "robin"}
    connect(robin)
    assert queries.absent_open_names([robin.pk], timezone.now()) == {}


# Things that the name must not open.


def test_an_open_name_is_not_brought_into_a_private_room(alice, den, robin):
    with pytest.raises(Refusal, match="open name") as refusal:
        memberships.add(alice, den, "robin")
    assert refusal.value.code == "bad_room"
    assert not Membership.objects.filter(room=den, profile=robin).exists()


def test_the_page_says_why(alice, den, robin):
    browser = Client()
    browser.force_login(alice.user)
    page = browser.post(f"/rooms/{den.slug}/members/", {"nickname": "robin"}, follow=True)
    assert "“robin” is an open name" in page.content.decode()


# Pages and frames that show the name.


def picture(room: Room) -> queries.Picture:
    return queries.picture(room, timezone.now())


def open_ones(people: list[queries.Person]) -> list[str]:
    return [person.nickname for person in people if person.is_open]


def test_pictures_of_a_room_name_the_open_ones_who_are_shown(alice, robin, lobby):
    assert open_ones(picture(lobby).here) == []
    connect(robin)
    leases.acquire("process", [alice.pk], MINUTE)
    assert (len(picture(lobby).here), open_ones(picture(lobby).here)) == (2, ["robin"])


def test_a_direct_room_says_that_the_other_one_is_open_also_while_away(alice, bob, robin):
    connect(robin)
    post(alice, to="robin")
    post(alice, to="bob")
    disconnect(robin)
    own = {own.other.nickname: own for own in queries.own_rooms(alice.pk) if own.other}
    assert (own["robin"].other.is_open, own["bob"].other.is_open) == (True, False)
    assert open_ones(picture(own["robin"].room).away) == ["robin"]
    assert [own.other.is_open for own in queries.own_rooms(robin.pk) if own.other] == [False]


def test_one_that_nobody_has_written_to_is_known_too(alice, robin):
    assert open_ones(queries.picture_of({alice, robin}, timezone.now()).away) == ["robin"]
