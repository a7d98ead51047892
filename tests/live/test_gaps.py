"""Messages whose rows somebody has deleted by hand, and people who leave between two statements of one answer."""

import json

import pytest
from django.test import Client as Browser

from chat import queries
from chat.actions import memberships, rates, rooms
from chat.actions.messages import Draft, post_messages
from chat.live import commands
from chat.models import Message, Room
from chat.wire import protocol
from tests.live.far_end import in_thread, stored
from tests.rivals import before_statement

pytestmark = pytest.mark.usefixtures("live_threads")


def say(sender, room, count=1, body="words"):
    post_messages(
        [Draft(sender.pk, f"{room.pk}-{body[:20]}-{place}".replace(" ", "-"), body, room.pk) for place in range(count)]
    )


def lose(room, *numbers):
    Message.objects.filter(room=room, number__in=numbers).delete()


async def answer(profile, room, before=None, limit=50) -> dict:
    frames: list[bytes] = []
    await commands.history(profile, protocol.History(room.pk, before, limit), frames.append)
    return json.loads(frames[0])


@pytest.mark.parametrize(
    ("lost", "before", "limit", "numbers", "gone", "more"),
    [
        ([], None, 3, [8, 9, 10], None, True),
        ([9], None, 3, [7, 8, 10], [[9, 9]], True),
        ([10], None, 3, [7, 8, 9], [[10, 10]], True),
        ([1], 4, 50, [2, 3], [[1, 1]], False),
        ([1, 2, 3], 4, 50, [], [[1, 3]], False),
        ([4, 5, 8], 10, 4, [3, 6, 7, 9], [[4, 5], [8, 8]], True),
        (range(1, 11), None, 50, [], [[1, 10]], False),
        ([], 1, 50, [], None, False),
        ([], 99, 2, [9, 10], None, True),
    ],
)
async def test_history_says_what_is_gone(alice, lobby, lost, before, limit, numbers, gone, more):
    await in_thread(say)(alice, lobby, 10)
    await in_thread(lose)(lobby, *lost)
    page = await answer(alice, lobby, before, limit)
    assert [message["number"] for message in page["messages"]] == numbers
    assert (page.get("gone"), page["more"]) == (gone, more)


async def test_of_a_page_that_is_cut_only_what_lies_in_the_rest_is_told_as_gone(alice, lobby):
    await in_thread(say)(alice, lobby, 20, "long " * 2000)
    await in_thread(lose)(lobby, 3, 18)
    page = await answer(alice, lobby)
    first = page["messages"][0]["number"]
    assert first > 3
    assert (page["gone"], page["more"]) == ([[18, 18]], True)


async def test_a_gap_in_the_middle_and_at_the_end_is_passed_over(alice, bob_client, lobby):
    """The last of three is told of, and the other two are gone; then the last one too."""
    *_, three = await in_thread(stored)(alice, lobby, "1", "2", "3")
    await in_thread(lose)(lobby, 1, 2)
    bob_client.tell(three)
    assert await bob_client.messages_seen(1) == [3]
    await in_thread(stored)(alice, lobby, "4")
    await in_thread(lose)(lobby, 4)
    await bob_client.connection.sync()
    await bob_client.until(lambda: bob_client.of("synced"))
    assert bob_client.connection.cursors[lobby.pk] == 4
    assert await bob_client.messages_seen(1) == [3]


async def test_what_is_gone_is_looked_for_once(alice, bob_client, lobby, monkeypatch):
    """Also while the channel layer is broken, when the hub looks every two seconds."""
    await in_thread(stored)(alice, lobby, "1", "2")
    await in_thread(lose)(lobby, 1, 2)
    read, changes = [], queries.changes
    monkeypatch.setattr(queries, "changes", lambda *place: read.append(place) or changes(*place))
    for _ in range(3):
        await bob_client.node.hub.catch_up()
    assert read == [(lobby.pk, 0)]
    assert bob_client.connection.cursors[lobby.pk] == 2


async def test_what_comes_while_a_gap_is_found_is_told(alice, bob_client, lobby, monkeypatch):
    await in_thread(stored)(alice, lobby, "1")
    await in_thread(lose)(lobby, 1)
    find = queries.head_after

    def find_late(*place):
        monkeypatch.setattr(queries, "head_after", find)
        stored(alice, lobby, "2")
        return find(*place)

    monkeypatch.setattr(queries, "head_after", find_late)
    await bob_client.connection.check()
    assert await bob_client.messages_seen(1) == [2]


def test_a_cursor_moves_over_a_gap_for_members_alone(alice, bob, mallory, den):
    say(alice, den, 3)
    assert queries.head_after(bob.pk, den.pk, 0) == 0
    lose(den, 3)
    assert queries.head_after(bob.pk, den.pk, 2) == 3
    assert queries.head_after(mallory.pk, den.pk, 2) is None
    assert queries.head_after(bob.pk, den.pk, 3) is None


# Between two statements.

SECRET = "only for those who are in"


def everybody_out(alice, bob, den):
    """Bob is removed, and then the others speak."""

    def act():
        memberships.remove(alice, den, "bob")
        rooms.edit(alice, den, SECRET, "")
        say(alice, den, 1, SECRET)
        memberships.add(alice, den, "carol of the secret")

    return act


@pytest.mark.parametrize("path", ["", "leave/"])
def test_who_is_removed_while_a_page_is_made_sees_no_byte_of_what_follows(alice, bob, den, person, path):
    """Whichever two statements it is between."""
    person("carol of the secret")
    say(alice, den, 2)
    browser = Browser()
    browser.force_login(bob.user)
    address = f"{den.get_absolute_url()}{path}"
    browser.get(address)  # The first one of a day prolongs the session, too.
    with before_statement(-1, lambda: None) as asked:
        assert browser.get(address).status_code == 200
    for place in range(len(asked)):
        rates.forget()
        with before_statement(place, everybody_out(alice, bob, den)):
            response = browser.get(address)
        assert response.status_code in (200, 404)
        assert SECRET not in response.content.decode(), f"before statement {place}: {asked[place]}"
        assert "carol of the secret" not in response.content.decode(), f"before statement {place}: {asked[place]}"
        memberships.remove(alice, den, "carol of the secret")
        rooms.edit(alice, den, "Den", "")
        Message.objects.filter(room=den, number__gt=2).delete()
        Room.objects.filter(pk=den.pk).update(message_count=2, sequence=2)
        memberships.add(alice, den, "bob")


@pytest.mark.parametrize("read", [queries.messages_before, queries.changes_after])
def test_who_is_removed_between_two_statements_reads_nothing_of_what_follows(alice, bob, den, person, read):
    person("carol of the secret")
    arguments = (bob.pk, den.pk, 0)[: 2 if read is not queries.changes_after else 3]
    with before_statement(-1, lambda: None) as asked:
        read(*arguments)
    for place in range(len(asked)):
        with before_statement(place, everybody_out(alice, bob, den)):
            found = read(*arguments)
        assert SECRET not in str([vars(one) for one in getattr(found, "messages", found or [])])
        Message.objects.filter(room=den).delete()
        Room.objects.filter(pk=den.pk).update(message_count=0, sequence=0)
        memberships.remove(alice, den, "carol of the secret")
        memberships.add(alice, den, "bob")
