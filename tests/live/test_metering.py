"""The cost of frames, by their work, and of pages, which are counted by person or by address."""

import pytest

from chat import addresses
from chat.actions import people
from chat.limits import Buckets
from chat.live import metering
from chat.views import decorators
from chat.wire import protocol
from tests.pages import browser

pytestmark = pytest.mark.above_storage


# The cost of frames.


@pytest.mark.parametrize(
    ("frame", "times"),
    [
        (protocol.Read(1, 1), 2),
        (protocol.Typing(1), 2),
        (protocol.History(1), 6),
        (protocol.History(1, limit=100), 11),
        (protocol.Join("chess"), 10),
        (protocol.Leave(1), 10),
        (protocol.Probe(), 5),
        (protocol.Post(client_id="x", body="hi", room=1), 1),
        (protocol.Post(client_id="x", body="hi", to="bob"), 3),
        (protocol.Post(client_id="x", body="", room=1, forward=protocol.Original(2, 1)), 2),
        (protocol.Pin(client_id="x", room=1, number=1, on=True), 2),
        (protocol.Save(client_id="x", room=1, number=1, on=True), 2),
        (protocol.Sync({}), 2),
        (protocol.Sync(dict.fromkeys(range(1, 501), 0)), 12),
        (None, 1),
    ],
)
def test_a_frame_costs_as_much_as_its_work(frame, times):
    assert metering.cost(0, frame) == times


def test_each_kind_of_frame_has_a_cost():
    costly = {"Sync", "Read", "Typing", "History", "Join", "Leave", "Probe", "Edit", "Delete", "Restore", "React"}
    costly |= {"Pin", "Save"}
    assert {kind.__name__ for kind in protocol.ClientFrame.__args__} == {"Post", *costly}


def test_a_large_frame_costs_more_than_a_small_one_whatever_is_in_it():
    assert metering.cost(protocol.FRAME_BYTES) == 17


# Pages.


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/live/seen", "/ws", "/ws/robin", "/connection/echo"])
def test_pages_for_strangers_are_counted_by_address(visitor, monkeypatch, path):
    monkeypatch.setattr(addresses, "anonymous", Buckets(20, 0.01))
    answers = [visitor.get(path) for _ in range(11)]
    assert answers[0].status_code != 429
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) >= 1
    assert "from your address" in answers[-1].content.decode()


@pytest.mark.django_db
def test_pages_of_people_are_counted_by_person(monkeypatch):
    monkeypatch.setattr(decorators, "pages", Buckets(5, 0.01))
    alice, bob = browser(people.join("alice")), browser(people.join("bob"))
    answers = [alice.get(path) for path in ("/rooms/", "/rooms/lobby/", "/people/", "/connection/", "/rooms/new/")]
    assert {answer.status_code for answer in answers} == {200}
    slowed = alice.get("/rooms/lobby/")
    assert slowed.status_code == 429
    assert 50 < int(slowed["Retry-After"]) <= 100
    assert f"Wait {slowed['Retry-After']} seconds and try again." in slowed.content.decode()
    assert bob.get("/rooms/lobby/").status_code == 200


@pytest.mark.django_db
def test_pages_of_people_are_not_charged_to_their_address(monkeypatch):
    monkeypatch.setattr(addresses, "anonymous", Buckets(1, 1e-9))
    addresses.anonymous.consume("127.0.0.1")
    alice = people.join("alice")
    assert browser(alice).get("/rooms/").status_code == 200
    assert browser(alice).get("/").status_code == 302
