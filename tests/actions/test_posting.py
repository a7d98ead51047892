"""Numbers, order and idempotency: what is stored when people post, one at a time and all at once."""

from itertools import count

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from chat import queries
from chat.actions import memberships, messages, people, rooms
from chat.actions.messages import Draft, Stored, post_messages
from chat.models import LOBBY, Membership, Message, Room
from chat.refusals import Refusal
from tests.actions.outcomes import WRITERS, all_at_once

pytestmark = pytest.mark.django_db

client_ids = (f"c{number}" for number in count())


def draft(sender, room=None, body="hi", **fields) -> Draft:
    fields.setdefault("client_id", next(client_ids))
    return Draft(sender.pk, body=body, room_id=room.pk if room else None, **fields)


def post(sender, room=None, body="hi", **fields):
    return post_messages([draft(sender, room, body, **fields)])[0]


def refusal_code(outcome) -> str:
    assert isinstance(outcome, Refusal)
    return outcome.code


def assert_gapless(room: Room, expected: int) -> None:
    room.refresh_from_db()
    numbers = list(room.messages.order_by("number").values_list("number", flat=True))
    changes = list(room.messages.order_by("changed").values_list("changed", flat=True))
    assert numbers == list(range(1, expected + 1))
    assert changes == list(range(1, expected + 1))
    assert (room.message_count, room.sequence) == (expected, expected)


def test_a_message_takes_the_next_number_and_the_next_sequence(alice, bob, lobby):
    first, second = post(alice, lobby), post(bob, lobby)
    assert (first.message.number, second.message.number) == (1, 2)
    assert (first.message.changed, second.message.changed) == (1, 2)
    assert_gapless(lobby, 2)


def test_many_drafts_are_stored_in_their_order_in_one_transaction(
    alice, bob, lobby, den, django_assert_max_num_queries
):
    drafts = [
        draft(sender, room, body=str(place)) for place, (sender, room) in enumerate([(alice, lobby), (bob, den)] * 50)
    ]
    with django_assert_max_num_queries(12):
        outcomes = post_messages(drafts)
    assert [outcome.message.body for outcome in outcomes] == [str(place) for place in range(100)]
    assert_gapless(lobby, 50)
    assert_gapless(den, 50)


def test_a_resent_message_is_stored_once_and_answered_with_its_first_place(alice, lobby):
    first = post(alice, lobby, client_id="same")
    again = post(alice, lobby, client_id="same", body="another text")
    assert first.fresh
    assert not again.fresh
    assert again.message.number == first.message.number
    assert again.message.body == "hi"
    assert_gapless(lobby, 1)


def test_a_message_twice_in_one_batch_is_stored_once(alice, lobby):
    first, again = post_messages([draft(alice, lobby, client_id="same"), draft(alice, lobby, client_id="same")])
    assert (first.fresh, again.fresh) == (True, False)
    assert first.message.number == again.message.number == 1
    assert_gapless(lobby, 1)


def test_two_people_may_use_the_same_client_id(alice, bob, lobby):
    assert post(alice, lobby, client_id="same").fresh
    assert post(bob, lobby, client_id="same").fresh
    assert_gapless(lobby, 2)


def test_who_is_not_a_member_cannot_post(mallory, den):
    assert refusal_code(post(mallory, den)) == "not_a_member"
    assert_gapless(den, 0)


def test_a_room_that_does_not_exist_is_answered_like_one_that_is_closed(alice, mallory, den):
    nowhere = post_messages([Draft(alice.pk, "x", "hi", room_id=10**15)])[0]
    closed = post(mallory, den)
    assert (nowhere.code, nowhere.detail) == (closed.code, closed.detail)


def test_a_refused_draft_does_not_hinder_the_others(alice, mallory, den):
    outcomes = post_messages([draft(alice, den), draft(mallory, den), draft(alice, den)])
    assert [isinstance(outcome, Stored) for outcome in outcomes] == [True, False, True]
    assert_gapless(den, 2)


def test_who_has_left_cannot_post(bob, den):
    memberships.leave(bob, den.pk)
    assert refusal_code(post(bob, den)) == "not_a_member"


def test_a_private_message_makes_the_room_of_the_two(alice, bob):
    stored = post(alice, to="bob")
    answer = post(bob, to="ALICE")
    assert stored.room == answer.room
    assert stored.room.kind == Room.Kind.DIRECT
    assert set(stored.room.memberships.values_list("profile", flat=True)) == {alice.pk, bob.pk}
    assert_gapless(stored.room, 2)


def test_a_message_to_oneself_is_a_note(alice):
    stored = post(alice, to="alice")
    assert list(stored.room.memberships.values_list("profile", flat=True)) == [alice.pk]
    assert queries.own_room(alice.pk, stored.room.pk).other.nickname == "alice"


@pytest.mark.parametrize("nobody", ["nobody-here", "", "a\0b", "😀"])
def test_a_message_to_nobody_is_refused_and_nothing_is_stored(alice, nobody):
    before = Room.objects.count(), Message.objects.count(), Membership.objects.count()
    assert refusal_code(post(alice, to=nobody)) == "no_such_person"
    assert before == (Room.objects.count(), Message.objects.count(), Membership.objects.count())


def test_a_reply_names_a_message_of_its_room(alice, lobby):
    post(alice, lobby)
    assert post(alice, lobby, reply_to=1).message.reply_to == 1
    assert refusal_code(post(alice, lobby, reply_to=7)) == "no_such_message"
    assert_gapless(lobby, 2)


def test_ones_own_words_are_no_news_and_others_are(alice, bob, lobby):
    post(alice, lobby)
    post(alice, lobby)
    assert queries.own_room(alice.pk, lobby.pk).unread == 0
    assert queries.own_room(bob.pk, lobby.pk).unread == 2
    post(bob, lobby)
    assert queries.own_room(alice.pk, lobby.pk).unread == 1


def test_links_are_rendered_at_posting_and_plain_text_is_not_stored_twice(alice, lobby):
    assert "<a href" in post(alice, lobby, body="https://example.org <b>").message.html
    assert "&lt;b&gt;" in post(alice, lobby, body="https://example.org <b>").message.html
    assert post(alice, lobby, body="<b>plain</b>").message.html == ""


def test_any_text_that_the_wire_lets_through_comes_back_as_it_was(alice, lobby):
    body = "中文 🙂‍↔️ \u202e rtl \ufeff\x01\x7f\u2028 " + "\U0010ffff" * 100
    number = post(alice, lobby, body=body).message.number
    assert Message.objects.get(room=lobby, number=number).body == body


@pytest.mark.parametrize("taken", [{"number": 1}, {"changed": 1}, {"client_id": "one"}])
def test_the_database_itself_refuses_a_second_message_in_one_place(alice, lobby, taken):
    post(alice, lobby, client_id="one")
    fields = {"number": 2, "changed": 2, "client_id": "two"} | taken
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(room=lobby, sender=alice, body="hi", sent_at=timezone.now(), **fields)


def test_an_answer_to_nothing_makes_no_direct_room(alice, bob):
    assert refusal_code(post(alice, to="bob", reply_to=1)) == "no_such_message"
    assert not Room.objects.filter(kind=Room.Kind.DIRECT).exists()
    first, second = post_messages([draft(alice, to="bob"), draft(alice, to="bob", reply_to=1)])
    assert (first.message.number, second.message.reply_to) == (1, 1)
    assert post(bob, to="alice", reply_to=2).room == first.room


def test_the_database_itself_refuses_a_second_direct_room_and_a_second_membership(alice, bob, lobby):
    room = post(alice, to="bob").room
    with pytest.raises(IntegrityError), transaction.atomic():
        Room.objects.create(kind=Room.Kind.DIRECT, direct_key=room.direct_key)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(room=lobby, profile=alice)


def test_replay_finds_its_place_by_an_index(alice, lobby):
    query = Message.objects.filter(room=lobby, changed__gt=5).order_by("changed")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")
    plan = query.explain()
    assert ("one_change_per_sequence" if connection.vendor == "postgresql" else "(room_id=? AND changed>?)") in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.django_db(transaction=True)
class TestAllAtOnce:
    """20 writers, each in a thread with its own connection."""

    @pytest.fixture
    def writers(self, db):
        return [people.join(f"writer {number}") for number in range(WRITERS)]

    def test_numbers_are_gapless_whoever_writes(self, writers, lobby):
        def write(writer):
            return [post(writer, lobby).message.number for _ in range(10)]

        numbers = all_at_once(write, writers)
        assert sorted(number for own in numbers for number in own) == list(range(1, 10 * WRITERS + 1))
        assert all(own == sorted(own) for own in numbers)
        assert_gapless(lobby, 10 * WRITERS)

    def test_batches_over_several_rooms_do_not_lock_each_other_out(self, writers, lobby):
        den = rooms.create(writers[0], Room.Kind.PUBLIC, "Den", "")
        for writer in writers:
            memberships.join(writer, den.slug)
        orders = [(lobby, den), (den, lobby)]

        def write(place):
            for _ in range(5):
                assert all(
                    outcome.fresh
                    for outcome in post_messages([draft(writers[place], room) for room in orders[place % 2]])
                )

        all_at_once(write, range(WRITERS))
        assert_gapless(lobby, 5 * WRITERS)
        assert_gapless(den, 5 * WRITERS)

    def test_one_message_sent_by_twenty_ways_at_once_is_stored_once(self, alice, lobby):
        same = Draft(alice.pk, "same", "hi", room_id=lobby.pk)
        outcomes = all_at_once(lambda _: post_messages([same])[0], range(WRITERS))
        assert sum(outcome.fresh for outcome in outcomes) == 1
        assert {outcome.message.number for outcome in outcomes} == {1}
        assert_gapless(lobby, 1)

    def test_one_client_id_sent_to_two_rooms_at_once_is_stored_once(self, alice, lobby):
        den = rooms.create(alice, Room.Kind.PUBLIC, "Den", "")

        def send(place):
            good = draft(alice, (lobby, den)[place % 2], client_id=f"good {place}")
            return post_messages([Draft(alice.pk, "same", "hi", room_id=(lobby, den)[place % 2].pk), good])

        outcomes = all_at_once(send, range(WRITERS))
        assert sum(same.fresh for same, _ in outcomes) == 1
        assert all(good.fresh for _, good in outcomes)
        assert Message.objects.filter(client_id="same").count() == 1
        for room in (lobby, den):
            assert_gapless(room, room.messages.count())

    def test_two_people_who_write_to_each_other_first_share_one_room(self, alice, bob):
        pairs = [(alice, "bob"), (bob, "alice")] * (WRITERS // 2)
        outcomes = all_at_once(lambda pair: post(pair[0], to=pair[1]), pairs)
        assert len({outcome.room.pk for outcome in outcomes}) == 1
        assert_gapless(outcomes[0].room, WRITERS)

    def test_one_nickname_asked_for_by_twenty_at_once_goes_to_one(self, db):
        def join(_):
            try:
                return people.join("Ｚｏｅ")
            except Refusal as refusal:
                return refusal.code

        results = all_at_once(join, range(WRITERS))
        assert results.count("nickname_taken") == WRITERS - 1
        assert Room.objects.get(slug=LOBBY).memberships.count() == 1

    def test_nobody_posts_after_they_were_removed(self, alice, bob, den):
        """Whatever order the two come in, what is stored is what was posted before the end of the membership."""

        def act(place):
            if place == WRITERS // 2:
                memberships.remove(alice, den, "bob")
                return den.messages.filter(sender=bob).count()
            return post(bob, den)

        results = all_at_once(act, range(WRITERS))
        posted = sum(isinstance(result, Stored) for result in results)
        assert posted == den.messages.filter(sender=bob).count() == results[WRITERS // 2]
        assert refusal_code(post(bob, den)) == "not_a_member"


# When storing fails.


def test_a_draft_that_fails_takes_no_other_along(alice, bob, lobby, monkeypatch):
    render = messages.render

    def broken(body):
        if body == "poison":
            raise ZeroDivisionError
        return render(body)

    monkeypatch.setattr(messages, "render", broken)
    one, poison, two = post_messages(
        [draft(alice, lobby, "one"), draft(bob, lobby, "poison"), draft(bob, lobby, "two")]
    )
    assert (one.message.number, two.message.number) == (1, 2)
    assert refusal_code(poison) == "unavailable"
    assert_gapless(lobby, 2)


def test_what_was_stored_before_the_database_went_away_keeps_its_outcome(alice, lobby, monkeypatch):
    store, tried = messages._store, []

    def going_away(drafts):
        tried.append(len(drafts))
        if len(drafts) > 1:
            raise DataError("one of them cannot be stored")
        if tried.count(1) > 2:
            raise OperationalError("away")
        return store(drafts)

    monkeypatch.setattr(messages, "_store", going_away)
    outcomes = post_messages([draft(alice, lobby, str(number)) for number in range(5)])
    assert [isinstance(outcome, Stored) for outcome in outcomes] == [True, True, False, False, False]
    assert {refusal_code(outcome) for outcome in outcomes[2:]} == {"unavailable"}
    assert tried == [5, 1, 1, 1]  # Of a database that is away nobody asks again for each.
    assert_gapless(lobby, 2)


def test_a_database_that_is_away_is_told_as_such(alice, lobby, monkeypatch):
    def away(drafts):
        raise OperationalError("away")

    monkeypatch.setattr(messages, "_store", away)
    with pytest.raises(OperationalError):
        post_messages([draft(alice, lobby), draft(alice, lobby)])
