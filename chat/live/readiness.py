"""Whether this process can serve: it can read as pages do, and store as the journal does."""

import asyncio
from collections.abc import Sequence

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction

from chat.actions import rooms
from chat.live.hub import hub
from chat.live.journal import journal
from chat.live.threads import Batched
from chat.models import Room

CHECK_SECONDS = 2.0
"""How long the database may take for both. A load balancer wants to know it by then."""


async def trouble() -> str:
    """Why it cannot serve; empty if it can."""
    if hub.is_draining:
        return "draining"
    if journal.is_stuck:
        return "the database does not answer"
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await _read(None)
            await _store(None)
    except (DatabaseError, TimeoutError):
        return "the database does not answer, or takes nothing"
    return ""


def _read_for(everybody: Sequence[None]) -> Sequence[None]:
    """On a connection of its own, as each page has one: what the threads keep may have the file open still."""
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        own.close()
    return everybody


def _store_for(everybody: Sequence[None]) -> Sequence[None]:
    """Whether the journal's connection may write, and now. Only where its last batch failed something is written."""
    if journal.has_failed:
        rooms.store_lobby_again()
        journal.has_failed = False
    else:
        # Refused where nothing may be written, and waits where somebody else has locked all: on SQLite for the
        # transaction to begin, on PostgreSQL for what is read in it.
        with transaction.atomic():
            Room.objects.select_for_update().filter(pk=0).first()
    return everybody


_read = Batched(_read_for)
_store = Batched(_store_for, in_journal=True)
