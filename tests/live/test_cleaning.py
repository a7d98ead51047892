"""The site cleans by itself, and again when it could not."""

import asyncio
import logging
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from chat.actions import people
from chat.actions.changes import PURGE_AFTER, Delete, change_messages, purge
from chat.live import cleaning as cleaning_module
from chat.models import LOBBY, Chore, Deletion, Profile, Room
from tests.actions.drafts import post
from tests.patience import PATIENCE


async def worked(cleaner: cleaning_module.Cleaner) -> bool:
    """Has it look, and waits for what it does then; whether it did anything."""
    before = asyncio.all_tasks()
    cleaner.look()
    work = asyncio.all_tasks() - before
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*work)
    return bool(work)


@pytest.mark.django_db(transaction=True)
async def test_the_site_cleans_by_itself(live_threads, monkeypatch):
    monkeypatch.setattr(cleaning_module, "BETWEEN_SECONDS", 0)
    gone = await sync_to_async(people.join)("gone")
    await Profile.objects.filter(pk=gone.pk).aupdate(seen_at=timezone.now() - timedelta(days=32))
    await Chore.objects.acreate(name="cleaning", due_at=timezone.now())
    cleaner = cleaning_module.Cleaner()
    assert await worked(cleaner)
    assert not await Profile.objects.aexists()
    assert not await worked(cleaner), "It looks again only after some minutes."


@pytest.mark.django_db(transaction=True)
async def test_words_that_were_deleted_by_a_process_that_has_ended_are_purged(live_threads, alice):
    lobby = await Room.objects.aget(slug=LOBBY)
    await sync_to_async(post)(alice, lobby)
    await sync_to_async(change_messages)([Delete(alice.pk, "d", lobby.pk, 1)])
    await Deletion.objects.aupdate(deleted_at=timezone.now() - PURGE_AFTER)
    assert await worked(cleaning_module.Cleaner())
    assert not await Deletion.objects.aexists()


async def test_what_cannot_be_cleaned_is_logged_and_tried_again(monkeypatch, caplog):
    tries = []

    async def act(function, *args):
        tries.append(function)
        raise OSError("away")

    monkeypatch.setattr(cleaning_module.threads, "act", act)
    monkeypatch.setattr(cleaning_module, "LOOK_SECONDS", 0)
    monkeypatch.setattr(logging.getLogger("chat"), "propagate", True)
    cleaner = cleaning_module.Cleaner()
    for _ in range(2):
        assert await worked(cleaner)
    assert tries == [purge] * 2
    assert "Could not clean up" in caplog.text
