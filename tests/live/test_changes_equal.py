"""Whatever is posted and changed: what a page has heard, live or as missed, is what a fresh one gets."""

from itertools import count
from typing import Any

import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat import queries
from chat.actions.changes import Delete, Edit, Pin, React, Restore, store
from chat.actions.messages import Draft
from chat.live import journal
from chat.models import Message, Profile, Room
from chat.wire import events, protocol, rows

pytestmark = pytest.mark.django_db

_client_ids = count()

_kinds = st.sampled_from(
    ["post", "post", "reply", "reply", "edit", "edit", "delete", "restore", "react", "react", "pin", "pin"]
)
_requests = st.tuples(st.integers(0, 1), _kinds, st.integers(1, 5), st.text(max_size=3))
_batches = st.lists(st.tuples(st.lists(_requests, min_size=1, max_size=6), st.sampled_from(["told", "lost", "late"])))


class Page:
    """What a page knows of one room: it takes what follows, and asks for what it has missed where something doesn't."""

    def __init__(self, reader: Profile, room: Room) -> None:
        self.reader = reader
        self.room = room
        self.cursor = room.sequence
        self.messages: dict[int, Any] = {}
        self.mentioned: set[int] = set()

    def hear(self, frames: list[protocol.MessageFrame]) -> None:
        for frame in frames:
            if frame.after > self.cursor:
                self.sync()
            if frame.sequence > self.cursor:
                self._take(msgspec.structs.replace(frame.message, sequence=frame.sequence), frame.sequence)

    def sync(self) -> None:
        while missed := queries.changes_after(self.reader.pk, self.room.pk, self.cursor):
            for message in missed:
                self._take(rows.message_of(message, with_sequence=True), message.changed)

    def _take(self, message: protocol.Message, sequence: int) -> None:
        assert sequence > self.cursor
        self.messages[message.number] = message
        self.mentioned.discard(message.number)
        if self.reader.pk in message.mentions or (message.everyone and message.sender.id != self.reader.pk):
            self.mentioned.add(message.number)
        self.cursor = sequence


def request(person: Profile, room: Room, kind: str, number: int, text: str):
    client_id, named = f"h{next(_client_ids)}", " @bob" if len(text) % 3 == 1 else " @all" if len(text) == 2 else ""
    if kind == "post":
        return Draft(person.pk, client_id, f"said {text}{named}", room.pk)
    if kind == "reply":
        return Draft(person.pk, client_id, f"said {text}{named}", room.pk, reply_to=number)
    if kind == "edit":
        changed = Message.objects.filter(room=room, number=number).values_list("changed", flat=True).first()
        return Edit(person.pk, client_id, room.pk, number, changed or 0, f"edited {text}{named}")
    if kind == "react":
        return React(person.pk, client_id, room.pk, number, "👍" if len(text) % 2 else "🎉", len(text) < 2)
    if kind == "pin":
        return Pin(person.pk, client_id, room.pk, number, len(text) < 2)
    return (Delete if kind == "delete" else Restore)(person.pk, client_id, room.pk, number)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(_batches)
def test_what_was_heard_is_what_a_fresh_page_gets(alice, bob, den, batches):
    people = [alice, bob]
    with transaction.atomic():
        page, late = Page(bob, Room.objects.get(pk=den.pk)), []
        for asked, fate in batches:
            outcomes = store([request(people[who], den, kind, number, text) for who, kind, number, text in asked])
            fresh = [one for one in outcomes if isinstance(one, journal.Stored) and one.fresh]
            frames = [
                frame
                for run in journal._runs(fresh)
                for frame in events.frames_of(den.pk, [one.message for one in run], run[0].message.changed - 1)
            ]
            if fate == "told":
                page.hear(frames)
            elif fate == "late":
                late.append(frames)
            while late and fate != "late":
                page.hear(late.pop())
        page.sync()
        found = queries.messages_before(bob.pk, den.pk)
        fresh_page = {message.number: rows.message_of(message, with_sequence=True) for message in found.messages}
        last = Room.objects.get(pk=den.pk).sequence
        read_number = queries.own_room(bob.pk, den.pk).read_number
        mentioned = next(list(own.mentioned) for own in queries.own_rooms(bob.pk) if own.room.pk == den.pk)
        transaction.set_rollback(True)
    assert page.cursor == last
    shown = {number: message for number, message in page.messages.items() if number in fresh_page}
    assert shown == fresh_page
    assert sorted(number for number in page.mentioned if number > read_number)[-queries.MENTIONS_SHOWN :] == mentioned
