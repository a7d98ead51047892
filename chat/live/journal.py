"""Group commit: waiting posts are stored in one transaction, while new ones gather for the next.

A single post finds nothing waiting and is stored at once; under load the batches grow by themselves, to what arrives
during a commit plus `GATHER_SECONDS`. So many posts share the cost of one durable write (fsync).
"""

import asyncio
import logging
from collections.abc import Callable
from itertools import groupby

from channels.layers import get_channel_layer
from django.db import OperationalError

from chat.actions.messages import Draft, Outcome, Stored, post_messages, unavailable
from chat.live import threads
from chat.wire import events

logger = logging.getLogger(__name__)

Report = Callable[[Outcome], None]

BATCH = 500
GATHER_SECONDS = 0.002
"""Pause after a batch of several posts, because more are on their way. It doubles the batch size: under load, each
delivery takes a fifth less CPU (with two processes: a quarter), and acks are no later."""
WAITING = 10_000


class Journal:
    """Accepts drafts and calls back with their outcomes after the commit. One per process and event loop."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Draft, Report]] = []
        self._work: asyncio.Task | None = None
        self.is_stuck = False
        """Whether the database has not responded for `threads.ANSWER_SECONDS`. No draft is accepted until it does."""
        self.has_failed = False
        """Whether the last batch could not be stored."""

    def submit(self, draft: Draft, report: Report) -> None:
        """Accepts a draft. Drafts of one sender are stored in the order in which they were accepted.

        The work runs in a task of its own, so that a client that disconnects meanwhile cannot cancel the announcement
        of a commit.
        """
        if self.is_stuck or len(self._waiting) >= WAITING:
            report(unavailable())
            return
        self._waiting.append((draft, report))
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

    async def _store(self, batch: list[tuple[Draft, Report]]) -> None:
        overdue = asyncio.get_running_loop().call_later(threads.ANSWER_SECONDS, self._give_up, batch)
        try:
            outcomes = await threads.run_in_journal(post_messages, [draft for draft, _ in batch])
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
        try:
            await _announce(outcomes)
        except Exception:
            logger.exception("Could not announce %d messages; connections will find them when they sync.", len(batch))

    def _give_up(self, batch: list[tuple[Draft, Report]]) -> None:
        """Refuses all waiting messages, because they cannot be stored now.

        The batch in progress may still be stored. It is then announced, and acknowledged to a sender who resends.
        """
        waiting, self._waiting = self._waiting, []
        self.is_stuck = True
        logger.error("The database does not answer; %d messages are put off.", len(batch) + len(waiting))
        for _, report in [*batch, *waiting]:
            _call(report, unavailable())
        batch[:] = [(draft, _heard) for draft, _ in batch]


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
    """Announces a batch with one event per room, or as few as size limits allow."""
    fresh = [outcome for outcome in outcomes if isinstance(outcome, Stored) and outcome.fresh]
    fresh.sort(key=lambda stored: (stored.room.id, stored.message.changed))
    announcements = []
    for _, of_room in groupby(fresh, key=lambda stored: stored.room.id):
        stored = list(of_room)
        room = stored[0].room
        for event in events.pieces(room, [one.message for one in stored]):
            announcements += [(group, event) for group in events.audience(room)]
    if announcements:
        await events.announce_all(announcements)
