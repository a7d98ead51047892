"""Open names: whoever connects to one's address speaks under it, so nothing may be kept for it or opened by it."""

from datetime import timedelta
from itertools import count

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from chat import addresses, conf, queries
from chat.actions import leases, memberships, people
from chat.actions.messages import Draft, Stored, post_messages
from chat.limits import Buckets
from chat.live import admission
from chat.models import Lease, Membership, Message, Profile, Room
from chat.refusals import Refusal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_join_limit"), pytest.mark.above_storage]

MINUTE = timedelta(minutes=1)
client_ids = (f"c{number}" for number in count())


@pytest.fixture
def robin() -> Profile:
    """An open name that nobody is connected under."""
    return people.join_open("robin", "")


def connect(profile: Profile, holder: str = "first") -> None:
    people.join_open(profile.nickname, holder)
    people.take_over(profile, holder, "process", MINUTE)


def disconnect(profile: Profile) -> None:
    leases.end("process", [profile.pk])


def post(sender: Profile, **place: object) -> Stored | Refusal:
    place.setdefault("client_id", next(client_ids))
    return post_messages([Draft(sender.pk, body="hi", **place)])[0]


def code(outcome: Stored | Refusal) -> str:
    return outcome.code if isinstance(outcome, Refusal) else "stored"


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (get_user_model(), Profile, Room, Membership, Message))


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


# Who holds it.


def holds(profile: Profile, holder: str) -> bool:
    return queries.holders([profile.pk]).get(profile.pk) == holder


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


# At the door.


def scope(address: str = "192.0.2.1", **headers: str) -> dict:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "websocket", "client": [address, 50_000], "headers": named}


def test_who_is_let_in_has_no_session_and_is_in_the_lobby(lobby):
    admitted = admission.admit_by_address(scope(), "robin", "first")
    assert (admitted.profile.nickname, admitted.session_key) == ("robin", None)
    assert (admitted.room_ids, admitted.holder) == ((lobby.pk,), "first")


def test_an_address_may_make_only_so_many_names(monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(2, 2 / 60))
    for name in ("one", "two"):
        admission.admit_by_address(scope(), name, "holder")
    with pytest.raises(Refusal, match="Wait") as refusal:
        admission.admit_by_address(scope(), "three", "holder")
    assert refusal.value.code == "too_fast"
    assert not Profile.objects.filter(nickname="three").exists()
    assert admission.admit_by_address(scope("192.0.2.2"), "three", "holder").profile.nickname == "three"


def test_names_that_are_refused_count_too(monkeypatch, alice):
    monkeypatch.setattr(addresses, "joins", Buckets(2, 2 / 60))
    codes = []
    for name in ("alice", "admin", "new"):
        with pytest.raises(Refusal) as refusal:
            admission.admit_by_address(scope(), name, "holder")
        codes.append(refusal.value.code)
    assert codes == ["nickname_taken", "bad_nickname", "too_fast"]


def test_who_comes_back_is_not_counted_among_those_who_join(monkeypatch, robin):
    monkeypatch.setattr(addresses, "joins", Buckets(1, 1 / 60))
    for _ in range(3):
        admission.admit_by_address(scope(), "robin", "holder")
    assert admission.admit_by_address(scope(), "new", "holder")


def test_nor_may_they_come_back_without_end(monkeypatch, robin):
    monkeypatch.setattr(addresses, "returns", Buckets(2, 2 / 60))
    for _ in range(2):
        admission.admit_by_address(scope(), "robin", "holder")
    with pytest.raises(Refusal, match="Too many connections"):
        admission.admit_by_address(scope(), "robin", "late")
    assert not holds(robin, "late")
    assert admission.admit_by_address(scope("192.0.2.2"), "robin", "holder")


def test_the_limit_is_the_same_as_for_those_who_join_in_a_browser(monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(1, 1 / 60))
    assert Client(REMOTE_ADDR="192.0.2.1").post("/join/", {"nickname": "one"}).status_code == 302
    with pytest.raises(Refusal, match="Wait"):
        admission.admit_by_address(scope(), "two", "holder")


def test_behind_a_proxy_the_address_is_the_one_it_saw(monkeypatch):
    monkeypatch.setattr(addresses, "joins", Buckets(1, 1 / 60))
    monkeypatch.setattr(conf, "TRUSTED_PROXIES", 1)
    for number in range(2):
        admission.admit_by_address(scope("127.0.0.1", x_forwarded_for=f"192.0.2.{number}"), f"n{number}", "holder")
    with pytest.raises(Refusal, match="Wait"):
        admission.admit_by_address(scope("127.0.0.1", x_forwarded_for="spoofed, 192.0.2.1"), "n3", "holder")


# What reaches it.


def test_words_for_an_open_name_reach_it_while_somebody_is_connected(alice, robin):
    connect(robin)
    assert code(post(alice, to="robin")) == "stored"


def test_words_for_an_open_name_are_refused_while_nobody_is_connected(alice, robin):
    before = counts()
    refusal = post(alice, to="ROBIN")
    assert code(refusal) == "not_here"
    assert "Nobody is connected as “robin”" in refusal.detail
    assert counts() == before


def test_so_are_those_for_the_direct_room_that_there_is(alice, robin):
    connect(robin)
    room = post(alice, to="robin").room
    disconnect(robin)
    assert code(post(alice, to="robin")) == "not_here"
    assert code(post(alice, room_id=room.pk)) == "not_here"
    assert Message.objects.filter(room=room).count() == 1
    connect(robin, "second")
    assert code(post(alice, room_id=room.pk)) == "stored"


def test_a_lease_that_has_run_out_is_none(alice, robin):
    connect(robin)
    Lease.objects.filter(profile=robin).update(expires_at=timezone.now() - MINUTE)
    assert code(post(alice, to="robin")) == "not_here"


def test_what_was_stored_is_answered_again_though_nobody_is_connected_any_more(alice, robin):
    connect(robin)
    first = post(alice, to="robin", client_id="same")
    disconnect(robin)
    again = post(alice, to="robin", client_id="same")
    assert (again.fresh, again.message.number) == (False, first.message.number)


def test_who_is_not_in_the_direct_room_does_not_learn_whose_it_is(alice, robin, mallory):
    connect(robin)
    room = post(alice, to="robin").room
    disconnect(robin)
    assert code(post(mallory, room_id=room.pk)) == "not_a_member"


def test_an_open_name_writes_to_others_whether_they_are_here_or_not(robin, bob):
    connect(robin)
    assert code(post(robin, to="bob")) == "stored"


def test_two_open_names_write_to_each_other_while_both_are_connected(robin):
    wren = people.join_open("wren", "")
    connect(robin)
    assert code(post(robin, to="wren")) == "not_here"
    connect(wren)
    assert code(post(robin, to="wren")) == code(post(wren, to="robin")) == "stored"


def test_a_refusal_does_not_hinder_the_others_of_its_batch(alice, robin, lobby):
    drafts = [
        Draft(alice.pk, "batch-1", "hi", to="robin"),
        Draft(alice.pk, "batch-2", "hi", room_id=lobby.pk),
        Draft(alice.pk, "batch-3", "hi", to="nobody at all"),
    ]
    assert [code(outcome) for outcome in post_messages(drafts)] == ["not_here", "stored", "no_such_person"]


def test_posts_to_rooms_ask_nobody_who_is_here(alice, lobby, den, django_assert_num_queries):
    with django_assert_num_queries(8) as asked:
        post_messages([Draft(alice.pk, f"q-{room.pk}", "hi", room_id=room.pk) for room in (lobby, den)])
    assert not [query for query in asked if "lease" in query["sql"]]


# What it must not open.


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


# What pages and frames say of it.


def picture(room: Room) -> queries.Picture:
    return queries.picture(room, timezone.now())


def open_names(people: list[queries.Person]) -> list[str]:
    return [person.nickname for person in people if person.is_open]


def test_pictures_of_a_room_name_the_open_ones_who_are_shown(alice, robin, lobby):
    assert open_names(picture(lobby).here) == []
    connect(robin)
    leases.acquire("process", [alice.pk], MINUTE)
    assert (len(picture(lobby).here), open_names(picture(lobby).here)) == (2, ["robin"])


def test_a_direct_room_says_that_the_other_one_is_open_also_while_away(alice, bob, robin):
    connect(robin)
    post(alice, to="robin")
    post(alice, to="bob")
    disconnect(robin)
    own = {own.other.nickname: own for own in queries.own_rooms(alice.pk) if own.other}
    assert (own["robin"].other.is_open, own["bob"].other.is_open) == (True, False)
    assert open_names(picture(own["robin"].room).away) == ["robin"]
    assert [own.other.is_open for own in queries.own_rooms(robin.pk) if own.other] == [False]


def test_one_that_nobody_has_written_to_is_known_too(alice, robin):
    assert open_names(queries.picture_of({alice, robin}, timezone.now()).away) == ["robin"]
