"""Group commit: waiting posts, edits and deletions are stored in one transaction, while new ones gather for the next.

A single post finds nothing waiting and is stored at once; under load the batches grow by themselves, to what arrives
during a commit plus `GATHER_SECONDS`. So many posts share the cost of one durable write (fsync).
"""

import asyncio
import logging
from collections.abc import Callable
from itertools import groupby
from operator import attrgetter

from channels.layers import get_channel_layer
from django.db import OperationalError

from chat.actions import changes
from chat.actions.batches import Outcome, Stored, unavailable
from chat.actions.changes import Change, Delete
from chat.actions.messages import Draft
from chat.actions.saving import Save
from chat.live import threads
from chat.wire import events

logger = logging.getLogger(__name__)

Request = Draft | Change | Save
Report = Callable[[Outcome], None]

BATCH = 500
GATHER_SECONDS = 0.002
"""Pause after a batch of several posts, because more are on their way. It doubles the batch size: under load, each
delivery takes a fifth less CPU (with two processes: a quarter), and acks are no later."""
WAITING = 10_000


class Journal:
    """Accepts drafts and calls back with their outcomes after the commit. One per process and event loop."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Request, Report]] = []
        self._work: asyncio.Task | None = None
        self._purges: asyncio.Task | None = None
        self._is_purge_due = False
        self.is_stuck = False
        """Whether the database has not responded for `threads.ANSWER_SECONDS`. No draft is accepted until it does."""
        self.has_failed = False
        """Whether the last batch could not be stored."""

    def submit(self, request: Request, report: Report) -> None:
        """Accepts a draft or a change. Drafts of one sender are stored in the order in which they were accepted.

        The work runs in a task of its own, so that a client that disconnects meanwhile cannot cancel the announcement
        of a commit.
        """
        if self.is_stuck or len(self._waiting) >= WAITING:
            report(unavailable())
            return
        self._waiting.append((request, report))
        if self._work is None or self._work.done():
            self._work = asyncio.get_running_loop().create_task(self._store_all())

    async def finish(self) -> None:
        """Returns when everything accepted so far is stored and announced."""
        if self._work:
            await asyncio.wait([self._work])

    async def _store_all(self) -> None:
        with get_channel_layer().buffering():
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._store(batch)
                if len(batch) > 1:
                    await _gather()

    async def _store(self, batch: list[tuple[Request, Report]]) -> None:
        requests = [request for request, _ in batch]
        overdue = asyncio.get_running_loop().call_later(threads.ANSWER_SECONDS, self._give_up, batch)
        try:
            outcomes = await threads.run_in_journal(changes.store, requests)
            self.has_failed = False
        except Exception as error:
            self.has_failed = True
            # They may or may not have been stored: resending one under its client_id shows which.
            logger.exception("Could not store %d messages.", len(batch))
            if isinstance(error, OperationalError):
                # The database is unreachable or full: posts waiting behind them would only fail later.
                batch, self._waiting = batch + self._waiting, []
            outcomes = [unavailable() for _ in batch]
        finally:
            overdue.cancel()
            self.is_stuck = False
        for (_, report), outcome in zip(batch, outcomes, strict=True):
            _call(report, outcome)
        if any(isinstance(request, Delete) for request in requests):
            self._purge_later()
        try:
            await _announce(outcomes)
        except Exception:
            logger.exception("Could not announce %d messages; connections will find them when they sync.", len(batch))

    def _give_up(self, batch: list[tuple[Request, Report]]) -> None:
        """Refuses all waiting messages, because they cannot be stored now.

        The batch in progress may still be stored. It is then announced, and acknowledged to a sender who resends.
        """
        waiting, self._waiting = self._waiting, []
        self.is_stuck = True
        logger.error("The database does not answer; %d messages are put off.", len(batch) + len(waiting))
        for _, report in [*batch, *waiting]:
            _call(report, unavailable())
        batch[:] = [(request, _heard) for request, _ in batch]

    def _purge_later(self) -> None:
        """Purges when the deletions stored now are final. If this process ends before, cleaning does it."""
        self._is_purge_due = True
        if self._purges is None or self._purges.done():
            self._purges = asyncio.get_running_loop().create_task(self._purge())

    async def _purge(self) -> None:
        while self._is_purge_due:
            self._is_purge_due = False
            await asyncio.sleep(changes.PURGE_AFTER.total_seconds())
            try:
                while await threads.act(changes.purge):
                    pass
            except Exception:
                logger.exception("Could not purge deleted messages; cleaning does it later.")


def _heard(outcome: Outcome) -> None:
    """Replaces the callback of a draft that has already got its response."""


async def _gather() -> None:
    """Gives clients that waited for this batch time to post into the next.

    After a delivery to thousands, which keeps the loop busy, they can respond only now. Stored separately from the
    others they would stay separate, each half with its own batches. In a room of 5,000 that doubled the CPU per
    delivery.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.sleep(GATHER_SECONDS)
    if loop.time() - began > 2 * GATHER_SECONDS:
        await asyncio.sleep(GATHER_SECONDS)


def _call(report: Report, outcome: Outcome) -> None:
    try:
        report(outcome)
    except Exception:
        # A client that no longer waits must not keep the others from their responses.
        logger.exception("Could not answer a post.")


async def _announce(outcomes: list[Outcome]) -> None:
    """Announces a batch with one event per room, or as few as size limits allow; then whom its messages name."""
    announcements: list[events.Announcement] = []
    fresh = [outcome for outcome in outcomes if isinstance(outcome, Stored) and outcome.fresh]
    for run in _runs(fresh):
        room = run[0].room
        for event in events.pieces(room, [one.message for one in run]):
            announcements += [(group, event) for group in events.audience(room)]
    for stored in fresh:
        room, message, told = stored.room, stored.message, stored.told
        if message.deleted_at:
            continue
        if told.everyone:
            to_all = events.mention(room.id, message.number, message.sender_id)
            announcements += [(group, to_all) for group in events.audience(room)]
        for person in told.people:
            announcements.append((events.user_group(person), events.mention(room.id, message.number)))
    announcements += [one for outcome in outcomes if isinstance(outcome, Stored) for one in outcome.announcements]
    if announcements:
        await events.announce_all(announcements)


def _runs(fresh: list[Stored]) -> list[list[Stored]]:
    """Returns what was stored as runs of consecutive changes of one room.

    Posts and other changes are stored in two transactions, between which another process may have stored something.
    """
    runs: list[list[Stored]] = []
    for _, of_room in groupby(sorted(fresh, key=_place), key=lambda stored: stored.room.id):
        last = -1
        for stored in of_room:
            changed = stored.message.changed
            if changed == last + 1:
                runs[-1].append(stored)
            elif changed != last:  # Otherwise it is another change of the same message, and announced with it.
                runs.append([stored])
            last = changed
    return runs


_place = attrgetter("room.id", "message.changed")
