"""The results of actions, also of many at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from chat.actions.messages import Draft, post_messages
from chat.models import Room
from chat.queries import Person
from chat.refusals import Refusal

WRITERS = 20


def all_at_once(work, arguments) -> list:
    """The results of `work` for each argument, from a thread each with a database connection of its own."""

    def in_thread(argument):
        try:
            return work(argument)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(arguments)) as threads:
        return list(threads.map(in_thread, arguments))


def refusal_of(action, *arguments) -> Refusal:
    with pytest.raises(Refusal) as caught:
        action(*arguments)
    return caught.value


def refused(action, *arguments) -> str:
    """The code of the refusal."""
    return refusal_of(action, *arguments).code


def say(sender, room, body="words", client_id="c"):
    """The outcome of a post."""
    (outcome,) = post_messages([Draft(sender.pk, client_id, body, room.pk)])
    return outcome


def names(people: list[Person]) -> list[str]:
    return [person.nickname for person in people]


def members(room: Room) -> set[str]:
    return set(room.memberships.values_list("profile__nickname", flat=True))
