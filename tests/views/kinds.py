"""An answer of each kind that the site gives."""

from django.http import HttpResponse
from django.test import Client

from chat.actions import memberships, rooms
from chat.actions.changes import Pin, change_messages
from chat.actions.saving import Save, save_messages
from chat.models import Profile, Room
from tests.pages import browser, join, say


def one_of_each(alice: Profile, bob: Profile) -> dict[str, HttpResponse]:
    """By a name that says which."""
    room = rooms.create(alice, Room.Kind.PUBLIC, "Chess", "a topic")
    cellar = rooms.create(alice, Room.Kind.PRIVATE, "Cellar", "")
    memberships.add(alice, cellar, "bob")
    say(alice, "see http://example.org/?a=1&b=2 <b>", room=room, times=2)
    say(alice, "psst", to="bob")
    change_messages([Pin(alice.pk, "p", room.pk, 1, True)])
    save_messages([Save(alice.pk, "s", room.pk, 1, True)])
    mine, theirs = browser(alice), browser(bob)
    strict = Client(enforce_csrf_checks=True)
    return {
        "join": Client().get("/"),
        "join refused": join(Client(), "alice"),
        "to join": Client().get("/rooms/"),
        "joined": join(Client(), "new one"),
        "rooms": mine.get("/rooms/"),
        "new room": mine.get("/rooms/new/"),
        "new room refused": mine.post("/rooms/new/"),
        "room": mine.get("/rooms/chess/"),
        "preview": theirs.get("/rooms/chess/"),
        "message": mine.get("/rooms/chess/1/"),
        "private room": mine.get(f"/rooms/{cellar.slug}/"),
        "private room of another's": theirs.get(f"/rooms/{cellar.slug}/"),
        "edit": mine.get("/rooms/chess/edit/"),
        "edit refused": theirs.get("/rooms/chess/edit/"),
        "people": mine.get("/people/", {"q": "bob"}),
        "nobody found": mine.get("/people/", {"q": "<none>"}),
        "no room found": mine.get("/rooms/", {"q": "<none>"}),
        "person": mine.get("/people/bob/"),
        "notes": mine.get("/people/alice/"),
        "nobody": mine.get("/people/who/"),
        "no room": mine.get("/rooms/none/"),
        "no page": Client().get("/none/"),
        "no token": strict.post("/join/"),
        "wrong method": mine.get("/join/"),
        "saved": mine.get("/saved/"),
        "pins": mine.get("/rooms/chess/pins/"),
        "origin": mine.get("/rooms/chess/1/origin/"),
        "sign out": mine.get("/sign-out/"),
        "settings": mine.get("/settings/"),
        "settings refused": mine.post("/settings/", {"language": "x"}),
        "settings, not joined": Client().get("/settings/"),
        "left": theirs.post(f"/rooms/{cellar.slug}/leave/", follow=True),
        "healthz": Client().get("/healthz"),
        "echo": Client().get("/ws"),
        "open name": Client().get("/ws/bob"),
        "open name, in Chinese": Client().get("/ws/bob", headers={"Accept-Language": "zh"}),
    }
