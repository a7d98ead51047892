"""Answers of the database about a connection that come late."""

import pytest

from chat.actions import memberships, rooms
from chat.live import admission
from chat.models import Room
from chat.wire import events
from tests.live.far_end import in_thread, stored

pytestmark = [pytest.mark.usefixtures("live_threads"), pytest.mark.above_storage]


def answered_late(monkeypatch, happens):
    """Something happens between the look at the database and the answer: as when the look takes a while."""
    heads = admission.heads

    async def slow(admitted):
        found = await heads(admitted)
        await happens()
        return found

    monkeypatch.setattr(admission, "heads", slow)


async def test_a_room_that_one_comes_into_during_a_check_is_not_taken_away_by_it(alice, bob_client, monkeypatch):
    room = await in_thread(rooms.create)(alice, Room.Kind.PRIVATE, "Den", "")

    async def bring_in():
        await in_thread(memberships.add)(alice, room, "bob")
        bob_client.tell(events.Joined(room.pk))
        await bob_client.until(lambda: bob_client.of("room"))

    answered_late(monkeypatch, bring_in)
    await bob_client.connection.sync()
    await bob_client.until(lambda: bob_client.of("synced"))
    assert bob_client.of("removed") == []
    assert room.pk in bob_client.connection.cursors


async def test_one_who_is_back_before_their_removal_is_heard_of_stays(alice, bob, den_client):
    """Two processes tell of the two, and each is heard at its own time."""
    room, client = den_client
    client.tell(events.Joined(room.pk))
    client.tell(events.Removed(room.pk))
    await client.until(lambda: client.of("room"))
    (event,) = await in_thread(stored)(alice, room, "welcome back")
    client.tell(event)
    assert await client.messages_seen(1) == [1]
