"""Owners' actions in the admin, and their refusal to others."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client as Browser
from django.urls import reverse

from chat.actions import bans, memberships, moderation, people
from chat.models import Ban, LockedNickname, Membership, Message, Profile, Room
from tests.actions.outcomes import refused, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(django_user_model):
    """In the admin."""
    visitor = Browser()
    visitor.force_login(django_user_model.objects.create_superuser("root"))
    return visitor


def in_admin(visitor, model: str, action: str, *rows):
    fields = {"action": action, "_selected_action": [row.pk for row in rows]}
    return visitor.post(reverse(f"admin:chat_{model}_changelist"), fields, follow=True)


def test_the_admin_has_no_trusted_types_because_its_scripts_know_none(owner):
    policy = owner.get(reverse("admin:index"))["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "trusted-types" not in policy


ACTIONS = {
    "profile": ["sign_out", "ban_for_a_day", "ban_for_good", "ban_with_network", "free_nickname", "erase"],
    "room": ["delete_room"],
    "membership": ["remove"],
    "message": ["take_down"],
    "ban": ["lift"],
    "lockednickname": ["unlock"],
}


@pytest.fixture
def rows(alice, bob, chess):
    memberships.join(bob, chess.slug)
    say(bob, chess)
    return {
        "profile": bob,
        "room": chess,
        "membership": Membership.objects.get(room=chess, profile=bob),
        "message": Message.objects.get(room=chess),
        "ban": bans.ban(None, "192.0.2.1"),
        "lockednickname": moderation.lock_nickname("zoe"),
    }


def state() -> list:
    models = (Profile, Room, Membership, Message, Ban, LockedNickname, get_user_model())
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize(("model", "action"), [(model, action) for model, own in ACTIONS.items() for action in own])
def test_only_those_who_may_change_a_thing_use_its_actions(owner, rows, django_user_model, model, action):
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    permissions = Permission.objects.filter(content_type__app_label="chat")
    viewer.user_permissions.set(one for one in permissions if one.codename.startswith(("view_", "delete_")))
    guest, staff = Browser(), Browser()
    guest.force_login(rows["profile"].user)
    staff.force_login(viewer)
    before = state()
    for visitor in (Browser(), guest, staff):
        in_admin(visitor, model, action, rows[model])
        assert [row for table in state()[:-1] for row in table] == [row for table in before[:-1] for row in table]
    in_admin(owner, model, action, rows[model])
    assert state() != before


@pytest.mark.parametrize("model", ACTIONS)
def test_the_admin_neither_edits_nor_deletes_rows(owner, rows, model):
    row = rows[model]
    before = state()
    change = reverse(f"admin:chat_{model}_change", args=[row.pk])
    assert owner.get(change).status_code == 200
    assert owner.get(reverse(f"admin:chat_{model}_changelist")).status_code == 200
    assert owner.post(change, {"nickname": "a/b", "title": "x"}).status_code == 403
    assert owner.post(reverse(f"admin:chat_{model}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    in_admin(owner, model, "delete_selected", row)
    if model != "lockednickname":
        assert owner.get(reverse(f"admin:chat_{model}_add")).status_code == 403
    assert state()[:-1] == before[:-1]


def test_the_admin_shows_no_private_words(owner, bob, den):
    say(bob, den, "between us only")
    assert "between us only" not in owner.get(reverse("admin:chat_message_changelist")).content.decode()
    message = Message.objects.get()
    assert owner.get(reverse("admin:chat_message_change", args=[message.pk])).status_code == 302


def test_the_admin_locks_nicknames_and_says_what_it_refuses(owner, lobby):
    owner.post(reverse("admin:chat_lockednickname_add"), {"nickname": "Zoe"})
    assert refused(people.join, "zoe") == "nickname_taken"
    assert "You can&#x27;t delete the lobby" in in_admin(owner, "room", "delete_room", lobby).content.decode()
