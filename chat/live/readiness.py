"""Readiness: this process can serve if it can read as pages do and store as the journal does."""

import asyncio
from collections.abc import Sequence

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction

from chat.actions import rooms
from chat.live.node import node
from chat.live.threads import Batched
from chat.models import Room

CHECK_SECONDS = 2.0
"""How long the database may take for both checks. A load balancer needs the result by then."""


async def trouble() -> str:
    """Returns why this process cannot serve; empty if it can."""
    if node().hub.is_draining:
        return "draining"
    if node().journal.is_stuck:
        return "the database does not answer"
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await _read(None)
            await _store(None)
    except (DatabaseError, TimeoutError):
        return "the database does not answer, or takes nothing"
    return ""


def _read_for(everybody: Sequence[None]) -> Sequence[None]:
    """Reads on a new connection, as each page does: a connection kept by the threads may still have the file open."""
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        own.close()
    return everybody


def _store_for(everybody: Sequence[None]) -> Sequence[None]:
    """Checks that the journal's connection may write now. Writes something only if the journal's last batch failed."""
    journal = node().journal
    if journal.has_failed:
        rooms.store_lobby_again()
        journal.has_failed = False
    else:
        # Fails if writing is not allowed, and waits if another client has locked everything: on SQLite for the
        # transaction to begin, on PostgreSQL for the read inside it.
        with transaction.atomic():
            Room.objects.select_for_update().filter(pk=0).first()
    return everybody


_read = Batched(_read_for)
_store = Batched(_store_for, in_journal=True)
