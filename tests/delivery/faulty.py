"""The site's application, with faults put into it from outside; the site itself knows nothing of this.

`FAULTS` names them: `swallow_acks` (one in ten), `delay_announcements` (each by up to 200 ms, so that they overtake one
another), `lose_events` (one in fifty, for each room and process), `look_slowly` (what a connection is checked by is
half a second old), or one of the mutants: a promise broken on purpose, which the proof must notice.
"""

import asyncio
import os
import random
import time

from chatsite.asgi import application  # noqa: F401  Django must be set up before anything of chat is imported.

from django.db import transaction  # isort: skip
from chat.actions import changes, messages  # isort: skip
from chat.live import admission, threads, feeds, journal  # isort: skip
from chat.live.connection import Connection  # isort: skip
from chat.live.feeds import Feed, RoomFeed  # isort: skip
from chat.wire.events import Messages, unpack  # isort: skip

ONE_IN = 10
LOST_ONE_IN = 50
LOOKING_SECONDS = 0.5
LATEST_SECONDS = 0.2
UNCOMMITTED_SECONDS = 0.15

_chance = random.SystemRandom()
_call, _announce = journal._call, journal._announce
_running: set[asyncio.Task] = set()


# Faults.


def swallow_acks() -> None:
    def call(report, outcome) -> None:
        if isinstance(outcome, messages.Refusal) or _chance.randrange(ONE_IN):
            _call(report, outcome)

    journal._call = call


def delay_announcements() -> None:
    async def later(outcomes) -> None:
        await asyncio.sleep(_chance.uniform(0, LATEST_SECONDS))
        await _announce(outcomes)

    async def announce(outcomes) -> None:
        _in_background(later(outcomes))

    journal._announce = announce


def lose_events() -> None:
    receive = Feed._receive

    def receive_most(self, message) -> None:
        if not isinstance(unpack(message), Messages) or _chance.randrange(LOST_ONE_IN):
            receive(self, message)

    Feed._receive = receive_most


def look_slowly() -> None:
    heads = admission.heads

    async def later(admitted):
        found = await heads(admitted)
        await asyncio.sleep(LOOKING_SECONDS)
        return found

    admission.heads = later


# Mutants.


def ack_before_commit() -> None:
    """Each sender is answered while the transaction is still open."""

    def tell_all(batch, outcomes) -> None:
        for (_, report), outcome in zip(batch, outcomes, strict=True):
            _call(report, outcome)

    _before_commit(tell_all)
    journal._call = lambda report, outcome: None


def announce_before_commit() -> None:
    """The rooms are told while the transaction is still open."""
    _before_commit(lambda batch, outcomes: _in_background(_announce(outcomes)))

    async def nothing(outcomes) -> None:
        pass

    journal._announce = nothing


def without_the_unique_index() -> None:
    """The look-up of known client_ids finds nothing; `drop_the_unique_index` takes the index out of the database."""
    messages._Batch._already_stored = lambda self: {}


def without_gap_repair() -> None:
    """Events after a gap go through as if there were none."""
    in_feed, in_connection = RoomFeed._on_messages, Connection._on_messages

    def leap_in_feed(self, event) -> None:
        if self.sequence is not None and event.last > self.sequence:
            self.sequence = event.after
        in_feed(self, event)

    def leap(self, event) -> None:
        cursor = self.cursors.get(event.room)
        if cursor is not None and event.last > cursor:
            self.cursors[event.room] = event.after
        in_connection(self, event)

    RoomFeed._on_messages, Connection._on_messages = leap_in_feed, leap


def held_for_ever() -> None:
    """Early events get a new deadline whenever something else happens in the room."""
    feeds.EARLY_EVENTS = 1_000_000
    whole = RoomFeed._on_messages

    def move_on(self, event) -> None:
        whole(self, event)
        for early in self._early.values():
            early.deadline = asyncio.get_running_loop().time() + 10 * feeds.EARLY_SECONDS

    RoomFeed._on_messages = move_on


def check_with_stale_heads() -> None:
    """A room that somebody came into after the heads were read is judged by these all the same."""
    whole = Connection._know

    def know(self, own) -> None:
        checks, self._checks = self._checks, ()
        whole(self, own)
        self._checks = checks

    Connection._know = know


def without_revocation() -> None:
    """A connection does not hear that its person is not in a room any more."""
    Connection._remove = lambda self, room_id: None


def forget_edits() -> None:
    """An edit is acknowledged, and not stored."""
    changes._Batch._edit = lambda self, message, edit, profile: self._unchanged(message)


def forget_reactions() -> None:
    """A reaction is acknowledged, and not stored."""
    changes._Batch._react = lambda self, message, react: self._unchanged(message)


def drop_the_unique_index() -> None:
    """Runs inside the site, before it starts."""
    from django.db import connection

    from chat.models import Message

    constraint = next(one for one in Message._meta.constraints if one.name == "one_message_per_client_id")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Message, constraint)


def _before_commit(act) -> None:
    """Has `act(batch, outcomes)` done in the event loop when a batch is numbered and inserted, but not committed."""

    async def store_all(self) -> None:
        loop = asyncio.get_running_loop()

        def store(batch):
            with transaction.atomic():
                outcomes = changes.store([request for request, _ in batch])
                loop.call_soon_threadsafe(act, batch, outcomes)
                time.sleep(UNCOMMITTED_SECONDS)
            return outcomes

        while self._waiting:
            batch, self._waiting = self._waiting[: journal.BATCH], self._waiting[journal.BATCH :]
            outcomes = await threads.run_in_journal(store, batch)
            for (_, report), outcome in zip(batch, outcomes, strict=True):
                journal._call(report, outcome)
            await journal._announce(outcomes)

    journal.Journal._store_all = store_all


def _in_background(work) -> None:
    task = asyncio.ensure_future(work)
    _running.add(task)
    task.add_done_callback(_running.discard)


for _name in os.environ.get("FAULTS", "").split():
    globals()[_name]()
