"""The site cleans by itself, and again when it could not."""

import asyncio
import logging
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from chat.actions import people
from chat.actions.cleaning import claim
from chat.live import cleaning as cleaning_module
from chat.models import Chore, Profile
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
    assert tries == [claim] * 2
    assert "Could not clean up" in caplog.text
