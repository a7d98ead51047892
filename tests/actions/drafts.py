"""Drafts, what becomes of them, and the numbers that a room then has."""

from itertools import count

from chat.actions.messages import Draft, post_messages
from chat.models import Room
from chat.refusals import Refusal

client_ids = (f"c{number}" for number in count())


def draft(sender, room=None, body="hi", **fields) -> Draft:
    fields.setdefault("client_id", next(client_ids))
    return Draft(sender.pk, body=body, room_id=room.pk if room else None, **fields)


def post(sender, room=None, body="hi", **fields):
    return post_messages([draft(sender, room, body, **fields)])[0]


def refusal_code(outcome) -> str:
    assert isinstance(outcome, Refusal)
    return outcome.code


def assert_gapless(room: Room, expected: int) -> None:
    room.refresh_from_db()
    numbers = list(room.messages.order_by("number").values_list("number", flat=True))
    changes = list(room.messages.order_by("changed").values_list("changed", flat=True))
    assert numbers == list(range(1, expected + 1))
    assert changes == list(range(1, expected + 1))
    assert (room.message_count, room.sequence) == (expected, expected)
