"""An open page asks for another room, to show it in its place."""

import json

import pytest

from chat.actions import memberships
from tests.pages import browser, say

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.usefixtures("no_join_limit")]

JSON = {"HTTP_ACCEPT": "application/json"}


def test_a_room_comes_as_json_with_its_messages_as_data_and_not_as_markup(alice, bob, chess):
    memberships.join(bob, "chess")
    say(alice, "e2 <e4>", room=chess)
    answer = browser(bob).get("/rooms/chess/", **JSON)
    content = answer.json()
    assert content["title"] == "Chess"
    assert 'class="room-header"' in content["header"]
    assert 'id="composer"' in content["columns"]
    assert "e4" not in content["columns"]
    [message] = content["boot"]["messages"]
    assert (message["body"], message["sender"]["id"]) == ("e2 <e4>", alice.pk)
    assert content["boot"]["you"]["id"] == bob.pk
    assert content["boot"]["member"] is True
    assert "rooms" not in content["boot"]


def test_the_same_data_come_with_the_whole_page(alice, chess):
    say(alice, "e4", room=chess)
    client = browser(alice)
    page = client.get("/rooms/chess/").content.decode()
    boot = json.loads(page.partition('id="boot" type="application/json">')[2].partition("</script>")[0])
    in_place = client.get("/rooms/chess/", **JSON).json()["boot"]
    assert {name: boot[name] for name in in_place if name != "presence"} == {
        name: value for name, value in in_place.items() if name != "presence"
    }


@pytest.mark.parametrize("accept", ["text/html,application/xhtml+xml,*/*;q=0.8", "*/*", ""])
def test_others_get_the_page(alice, chess, accept):
    answer = browser(alice).get("/rooms/chess/", HTTP_ACCEPT=accept)
    assert answer["Content-Type"].startswith("text/html")
    assert "Accept" in answer["Vary"]


def test_no_cache_keeps_a_room_as_json(alice, chess):
    answer = browser(alice).get("/rooms/chess/", **JSON)
    assert answer["Cache-Control"] == "private, no-store"
    assert "Accept" in answer["Vary"]


def test_a_private_room_comes_to_its_members_only(den, alice, mallory, visitor):
    say(alice, "secret", room=den)
    assert browser(alice).get(f"/rooms/{den.slug}/", **JSON).status_code == 200
    refused = browser(mallory).get(f"/rooms/{den.slug}/", **JSON)
    assert refused.status_code == 404
    assert b"secret" not in refused.content
    assert visitor.get(f"/rooms/{den.slug}/", **JSON).status_code == 302


def test_a_person_with_whom_nothing_was_said_yet_comes_without_a_room(alice, bob):
    boot = browser(alice).get("/people/bob/", **JSON).json()["boot"]
    assert boot["room"] is None
    assert boot["other"] == {"id": bob.pk, "nickname": "bob"}
    assert boot["messages"] == []


def test_one_s_own_page_is_called_notes(alice):
    assert browser(alice).get("/people/alice/", **JSON).json()["title"] == "Notes"


def test_it_takes_fewer_queries_than_the_page(alice, chess, django_assert_max_num_queries):
    client = browser(alice)
    client.get("/rooms/chess/")
    with django_assert_max_num_queries(12):
        client.get("/rooms/chess/", **JSON)
