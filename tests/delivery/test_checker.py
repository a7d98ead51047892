"""Each kind of flaw, made by hand, is found; and a history without one is clean."""

import pytest

from tests.delivery.canaries import Canary, Stay, canaries_in, leaked
from tests.delivery.checker import check
from tests.delivery.records import FAIL, INFO, OK, Change, History, Post, Reaction, Sight, View

ROOM = 7


def sight(number: int, sender: str = "alice", **other) -> Sight:
    fields = {"sequence": number, "client_id": f"{sender}-{number}", "body": f"words {number}"}
    return Sight(number=number, sender=sender, **(fields | other))


def post(seen: Sight, outcome: str = OK) -> Post:
    return Post(seen.sender, seen.client_id, ROOM, seen.body, outcome=outcome, number=seen.number)


@pytest.fixture
def stored() -> list[Sight]:
    return [sight(1), sight(2, "bob"), sight(3)]


@pytest.fixture
def history(stored) -> History:
    """Three posts, stored and seen by both people."""
    posts = [post(each) for each in stored]
    views = {(name, ROOM): View() for name in ("alice", "bob")}
    for view in views.values():
        for each in stored:
            view.see(each)
    return History(posts, views, {ROOM: stored})


def view_of_bob(history: History) -> View:
    return history.views["bob", ROOM]


def test_a_history_without_flaws_is_clean(history):
    assert check(history) == {}


def test_an_unclear_post_may_be_stored_or_not(history):
    history.posts[0].outcome = INFO
    history.posts.append(post(sight(9), INFO))
    assert check(history) == {}


def test_who_came_later_need_not_have_seen_what_was_before(history):
    view = View(start=2)
    view.see(sight(3))
    history.views["carol", ROOM] = view
    assert check(history) == {}


def test_an_acknowledged_post_that_is_not_stored_is_lost(history):
    history.posts.append(post(sight(4)))
    assert list(check(history)) == ["lost"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_message_that_somebody_did_not_see_is_lost(history, number):
    del view_of_bob(history).messages[number]
    assert check(history) == {"lost": [f"bob in {ROOM} did not see {number}"]}


def test_one_post_under_two_numbers_is_doubled(history, stored):
    stored.append(sight(4, client_id="alice-3", body="words 3"))
    for view in history.views.values():
        view.see(stored[-1])
    assert "doubled" in check(history)


def test_a_view_that_holds_a_post_twice_is_doubled(history):
    view_of_bob(history).see(sight(4, client_id="alice-3", body="words 3"))
    assert "doubled" in check(history)


def test_what_nobody_sent_is_unexpected(history, stored):
    stored.append(sight(4, "mallory"))
    for view in history.views.values():
        view.see(stored[-1])
    assert list(check(history)) == ["unexpected"]


def test_what_was_stored_with_other_words_is_unexpected(history):
    history.posts[0].body = "other words"
    assert list(check(history)) == ["unexpected"]


def test_a_refused_post_that_is_stored_is_unexpected(history):
    history.posts[0].outcome = FAIL
    assert list(check(history)) == ["unexpected"]


def test_what_was_seen_and_is_not_stored_is_unexpected(history):
    view_of_bob(history).see(sight(4))
    assert list(check(history)) == ["unexpected"]


def test_a_gap_in_a_room_is_reordered(history, stored):
    del stored[1]
    assert "reordered" in check(history)


def test_a_number_that_held_two_messages_is_reordered(history):
    view_of_bob(history).see(sight(3, "mallory"))
    assert list(check(history)) == ["reordered"]


def test_another_message_at_a_number_than_is_stored_is_reordered(history):
    view_of_bob(history).messages[3] = sight(3, "mallory")
    assert list(check(history)) == ["reordered"]


def test_a_change_that_came_before_another_is_reordered(history):
    view_of_bob(history).skips.append((1, 3))
    assert list(check(history)) == ["reordered"]


def test_posts_of_one_person_in_another_order_than_sent_are_reordered(history, stored):
    stored[0], stored[2] = stored[0]._replace(client_id="alice-3"), stored[2]._replace(client_id="alice-1")
    assert "reordered" in check(history)


def test_an_ack_with_the_number_of_another_message_is_false(history):
    history.posts[0].number = 2
    assert list(check(history)) == ["false ack"]


# Changes of the first message, which alice has sent.


def change(kind: str = "edit", body: str = "better", outcome: str = OK, sequence: int = 4) -> Change:
    return Change("alice", "alice-c1", ROOM, 1, kind, body, outcome=outcome, sequence=sequence)


def store(history: History, **other) -> None:
    """The first message is stored and seen like this."""
    history.rooms[ROOM][0] = history.rooms[ROOM][0]._replace(**other)
    for view in history.views.values():
        view.see(history.rooms[ROOM][0])


def test_an_edit_that_is_stored_and_seen_is_clean(history):
    history.changes.append(change())
    store(history, body="better", sequence=4)
    assert check(history) == {}


def test_a_deletion_that_is_stored_and_seen_is_clean_and_what_is_refused_after_it(history):
    history.changes += [change("delete", ""), change(outcome=FAIL)]
    store(history, body="", sequence=4)
    assert check(history) == {}


@pytest.mark.parametrize("body", ["words 1", "better", "best"])
def test_of_changes_whose_fate_is_not_known_any_may_be_the_last(history, body):
    history.changes += [change(outcome=INFO), change(body="best", outcome=INFO)]
    store(history, body=body, sequence=9)
    assert check(history) == {}


def test_an_edit_that_was_acknowledged_and_is_not_stored_is_lost(history):
    history.changes += [change(), change(body="best", sequence=5)]
    store(history, body="better", sequence=5)
    assert list(check(history)) == ["lost"]


def test_an_edit_that_was_refused_without_a_reason_is_lost(history):
    history.changes.append(change(outcome=FAIL))
    assert list(check(history)) == ["lost"]


def test_a_text_that_nobody_wrote_is_unexpected(history):
    history.changes.append(change(outcome=INFO))
    store(history, body="something else", sequence=4)
    assert list(check(history)) == ["unexpected"]


def test_an_ack_of_a_later_version_than_there_is_is_false(history):
    history.changes.append(change(sequence=9))
    store(history, body="better", sequence=4)
    assert list(check(history)) == ["false ack"]


def test_an_edit_that_somebody_did_not_see_is_reordered(history):
    history.changes.append(change())
    history.rooms[ROOM][0] = history.rooms[ROOM][0]._replace(body="better", sequence=4)
    assert list(check(history)) == ["reordered"]


def test_an_older_version_after_a_later_one_is_reordered(history):
    history.changes.append(change())
    older = history.rooms[ROOM][0]
    store(history, body="better", sequence=4)
    view_of_bob(history).see(older)
    assert list(check(history)) == ["reordered"]


# Canaries.

EARLY, LATE = Canary(ROOM, 1), Canary(ROOM, 2)
POSTED_AT = {EARLY: 10.0, LATE: 20.0}


def test_canaries_are_found_in_any_text():
    assert canaries_in(f'{{"body":"{EARLY.word}"}} … {LATE.word}.') == {EARLY, LATE}
    assert canaries_in("canary-bird") == set()


def test_who_is_in_the_room_may_hold_its_canaries():
    assert leaked({EARLY, LATE}, [Stay(ROOM)], POSTED_AT) == []


def test_who_was_never_there_may_not():
    assert leaked({EARLY}, [Stay(ROOM + 1)], POSTED_AT) == [f"{EARLY.word} was not theirs"]


def test_who_has_gone_may_keep_what_they_had_and_get_nothing_more():
    assert leaked({EARLY, LATE}, [Stay(ROOM, until=15)], POSTED_AT) == [f"{LATE.word} was not theirs"]


def test_who_has_come_back_may_read_what_was_posted_meanwhile():
    assert leaked({EARLY, LATE}, [Stay(ROOM, until=15), Stay(ROOM)], POSTED_AT) == []


# Reactions to the first message, which alice has sent, by bob.

BOB = 8


def react(*, on: bool = True, outcome: str = OK) -> Reaction:
    return Reaction("bob", "bob-r1", ROOM, 1, "👍", on, outcome=outcome, sequence=4)


@pytest.fixture
def reacted(history):
    """A history in which bob reacts like this: `reacted(react(), stored=True)`."""

    def make(*reactions: Reaction, stored: bool) -> dict[str, list[str]]:
        history.ids = {"alice": 7, "bob": BOB}
        history.reactions += reactions
        store(history, sequence=4, reactions=frozenset({("👍", BOB)} if stored else ()))
        return check(history)

    return make


def test_a_reaction_that_is_stored_and_seen_is_clean(reacted):
    assert reacted(react(), stored=True) == {}


def test_a_reaction_that_is_not_stored_is_lost(reacted):
    assert list(reacted(react(), stored=False)) == ["lost"]


def test_a_reaction_that_was_taken_back_and_is_stored_is_lost(reacted):
    assert list(reacted(react(), react(on=False), stored=True)) == ["lost"]


@pytest.mark.parametrize("is_stored", [True, False])
def test_of_reactions_whose_fate_is_not_known_any_may_be_the_last(reacted, is_stored):
    assert reacted(react(), react(on=False, outcome=INFO), stored=is_stored) == {}


def test_a_reaction_that_nobody_made_is_unexpected(reacted):
    assert list(reacted(stored=True)) == ["unexpected"]


def test_a_reaction_that_was_refused_is_lost_unless_the_message_is_deleted(reacted, history):
    assert list(reacted(react(outcome=FAIL), stored=False)) == ["lost"]
    history.changes.append(change("delete", "", sequence=5))
    store(history, body="", sequence=5)
    assert check(history) == {}


def test_a_reaction_that_somebody_did_not_see_is_reordered(reacted, history):
    reacted(react(), stored=True)
    history.rooms[ROOM][0] = history.rooms[ROOM][0]._replace(reactions=frozenset())
    assert "reordered" in check(history)
