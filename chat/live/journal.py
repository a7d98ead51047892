"""Group commit: whatever waits is stored in one transaction, while what comes meanwhile gathers for the next.

A single post finds nothing waiting and is stored at once; under load the batches grow by themselves, to what comes in
during a commit and a moment. So a durable write (fsync) is paid once for many.
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

Answer = Callable[[Outcome], None]

BATCH = 500
GATHER_SECONDS = 0.002
"""Where posts came together, more are on their way. Giving these time to come in makes batches twice as large: under
load a fifth less CPU for each delivery (two processes: a quarter), and no later an ack."""
WAITING = 10_000


class Journal:
    """Takes drafts and calls back with their outcomes, after the commit. One per process and event loop."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Draft, Answer]] = []
        self._work: asyncio.Task | None = None
        self.is_stuck = False
        """Whether the database has not answered for `database.ANSWER_SECONDS`. Nothing is taken until it does."""
        self.has_failed = False
        """Whether the last batch could not be stored."""

    def submit(self, draft: Draft, answer: Answer) -> None:
        """Takes a draft. Drafts of one sender are stored in the order in which they were taken.

        The work goes on in a task of its own: nobody who goes away in the middle takes a commit's announcement along.
        """
        if self.is_stuck or len(self._waiting) >= WAITING:
            answer(unavailable())
            return
        self._waiting.append((draft, answer))
        if self._work is None or self._work.done():
            self._work = asyncio.get_running_loop().create_task(self._store_all())

    async def finish(self) -> None:
        """Returns when everything taken so far is stored and announced."""
        if self._work:
            await asyncio.wait([self._work])

    async def _store_all(self) -> None:
        with get_channel_layer().holding():
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._store(batch)
                if len(batch) > 1:
                    await _gather()

    async def _store(self, batch: list[tuple[Draft, Answer]]) -> None:
        overdue = asyncio.get_running_loop().call_later(threads.ANSWER_SECONDS, self._give_up, batch)
        try:
            outcomes = await threads.run_in_journal(post_messages, [draft for draft, _ in batch])
            self.has_failed = False
        except Exception as error:
            self.has_failed = True
            # They may have been stored or not: who sends one again under its client_id finds out.
            logger.exception("Could not store %d messages.", len(batch))
            if isinstance(error, OperationalError):
                # The database is away, or full: who waits behind them would only wait to hear the same.
                batch, self._waiting = batch + self._waiting, []
            outcomes = [unavailable() for _ in batch]
        finally:
            overdue.cancel()
            self.is_stuck = False
        for (_, answer), outcome in zip(batch, outcomes, strict=True):
            _tell(answer, outcome)
        try:
            await _announce(outcomes)
        except Exception:
            logger.exception("Could not announce %d messages; connections will find them when they sync.", len(batch))

    def _give_up(self, batch: list[tuple[Draft, Answer]]) -> None:
        """Tells everybody who waits that their messages cannot be stored now.

        What is being tried may be stored yet. It is announced then, and acknowledged to a sender who asks again.
        """
        waiting, self._waiting = self._waiting, []
        self.is_stuck = True
        logger.error("The database does not answer; %d messages are put off.", len(batch) + len(waiting))
        for _, answer in [*batch, *waiting]:
            _tell(answer, unavailable())
        batch[:] = [(draft, _heard) for draft, _ in batch]


def _heard(outcome: Outcome) -> None:
    """In the place of an answer that has been given."""


async def _gather() -> None:
    """Lets those speak who have been waiting for what was just stored.

    Where it goes out to thousands the loop has been busy with that, and they can answer only now: stored apart from the
    others they would stay apart from them, each half with a batch of its own. In a room of 5,000 that took twice the
    CPU for a delivery.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.sleep(GATHER_SECONDS)
    if loop.time() - began > 2 * GATHER_SECONDS:
        await asyncio.sleep(GATHER_SECONDS)


def _tell(answer: Answer, outcome: Outcome) -> None:
    try:
        answer(outcome)
    except Exception:
        # Whoever waits no longer must not keep the others from their answers.
        logger.exception("Could not answer a post.")


async def _announce(outcomes: list[Outcome]) -> None:
    """One event per room and batch, or as few as can be sent."""
    fresh = [outcome for outcome in outcomes if isinstance(outcome, Stored) and outcome.fresh]
    fresh.sort(key=lambda stored: (stored.room.id, stored.message.changed))
    news = []
    for _, of_room in groupby(fresh, key=lambda stored: stored.room.id):
        stored = list(of_room)
        room = stored[0].room
        for event in events.pieces(room, [one.message for one in stored]):
            news += [(group, event) for group in events.audience(room)]
    if news:
        await events.announce_all(news)


journal = Journal()
"""This process's journal."""
