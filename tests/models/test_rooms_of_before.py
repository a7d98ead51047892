"""The migration of rooms with messages from before there was a column for them."""

from importlib import import_module

import pytest
from django.apps import apps

from chat.actions.messages import Draft, post_messages
from chat.models import Room

pytestmark = [pytest.mark.django_db, pytest.mark.above_storage]


def test_rooms_of_before_learn_when_something_was_said_last(alice, chess):
    post_messages([Draft(alice.pk, f"c-{number}", "hi", room_id=chess.pk) for number in range(3)])
    said_at = Room.objects.get(pk=chess.pk).last_message_at
    Room.objects.update(last_message_at=None)
    import_module("chat.migrations.0008_departures").date_rooms(apps, None)
    assert Room.objects.get(pk=chess.pk).last_message_at == said_at
    assert Room.objects.get(slug="lobby").last_message_at is None
