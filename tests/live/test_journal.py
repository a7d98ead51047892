"""Group commit: order, batches, and what becomes of drafts when storing fails."""

import asyncio
import contextlib
import logging
import time
from datetime import timedelta
from itertools import groupby
from threading import Event

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import DataError, OperationalError, connection

from chat.actions import changes, mentions
from chat.actions.messages import Draft, Stored, post_messages
from chat.live import journal as journal_module
from chat.live.journal import Journal
from chat.models import LOBBY, Deletion, Message, Room
from chat.refusals import Refusal
from tests.patience import PATIENCE

pytestmark = pytest.mark.usefixtures("live_threads")


@pytest.fixture
def lobby(transactional_db):
    return Room.objects.get(slug=LOBBY)


@pytest.fixture
def told(monkeypatch):
    """The announcements, and the rows that were on disk by then."""
    told = []

    async def announce_all(news):
        stored = await Message.objects.acount()
        for event, pairs in groupby(news, key=lambda pair: pair[1]):
            told.append(([group for group, _ in pairs], event.after + 1, event.last, stored))

    monkeypatch.setattr(journal_module.events, "announce_all", announce_all)
    return told


def submit(journal, drafts):
    """A future for each draft's outcome."""
    futures = []
    for draft in drafts:
        future = asyncio.get_running_loop().create_future()
        journal.submit(draft, future.set_result)
        futures.append(future)
    return futures


def drafts(sender, room, count):
    return [Draft(sender.pk, f"c{number}", str(number), room_id=room.pk) for number in range(count)]


async def test_drafts_are_stored_in_their_order(alice, lobby, told):
    outcomes = await asyncio.gather(*submit(Journal(), drafts(alice, lobby, 30)))
    assert [outcome.message.number for outcome in outcomes] == list(range(1, 31))


@pytest.fixture
def sizes(monkeypatch):
    """Of the batches, as they are stored."""
    sizes = []

    def counted(batch):
        sizes.append(len(batch))
        return post_messages(batch)

    monkeypatch.setattr(changes, "post_messages", counted)
    return sizes


async def test_what_waits_during_a_commit_is_stored_with_the_next(alice, lobby, told, sizes):
    journal = Journal()
    first, *others = drafts(alice, lobby, 30)
    waiting = submit(journal, [first])
    await asyncio.sleep(0)  # The journal takes what there is: one draft.
    waiting += submit(journal, others)
    await asyncio.gather(*waiting)
    assert sizes == [1, 29]


async def test_who_answers_after_a_long_fan_out_is_stored_with_those_who_waited_meanwhile(
    alice, lobby, sizes, monkeypatch
):
    journal, loop, moment = Journal(), asyncio.get_running_loop(), journal_module.GATHER_SECONDS
    one, two, waiting, answering = drafts(alice, lobby, 4)
    answered = loop.create_future()

    def fan_out():
        time.sleep(5 * moment)
        loop.call_later(moment / 4, journal.submit, answering, answered.set_result)

    async def announce_all(news):
        if not sizes[1:]:
            loop.call_later(moment / 2, fan_out)

    monkeypatch.setattr(journal_module.events, "announce_all", announce_all)
    journal.submit(one, lambda outcome: None)
    journal.submit(two, lambda outcome: journal.submit(waiting, lambda outcome: None))
    await answered
    assert sizes == [2, 2]


async def test_one_event_per_room_and_batch_goes_out_after_the_commit(alice, lobby, told):
    journal = Journal()
    await asyncio.gather(*submit(journal, drafts(alice, lobby, 10)))
    await journal.finish()
    assert told == [([f"room.{lobby.pk}"], 1, 10, 10)]


async def test_what_comes_from_elsewhere_is_held_until_the_last_batch_is_announced(
    alice, lobby, told, sizes, monkeypatch
):
    layer, held = get_channel_layer(), []

    @contextlib.contextmanager
    def buffering():
        held.append((len(sizes), len(told)))
        yield
        held.append((len(sizes), len(told)))

    monkeypatch.setattr(layer, "buffering", buffering)
    journal = Journal()
    first, *others = drafts(alice, lobby, 3)
    waiting = submit(journal, [first])
    await asyncio.sleep(0)
    await asyncio.gather(*waiting, *submit(journal, others))
    await journal.finish()
    assert held == [(0, 0), (2, 2)]


async def test_a_message_that_was_stored_before_is_not_announced_again(alice, lobby, told):
    journal = Journal()
    for _ in range(2):
        (outcome,) = await asyncio.gather(*submit(journal, drafts(alice, lobby, 1)))
        await journal.finish()
    assert not outcome.fresh
    assert len(told) == 1


async def test_a_private_message_is_announced_to_both_people(alice, bob, told):
    journal = Journal()
    await asyncio.gather(*submit(journal, [Draft(alice.pk, "c", "psst", to="bob")]))
    await journal.finish()
    assert told[0][0] == [f"user.{alice.pk}", f"user.{bob.pk}"]


async def test_a_database_that_fails_is_told_to_the_sender_and_the_journal_goes_on(alice, lobby, told, monkeypatch):
    def broken(batch):
        raise OperationalError("disk full")

    journal = Journal()
    with monkeypatch.context() as patch:
        patch.setattr(changes, "post_messages", broken)
        outcomes = await asyncio.gather(*submit(journal, drafts(alice, lobby, 3)))
    assert {outcome.code for outcome in outcomes} == {"unavailable"}
    assert told == []
    outcomes = await asyncio.gather(*submit(journal, drafts(alice, lobby, 3)))
    assert all(isinstance(outcome, Stored) for outcome in outcomes)


async def test_what_was_stored_before_a_failure_is_acknowledged_and_announced(alice, lobby, told, monkeypatch):
    render = mentions.render

    def fails(body):
        if body == "2":
            raise DataError("cannot be stored")
        return render(body)

    monkeypatch.setattr(mentions, "render", fails)
    journal = Journal()
    outcomes = await asyncio.gather(*submit(journal, drafts(alice, lobby, 4)))
    await journal.finish()
    assert [isinstance(outcome, Stored) for outcome in outcomes] == [True, True, False, True]
    assert told == [([f"room.{lobby.pk}"], 1, 3, 3)]


async def test_who_waits_behind_a_database_that_is_away_hears_it_at_once(alice, lobby, told, monkeypatch):
    calls = []

    def away(batch):
        calls.append(batch)
        raise OperationalError("no connection")

    monkeypatch.setattr(changes, "post_messages", away)
    journal = Journal()
    first, *others = drafts(alice, lobby, 3)
    waiting = submit(journal, [first])
    await asyncio.sleep(0)  # The journal takes what there is: one draft.
    waiting += submit(journal, others)
    assert {outcome.code for outcome in await asyncio.gather(*waiting)} == {"unavailable"}
    assert len(calls) == 1


async def test_who_goes_away_in_the_middle_takes_no_message_along(alice, lobby, told):
    journal = Journal()

    async def visitor():
        await asyncio.gather(*submit(journal, drafts(alice, lobby, 1)))

    visit = asyncio.create_task(visitor())
    await asyncio.sleep(0)
    visit.cancel()
    await asyncio.gather(visit, return_exceptions=True)
    await journal.finish()
    assert len(told) == 1
    assert await sync_to_async(lobby.messages.count)() == 1


async def test_a_journal_that_is_full_refuses(alice, lobby, told, monkeypatch):
    monkeypatch.setattr(journal_module, "WAITING", 5)
    outcomes = await asyncio.gather(*submit(Journal(), drafts(alice, lobby, 6)))
    assert [isinstance(outcome, Stored) for outcome in outcomes] == [True] * 5 + [False]


async def test_a_database_that_says_nothing_is_not_waited_for_and_what_it_stores_after_all_is_announced(
    alice, lobby, told, monkeypatch
):
    monkeypatch.setattr(journal_module.threads, "ANSWER_SECONDS", 0.2)
    speaks = Event()

    def hang(batch):
        speaks.wait(20)
        return post_messages(batch)

    monkeypatch.setattr(changes, "post_messages", hang)
    journal = Journal()
    first, *others = drafts(alice, lobby, 4)
    in_hand = submit(journal, [first])
    await asyncio.sleep(0)
    outcomes = await asyncio.gather(*in_hand, *submit(journal, others))
    assert [outcome.code for outcome in outcomes] == ["unavailable"] * 4
    assert journal.is_stuck
    (late,) = submit(journal, [others[0]])
    assert late.done()  # Nobody waits behind it any more.
    speaks.set()
    await journal.finish()
    assert not journal.is_stuck
    assert [last for _, _, last, _ in told] == [1]  # What was in hand is stored, and the room hears of it.
    (again,) = await asyncio.gather(*submit(journal, [first]))
    assert isinstance(again, Stored)
    assert not again.fresh


@pytest.mark.parametrize("characters", ["\0", "a\0b"])
async def test_a_draft_that_the_database_cannot_hold_is_refused_by_itself(alice, lobby, told, characters):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite takes all characters.")
    first, second, third = drafts(alice, lobby, 3)
    outcomes = await asyncio.gather(*submit(Journal(), [first, second._replace(body=characters), third]))
    assert [type(outcome) for outcome in outcomes] == [Stored, Refusal, Stored]
    assert outcomes[1].code == "bad_body"


async def test_posts_and_changes_that_wait_together_are_announced_in_order(alice, lobby, told):
    journal = Journal()
    await asyncio.gather(*submit(journal, drafts(alice, lobby, 3)))
    await journal.finish()
    told.clear()
    requests = [
        changes.Edit(alice.pk, "e1", lobby.pk, 1, 1, "changed"),
        Draft(alice.pk, "next", "next", room_id=lobby.pk),
        changes.Delete(alice.pk, "d1", lobby.pk, 2),
        changes.Restore(alice.pk, "r1", lobby.pk, 2),
    ]
    outcomes = await asyncio.gather(*submit(journal, requests))
    await journal.finish()
    assert [outcome.message.changed for outcome in outcomes] == [5, 4, 6, 6]
    assert [(first, last) for _, first, last, _ in told] == [(4, 6)]


async def test_changes_between_which_another_process_wrote_are_announced_apart(alice, lobby, told, monkeypatch):
    def with_another(requests):
        posted = post_messages(requests[:1])
        post_messages([Draft(alice.pk, "elsewhere", "elsewhere", room_id=lobby.pk)])
        return posted + post_messages(requests[1:])

    monkeypatch.setattr(changes, "store", with_another)
    journal = Journal()
    await asyncio.gather(*submit(journal, drafts(alice, lobby, 2)))
    await journal.finish()
    assert [(first, last) for _, first, last, _ in told] == [(1, 1), (3, 3)]


async def test_deleted_words_are_purged_by_the_process_that_deleted_them(alice, lobby, told, monkeypatch):
    monkeypatch.setattr(changes, "PURGE_AFTER", timedelta(seconds=0.05))
    journal = Journal()
    await asyncio.gather(*submit(journal, drafts(alice, lobby, 2)))
    deletions = [changes.Delete(alice.pk, f"d{number}", lobby.pk, number) for number in (1, 2)]
    for deletion in deletions:
        await asyncio.gather(*submit(journal, [deletion]))
    assert await Deletion.objects.aexists()
    async with asyncio.timeout(PATIENCE):
        while await Deletion.objects.aexists():  # noqa: ASYNC110  Nobody is told when they are gone.
            await asyncio.sleep(0.01)


async def test_words_that_cannot_be_purged_are_left_to_cleaning(alice, lobby, told, monkeypatch, caplog):
    def broken():
        raise OperationalError("away")

    monkeypatch.setattr(changes, "PURGE_AFTER", timedelta(0))
    monkeypatch.setattr(changes, "purge", broken)
    monkeypatch.setattr(logging.getLogger("chat"), "propagate", True)
    journal = Journal()
    await asyncio.gather(*submit(journal, drafts(alice, lobby, 1)))
    await asyncio.gather(*submit(journal, [changes.Delete(alice.pk, "d1", lobby.pk, 1)]))
    async with asyncio.timeout(PATIENCE):
        while "Could not purge" not in caplog.text:  # noqa: ASYNC110  The log tells nobody.
            await asyncio.sleep(0.01)
