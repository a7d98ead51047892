"""Erasing and exporting a person: what is left of them, and what they are given."""

import json
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from chat import queries
from chat.actions import bans, changes, erasure, memberships, moderation, people, rooms, saving
from chat.actions.messages import Draft, Original, post_messages
from chat.models import (
    Deletion,
    LastAddress,
    Membership,
    Mention,
    Message,
    Pin,
    Profile,
    Reaction,
    Revision,
    Room,
    Saved,
)
from tests.actions.outcomes import members, refused, say
from tests.pages import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(alice, bob, den, lobby):
    """Bob, who has talked in three rooms."""
    bans.remember_address(bob.pk, "192.0.2.7")
    get_user_model().objects.filter(pk=bob.pk).update(email="bob@example.org", first_name="Robert", last_name="B")
    say(bob, den, "in the den", "1")
    say(bob, lobby, "in the lobby", "2")
    say(alice, lobby, "hello bob", "a1")
    say(bob, rooms.direct(alice, bob), "between us", "3")
    changes.change_messages([changes.Edit(bob.pk, "e", den.pk, 1, 1, "in the den, edited")])
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


def test_nothing_is_left_at_what_they_had_deleted_a_moment_before_nor_can_that_be_undone(alice, known, den):
    on = alice.pk, "c", den.pk, 1
    changes.change_messages([changes.React(*on, "👍", True), changes.Pin(*on, True)])
    saving.save_messages([saving.Save(*on, True)])
    changes.change_messages([changes.Delete(*on)])
    erasure.erase(known)
    for rows in (Deletion, Mention, Pin, Reaction, Revision, Saved):
        assert not rows.objects.exists()
    assert changes.change_messages([changes.Restore(*on)])[0].code == "too_late"
    assert Message.objects.get(room=den, number=1).body == ""


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
    changes.change_messages([changes.Pin(known.pk, "p", den.pk, 1, True)])
    saving.save_messages([saving.Save(known.pk, "s", den.pk, 1, True)])
    people.choose_language(queries.person("bob"), "zh-hans")
    say(alice, rooms.direct(alice, mallory), "behind his back", "a4")
    path = tmp_path / "bob.json"
    call_command("export_person", "bob", str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    found = json.loads(path.read_text())
    assert [(one["message__room"], one["message__number"]) for one in found["pins"]] == [(den.pk, 1)]
    assert [(one["message__room"], one["message__number"]) for one in found["saved"]] == [(den.pk, 1)]
    bodies = {one["body"] for one in found["messages"]}
    assert bodies == {"in the den, edited", "in the lobby", "between us", "indeed"}
    assert [one["body"] for one in found["earlier_versions"]] == ["in the den"]
    assert found["profile"]["last_address"]["address"] == "192.0.2.7"
    assert found["profile"]["language"] == "zh-hans"
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
        b"said at first",
        b"said instead",
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
    number = say(alice, lobby, "said at first", "edited").message.number
    changes.change_messages([changes.Edit(alice.pk, "edit", lobby.pk, number, 10**6, "said instead")])
    changes.change_messages([changes.Delete(alice.pk, "delete", lobby.pk, number)])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
    assert all(secret in stored_bytes() for secret in secrets)
    erasure.erase(person)
    moderation.take_down(lobby, 121)
    moderation.delete_room(room)
    Deletion.objects.update(deleted_at=timezone.now() - changes.PURGE_AFTER)
    assert changes.purge() == 1
    assert erasure.settled() == "Its bytes are out of the database's files."
    assert [secret for secret in secrets if secret in stored_bytes()] == []
    assert b"other 39" in stored_bytes()


# By hand.


def test_who_is_deleted_with_their_user_breaks_no_page(alice, bob, mallory, den):
    """A person who has written anything is not deleted at all, but erased."""
    say(alice, rooms.direct(alice, bob))
    bob.user.delete()
    visitor = browser(alice)
    for path in ("/rooms/lobby/", "/people/bob/", den.get_absolute_url(), "/people/mallory/", "/people/"):
        assert visitor.get(path).status_code in (200, 404)
    assert [own.room.title for own in queries.own_rooms(alice.pk)] == ["Den", "Lobby"]
    assert members(den) == {"alice"}


def test_what_was_saved_of_direct_messages_ends_with_their_other_person(alice, bob, lobby):
    """Nothing else leads to these messages any more, nor does a copy of one."""
    room = rooms.direct(alice, bob)
    say(alice, room)
    say(alice, alice_notes := rooms.direct(alice, alice), client_id="n")
    saving.save_messages([saving.Save(alice.pk, "s", one.pk, 1, True) for one in (room, alice_notes)])
    post_messages([Draft(alice.pk, "f", "", lobby.pk, forward=Original(room.pk, 1))])
    bob.user.delete()
    assert [one.message.room for one in queries.saved(alice.pk)] == [alice_notes]
    assert "/rooms/None/" not in browser(alice).get("/saved/").content.decode()
    assert browser(alice).get("/rooms/lobby/1/origin/").status_code == 404


def test_a_room_whose_owner_is_deleted_has_another_one(alice, bob, den):
    alice.user.delete()
    assert queries.own_room(bob.pk, den.pk).role == Membership.Role.OWNER
