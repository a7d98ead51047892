"""Posts of many people at the same moment."""

import pytest

from chat.actions import memberships, people, rooms
from chat.actions.messages import Draft, Stored, post_messages
from chat.models import LOBBY, Message, Room
from chat.refusals import Refusal
from tests.actions.drafts import assert_gapless, draft, post, refusal_code
from tests.actions.outcomes import WRITERS, all_at_once

pytestmark = pytest.mark.django_db


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
        """In either order, exactly the posts from before the end of the membership are stored."""

        def act(place):
            if place == WRITERS // 2:
                memberships.remove(alice, den, "bob")
                return den.messages.filter(sender=bob).count()
            return post(bob, den)

        results = all_at_once(act, range(WRITERS))
        posted = sum(isinstance(result, Stored) for result in results)
        assert posted == den.messages.filter(sender=bob).count() == results[WRITERS // 2]
        assert refusal_code(post(bob, den)) == "not_a_member"
