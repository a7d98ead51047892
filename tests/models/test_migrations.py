"""Migrations of a site that has people already."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chat import queries
from chat.actions import people
from chat.refusals import Refusal


@pytest.fixture
def migrate(transactional_db):
    """Brings the chat's tables to a migration, and at the end to the newest."""

    def to(name: str | None):
        executor = MigrationExecutor(connection)
        newest = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "chat"]
        target = [("chat", name)] if name else newest
        executor.migrate(target)
        return executor.loader.project_state(target).apps

    yield to
    to(None)


def test_people_of_before_get_a_skeleton_and_those_who_look_alike_stay(migrate, monkeypatch):
    """In pieces, of which the last is not whole; and names that were made beside each other stay both."""
    before = migrate("0004_fewer_indexes")
    users, profiles = before.get_model("auth", "User"), before.get_model("chat", "Profile")
    for nickname in ["mark", "m\u0430rk", "Alice", "AIi\u0441e", "小明"]:
        user = users.objects.create(username=nickname)
        profiles.objects.create(user=user, nickname=nickname, nickname_key=nickname.casefold())
    monkeypatch.setattr("chat.migrations.0005_skeletons.PIECE", 2)
    after = migrate("0005_skeletons").get_model("chat", "Profile")
    found = dict(after.objects.values_list("nickname", "skeleton"))
    assert found == {"mark": "mark", "m\u0430rk": "mark", "Alice": "alice", "AIi\u0441e": "alice", "小明": "小明"}
    migrate(None)
    assert queries.person("m\u0430rk").nickname == "m\u0430rk"
    with pytest.raises(Refusal, match="looks like"):
        people.join("m\u0251rk")


def test_code_of_before_writes_beside_the_new_columns(migrate):
    before = migrate("0004_fewer_indexes")
    migrate(None)
    users, profiles = before.get_model("auth", "User"), before.get_model("chat", "Profile")
    profiles.objects.create(user=users.objects.create(username="old"), nickname="old", nickname_key="old")
    assert queries.person("old").nickname == "old"
