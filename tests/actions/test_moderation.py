"""What an owner can do, by actions, by commands of manage.py, and in the admin; who cannot; and what becomes of it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from chat import queries
from chat.actions import bans, erasure, leases, memberships, moderation, people, rooms
from chat.actions.messages import Draft, post_messages
from chat.models import Ban, LastAddress, LockedNickname, Membership, Message, Profile, Room
from tests.actions.outcomes import members, refused
from tests.rivals import before_the_lock

pytestmark = pytest.mark.django_db

LONG = timedelta(minutes=1)


def say(sender, room, body="words", client_id="c"):
    (outcome,) = post_messages([Draft(sender.pk, client_id, body, room.pk)])
    return outcome


def browser(profile, **headers) -> Browser:
    visitor = Browser(headers=headers)
    visitor.force_login(profile.user)
    return visitor


@pytest.fixture
def owner(django_user_model):
    """In the admin."""
    visitor = Browser()
    visitor.force_login(django_user_model.objects.create_superuser("root"))
    return visitor


def in_admin(visitor, model: str, action: str, *rows):
    fields = {"action": action, "_selected_action": [row.pk for row in rows]}
    return visitor.post(reverse(f"admin:chat_{model}_changelist"), fields, follow=True)


# Sessions.


def test_whoever_is_signed_out_has_no_session_any_more(alice, bob, django_user_model):
    member = django_user_model.objects.create_user("member", password="a password of theirs")
    carol = people.join("carol", member)
    visitors = {profile: browser(profile) for profile in (alice, bob, carol)}
    for profile in (alice, carol):
        moderation.end_sessions(profile)
    assert [visitor.get("/rooms/lobby/").status_code for visitor in visitors.values()] == [302, 200, 302]
    assert Browser().login(username="member", password="a password of theirs")


def test_where_sessions_cannot_be_listed_that_is_said(django_user_model, settings):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    carol = people.join("carol", django_user_model.objects.create_user("member", password="a password"))
    assert refused(moderation.end_sessions, carol) == "unavailable"


# Bans.


def test_who_is_banned_sees_why_and_writes_nothing(alice, bob, lobby):
    visitor = browser(bob)
    bans.ban(bob, until=timezone.now() + LONG, reason="Spam.")
    page = visitor.get("/rooms/lobby/")
    assert page.status_code == 403
    assert "You can&#x27;t use this chat until" in page.content.decode()
    assert "Reason: Spam.<" in page.content.decode()
    assert say(bob, lobby).code == "banned"
    assert say(alice, lobby).fresh
    assert bans.lift(bob) == 1
    assert visitor.get("/rooms/lobby/").status_code == 200
    assert say(bob, lobby).fresh


def test_a_ban_ends_by_itself(bob, lobby):
    bans.ban(bob, until=timezone.now() + LONG)
    Ban.objects.update(until=timezone.now() - LONG)
    assert say(bob, lobby).fresh
    assert browser(bob).get("/rooms/lobby/").status_code == 200


@pytest.mark.parametrize(
    ("network", "address", "is_out"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.0/24", "192.0.2.8", True),
        ("2001:db8::1/32", "2001:db8:5:5::/64", True),
        ("2001:db8::/32", "192.0.2.8", False),
        ("0.0.0.0/0", "not an address", False),
    ],
)
def test_nobody_joins_from_a_banned_network(db, network, address, is_out):
    bans.ban(None, network)
    for join in (people.join, people.join_open):
        arguments = ("zoe", None, address) if join is people.join else ("robin", "one", address)
        if is_out:
            assert refused(join, *arguments) == "banned"
        else:
            join(*arguments)
    assert bans.lift(None, network) == 1


def test_who_was_there_before_does_not_come_in_from_a_banned_network(bob):
    visitor = browser(bob)
    bans.ban(None, "127.0.0.0/8")
    assert visitor.get("/rooms/lobby/").status_code == 403
    assert queries.banned([(bob.pk, "127.0.0.1"), (bob.pk, "192.0.2.1")], timezone.now()) == {(bob.pk, "127.0.0.1")}


def test_an_open_name_that_is_banned_is_taken_by_nobody(db):
    robin = people.join_open("robin", "one", "192.0.2.7")
    bans.ban(robin)
    assert refused(people.join_open, "robin", "two") == "banned"


@pytest.mark.parametrize(
    "what", [{"network": ""}, {"network": "the internet"}, {"until": timezone.now() - LONG, "network": "192.0.2.1"}]
)
def test_a_ban_of_nobody_is_refused(db, what):
    assert refused(lambda: bans.ban(None, **what)) in ("bad_ban", "bad_network")
    assert refused(bans.lift, None, "192.0.2.1") == "bad_ban"


def test_who_is_not_active_writes_nothing(bob, lobby):
    """Though nobody has told the chat of it."""
    get_user_model().objects.filter(pk=bob.pk).update(is_active=False)
    assert say(bob, lobby).code == "banned"


def test_addresses_are_kept_for_a_bounded_time(alice, bob):
    people.join("carol", None, "192.0.2.7")
    browser(alice).get("/rooms/lobby/")
    seen = dict(LastAddress.objects.values_list("profile__nickname", "address"))
    assert seen == {"carol": "192.0.2.7", "alice": "127.0.0.1"}
    LastAddress.objects.filter(profile=alice).update(seen_at=timezone.now() - timedelta(days=31))
    people.join("dave", None, "192.0.2.8")
    assert set(LastAddress.objects.values_list("profile__nickname", flat=True)) == {"carol", "dave"}


# Words.


def test_words_that_are_taken_down_are_gone_and_their_place_stays(alice, bob, lobby):
    say(alice, lobby, "first", "1")
    say(bob, lobby, "see https://bad.example", "2")
    moderation.take_down(lobby, 2)
    moderation.take_down(lobby, 2)
    message = Message.objects.get(room=lobby, number=2)
    assert (message.body, message.html, message.changed) == ("", "", 3)
    assert message.deleted_at
    assert [row.number for row in queries.changes_after(alice.pk, lobby.pk, 2)] == [2]
    assert "This message was removed." in browser(alice).get("/rooms/lobby/").content.decode()
    assert say(alice, lobby, "next", "3").message.changed == 4
    assert refused(moderation.take_down, lobby, 7) == "no_such_message"


def test_a_room_is_deleted_with_all_that_was_said_in_it(alice, bob, den):
    say(bob, den)
    moderation.delete_room(den)
    assert not Room.objects.filter(pk=den.pk).exists()
    assert not Message.objects.exists()
    assert say(bob, den, client_id="2").code == "not_a_member"
    assert browser(bob).get(den.get_absolute_url()).status_code == 404


def test_the_lobby_and_the_rooms_of_two_are_not_deleted(alice, bob, lobby):
    assert refused(moderation.delete_room, lobby) == "bad_room"
    assert refused(moderation.delete_room, rooms.direct(alice, bob)) == "bad_room"


# Nicknames.


def test_the_nickname_of_a_guest_who_is_away_can_be_freed(alice, bob, den):
    say(bob, den)
    assert moderation.free_nickname(bob) == "bob left"
    assert people.join("bob").pk != bob.pk
    assert [row.sender.nickname for row in queries.messages_before(alice.pk, den.pk).messages] == ["bob left"]
    assert members(den) == {"alice", "bob left"}


def test_the_nickname_of_who_is_here_or_has_an_account_is_not_freed(bob, django_user_model):
    leases.acquire("process", [bob.pk], LONG)
    assert refused(moderation.free_nickname, bob) == "is_here"
    carol = people.join("carol", django_user_model.objects.create_user("member"))
    assert refused(moderation.free_nickname, carol) == "bad_nickname"


def test_a_locked_nickname_is_nobodys(bob):
    for name in ("Ｂｏｂ", "zoe"):
        moderation.lock_nickname(name)
    assert refused(people.join, "ZOE") == "nickname_taken"
    assert refused(people.join_open, "zoe", "one") == "nickname_taken"
    assert queries.free_variant("zoe") == "zoe2"
    assert Profile.objects.get(nickname="bob") == bob
    moderation.unlock_nickname("ZOE")
    assert people.join("zoe")
    assert refused(moderation.unlock_nickname, "zoe") == "bad_nickname"
    for bad in ("", " ", "x" * 33, "a\0"):
        assert refused(moderation.lock_nickname, bad) == "bad_nickname"


@pytest.mark.django_db(transaction=True)
def test_what_is_decided_meanwhile_holds(alice, bob, den, lobby):
    with before_the_lock(lambda: moderation.lock_nickname("zoe")):
        assert refused(people.join, "zoe") == "nickname_taken"
    with before_the_lock(lambda: bans.ban(None, "192.0.2.7")):
        assert refused(people.join, "zack", None, "192.0.2.7") == "banned"
    with before_the_lock(lambda: leases.acquire("process", [bob.pk], LONG)):
        assert refused(moderation.free_nickname, bob) == "is_here"
    with before_the_lock(lambda: memberships.remove(alice, den, "bob")):
        assert refused(moderation.remove_member, bob, den) == "not_a_member"
    with before_the_lock(lambda: bans.ban(bob)):
        assert say(bob, lobby).code == "banned"


# Erasing and exporting.


@pytest.fixture
def known(alice, bob, den, lobby):
    """Bob, who has talked in three rooms."""
    bans.remember_address(bob.pk, "192.0.2.7")
    get_user_model().objects.filter(pk=bob.pk).update(email="bob@example.org", first_name="Robert", last_name="B")
    say(bob, den, "in the den", "1")
    say(bob, lobby, "in the lobby", "2")
    say(alice, lobby, "hello bob", "a1")
    say(bob, rooms.direct(alice, bob), "between us", "3")
    say(alice, rooms.direct(alice, bob), "indeed", "a2")
    return bob


def test_nothing_is_left_of_who_is_erased_and_the_others_words_stand(alice, known, den, lobby):
    visitor = browser(known)
    name = erasure.erase(known)
    assert name == f"Deleted person {known.pk}"
    assert set(Message.objects.filter(sender=known).values_list("body", "html")) == {("", "")}
    assert set(Message.objects.filter(sender=alice).values_list("body", flat=True)) == {"hello bob", "indeed"}
    user = get_user_model().objects.get(pk=known.pk)
    assert (user.username, user.email, user.first_name, user.last_name) == (f"deleted-{known.pk}", "", "", "")
    assert not user.is_active
    assert not LastAddress.objects.filter(profile=known).exists()
    assert members(den) == members(lobby) == {"alice"}
    assert visitor.get("/rooms/lobby/").status_code == 302
    assert people.join("bob").pk != known.pk


def test_who_is_erased_is_found_and_written_to_no_more(alice, known, den, django_user_model):
    name = erasure.erase(known)
    assert name not in [one.nickname for one in queries.people_like(alice.pk, "deleted", timezone.now())]
    assert refused(memberships.add, alice, den, name) == "no_such_person"
    assert post_messages([Draft(alice.pk, "x", "hi", to=name)])[0].code == "not_here"
    page = browser(alice).get(f"/people/{name}/")
    assert page.status_code == 200
    assert "indeed" in page.content.decode()


def test_the_staff_is_not_erased(bob):
    get_user_model().objects.filter(pk=bob.pk).update(is_staff=True)
    assert refused(erasure.erase, Profile.objects.get(pk=bob.pk)) == "bad_person"
    assert Profile.objects.filter(nickname="bob").exists()


def test_an_export_has_all_about_a_person_and_nothing_that_they_cannot_read(alice, known, mallory, den, tmp_path):
    say(alice, den, "not bob's", "a3")
    say(alice, rooms.direct(alice, mallory), "behind his back", "a4")
    path = tmp_path / "bob.json"
    call_command("export_person", "bob", str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    found = json.loads(path.read_text())
    assert {one["body"] for one in found["messages"]} == {"in the den", "in the lobby", "between us", "indeed"}
    assert found["profile"]["last_address"]["address"] == "192.0.2.7"
    assert {one["room__title"] for one in found["rooms"]} == {"Lobby", "Den", ""}
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_person", "bob", str(path))


def stored_bytes() -> bytes:
    """All that the database has on disk: its file, and its journal."""
    name = Path(connection.settings_dict["NAME"])
    return b"".join(path.read_bytes() for path in (name, Path(f"{name}-wal")) if path.exists())


@pytest.mark.django_db(transaction=True)
def test_the_bytes_of_what_is_deleted_are_gone(alice, lobby):
    """A nickname, an address and words, short ones and such as fill pages of their own: in the file and the journal."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's files are not ours to read.")
    secrets = [
        b"Rumpelstilz",
        b"192.0.2.77",
        b"shortwords",
        b"longwords",
        b"taken down",
        b"of a room",
        b"r@example.org",
    ]
    person = people.join("Rumpelstilz", None, "192.0.2.77")
    get_user_model().objects.filter(pk=person.pk).update(email="r@example.org")
    room = rooms.create(alice, Room.Kind.PUBLIC, "Attic", "")
    for number in range(40):
        say(person, lobby, f"shortwords {number}", f"short {number}")
        say(person, lobby, "longwords " * 900, f"long {number}")
        say(alice, lobby, f"other {number} " * 50, f"other {number}")
    say(alice, lobby, "taken down", "taken")
    say(alice, room, "of a room", "room")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
    assert all(secret in stored_bytes() for secret in secrets)
    erasure.erase(person)
    moderation.take_down(lobby, 121)
    moderation.delete_room(room)
    assert erasure.settled() == "Its bytes are out of the database's files."
    assert [secret for secret in secrets if secret in stored_bytes()] == []
    assert b"other 39" in stored_bytes()


# By hand.


def test_who_is_deleted_with_their_user_breaks_no_page(alice, bob, mallory, den):
    """Who has written anything is not deleted at all: they are erased."""
    say(alice, rooms.direct(alice, bob))
    bob.user.delete()
    visitor = browser(alice)
    for path in ("/rooms/lobby/", "/people/bob/", den.get_absolute_url(), "/people/mallory/", "/people/"):
        assert visitor.get(path).status_code in (200, 404)
    assert [own.room.title for own in queries.own_rooms(alice.pk)] == ["Lobby", "Den"]
    assert members(den) == {"alice"}


def test_a_room_whose_owner_is_deleted_has_another_one(alice, bob, den):
    alice.user.delete()
    assert queries.own_room(bob.pk, den.pk).role == Membership.Role.OWNER


# Who may.

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
    viewer.user_permissions.set(
        permission for permission in _permissions() if permission.codename.startswith(("view_", "delete_"))
    )
    guest, staff = Browser(), Browser()
    guest.force_login(rows["profile"].user)
    staff.force_login(viewer)
    before = state()
    for visitor in (Browser(), guest, staff):
        in_admin(visitor, model, action, rows[model])
        assert [row for table in state()[:-1] for row in table] == [row for table in before[:-1] for row in table]
    in_admin(owner, model, action, rows[model])
    assert state() != before


def _permissions():
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(content_type__app_label="chat")


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
    assert "The lobby cannot be deleted" in in_admin(owner, "room", "delete_room", lobby).content.decode()


# Commands.


def said(capsys, *command: str) -> str:
    call_command(*command)
    return capsys.readouterr().out


def test_commands_say_what_they_have_done(alice, bob, chess, capsys):
    memberships.join(bob, chess.slug)
    say(bob, chess)
    assert said(capsys, "signout", "BOB").startswith("bob is signed out everywhere.")
    assert "50 s" in said(capsys, "ban", "bob", "--network", "192.0.2.7/24", "--for", "2h", "--reason", "spam")
    assert str(Ban.objects.get()) == "bob and 192.0.2.0/24"
    assert "1 ban ended" in said(capsys, "unban", "bob")
    assert "no words any more" in said(capsys, "take_down", "chess", "1")
    assert "“bob left”" in said(capsys, "nickname", "free", "bob")
    assert "Nobody can take “zoe”" in said(capsys, "nickname", "lock", "zoe")
    assert "can be taken again" in said(capsys, "nickname", "unlock", "zoe")
    assert "“Chess” is deleted." in said(capsys, "delete_room", "chess")
    assert "Deleted person" in said(capsys, "erase_person", "bob left")


def test_words_between_two_people_can_be_taken_down_too(alice, bob, capsys):
    room = rooms.direct(alice, bob)
    say(alice, room, "bad words")
    assert "has no words any more" in said(capsys, "take_down", "--between", "BOB", "alice", "1")
    assert Message.objects.get(room=room).body == ""
    with pytest.raises(CommandError, match="no message 2 in that private room"):
        call_command("take_down", "--between", "alice", "bob", "2")


def test_a_member_is_shown_out_by_a_command(alice, bob, den, capsys):
    assert said(capsys, "remove_member", den.slug, "BOB").startswith("bob is no longer in “Den”.")
    assert members(den) == {"alice"}
    with pytest.raises(CommandError, match="bob is not in “Den”"):
        call_command("remove_member", den.slug, "bob")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["signout", "nobody"], "Nobody here is called"),
        (["ban", "bob", "--for", "soon"], "no length of time"),
        (["ban"], "needs a person or a network"),
        (["ban", "bob", "--address"], "not known any more"),
        (["ban", "--network", "x"], "no address or network"),
        (["unban", "bob"], "is not banned"),
        (["take_down", "nowhere", "1"], "no room at"),
        (["take_down", "lobby", "1"], "no message 1"),
        (["take_down", "1"], "either a room or"),
        (["take_down", "lobby", "1", "--between", "bob", "bob"], "either a room or"),
        (["take_down", "1", "--between", "bob", "nobody"], "Nobody here is called"),
        (["take_down", "1", "--between", "bob", "bob"], "have no private room"),
        (["remove_member", "nowhere", "bob"], "no room at"),
        (["remove_member", "lobby", "nobody"], "Nobody here is called"),
        (["nickname", "unlock", "bob"], "is not locked"),
        (["delete_room", "lobby"], "lobby cannot be deleted"),
        (["erase_person", "nobody"], "Nobody here is called"),
    ],
)
def test_a_command_that_is_refused_says_why(bob, lobby, command, says):
    with pytest.raises(CommandError, match=says):
        call_command(*command)
