"""Migrations of a site that has people already."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

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


def test_replies_of_before_get_their_threads(migrate, monkeypatch):
    """In pieces: the original of a reply may be in an earlier one."""
    before = migrate("0011_reactions")
    user = before.get_model("auth", "User").objects.create(username="old")
    sender = before.get_model("chat", "Profile").objects.create(user=user, nickname="old", nickname_key="old")
    room = before.get_model("chat", "Room").objects.create(kind="public", slug="old", title="Old")
    for number, reply_to in enumerate([None, 1, 2, None, 3, 4, 5], 1):
        before.get_model("chat", "Message").objects.create(
            room=room, sender=sender, number=number, changed=number, client_id=f"c{number}", reply_to=reply_to,
            sent_at=timezone.now(),
        )  # fmt: skip
    monkeypatch.setattr("chat.migrations.0015_replies_in_threads.PIECE", 2)
    messages = migrate("0015_replies_in_threads").get_model("chat", "Message").objects
    assert list(messages.order_by("number").values_list("thread", flat=True)) == [None, 1, 1, None, 1, 4, 1]


def test_code_of_before_writes_beside_the_new_columns(migrate):
    before = migrate("0004_fewer_indexes")
    migrate(None)
    users, profiles = before.get_model("auth", "User"), before.get_model("chat", "Profile")
    profiles.objects.create(user=users.objects.create(username="old"), nickname="old", nickname_key="old")
    assert queries.person("old").nickname == "old"


def test_code_of_before_posts_beside_the_new_columns(migrate):
    before = migrate("0010_revisions")
    migrate(None)
    user = before.get_model("auth", "User").objects.create(username="old")
    sender = before.get_model("chat", "Profile").objects.create(user=user, nickname="old", nickname_key="old")
    room = before.get_model("chat", "Room").objects.create(kind="public", slug="old", title="Old", message_count=1)
    before.get_model("chat", "Message").objects.create(
        room=room, sender=sender, number=1, changed=1, client_id="c", body="words", sent_at=timezone.now()
    )
    (message,) = queries.messages_before(sender.pk, room.pk).messages
    assert (message.body, message.people_by_emoji, message.named, message.thread) == ("words", {}, [], None)
