"""The commands with which an owner moderates: what they do, say and refuse."""

import pytest
from django.core.management import CommandError, call_command

from chat.actions import memberships, rooms
from chat.models import Ban, Message
from tests.actions.outcomes import members, say

pytestmark = pytest.mark.django_db


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
    with pytest.raises(CommandError, match="no message 2 in that direct message"):
        call_command("take_down", "--between", "alice", "bob", "2")


def test_a_member_is_shown_out_by_a_command(alice, bob, den, capsys):
    assert said(capsys, "remove_member", den.slug, "BOB").startswith("bob is no longer in “Den”.")
    assert members(den) == {"alice"}
    with pytest.raises(CommandError, match="bob isn't in “Den”"):
        call_command("remove_member", den.slug, "bob")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["signout", "nobody"], "No one here is called"),
        (["ban", "bob", "--for", "soon"], "no length of time"),
        (["ban"], "needs a person or a network"),
        (["ban", "bob", "--address"], "no longer know"),
        (["ban", "--network", "x"], "isn't an address or a network"),
        (["unban", "bob"], "isn't banned"),
        (["take_down", "nowhere", "1"], "no room at"),
        (["take_down", "lobby", "1"], "no message 1"),
        (["take_down", "1"], "either a room or"),
        (["take_down", "lobby", "1", "--between", "bob", "bob"], "either a room or"),
        (["take_down", "1", "--between", "bob", "nobody"], "No one here is called"),
        (["take_down", "1", "--between", "bob", "bob"], "have no direct messages"),
        (["remove_member", "nowhere", "bob"], "no room at"),
        (["remove_member", "lobby", "nobody"], "No one here is called"),
        (["nickname", "unlock", "bob"], "isn't locked"),
        (["delete_room", "lobby"], "can't delete the lobby"),
        (["erase_person", "nobody"], "No one here is called"),
    ],
)
def test_a_command_that_is_refused_says_why(bob, lobby, command, says):
    with pytest.raises(CommandError, match=says):
        call_command(*command)
