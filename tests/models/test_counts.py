"""A site from before members were counted and title keys were stored."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chat.actions import memberships, people, rooms
from chat.models import Room
from chat.text import lines

BEFORE = [("chat", "0005_skeletons")]


@pytest.mark.django_db(transaction=True)
def test_what_is_stored_is_counted_when_a_site_is_upgraded():
    alice, bob = people.join("alice"), people.join("bob")
    chess = rooms.create(alice, Room.Kind.PUBLIC, "Chéss  Club", "")
    memberships.join(bob, chess.slug or "")
    rooms.direct(alice, bob)
    rooms.direct(bob, bob)
    memberships.leave(alice, Room.objects.get(slug="lobby").pk)
    before = list(Room.objects.order_by("pk").values_list("title_key", "member_count"))
    executor = MigrationExecutor(connection)
    try:
        executor.migrate(BEFORE)
        old = executor.loader.project_state(BEFORE).apps.get_model("chat", "Room")
        old.objects.create(kind="private", slug="x", title="ﷺ" * 60)  # Of which each becomes eighteen.
    finally:
        call_command("migrate", verbosity=0)
    assert list(Room.objects.exclude(slug="x").order_by("pk").values_list("title_key", "member_count")) == before
    assert before == [("lobby", 1), ("chéss club", 2), ("", 2), ("", 1)]
    assert len(Room.objects.get(slug="x").title_key) <= lines.KEY_LENGTH
