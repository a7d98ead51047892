"""Browsers without a screen, by Django's own test client, and what tests of pages do with them."""

from html import unescape

from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client

from chat.actions.messages import Draft, post_messages
from chat.models import Membership, Message, Profile, Room


def browser(person: Profile, **options: bool) -> Client:
    """A browser in which this person has joined."""
    client = Client(**options)
    client.force_login(person.user)
    return client


def join(client: Client, nickname: str, **fields: str) -> HttpResponse:
    return client.post("/join/", {"nickname": nickname, **fields})


def say(person: Profile, body: str, *, room: Room | None = None, to: str | None = None, times: int = 1) -> None:
    start = Message.objects.count()
    drafts = [Draft(person.pk, f"c-{start + number}", body, room.pk if room else None, to) for number in range(times)]
    assert not [outcome for outcome in post_messages(drafts) if isinstance(outcome, Exception)]


def counts() -> tuple[int, ...]:
    """How much is stored."""
    return tuple(model.objects.count() for model in (get_user_model(), Profile, Room, Membership, Message))


def text(response: HttpResponse) -> str:
    return unescape(response.content.decode())
