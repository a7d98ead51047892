"""Connecting under an open name, and writing to one."""

from datetime import timedelta
from itertools import count

from chat import queries
from chat.actions import leases, people
from chat.actions.messages import Draft, Stored, post_messages
from chat.models import Profile
from chat.refusals import Refusal

MINUTE = timedelta(minutes=1)
client_ids = (f"c{number}" for number in count())


def connect(profile: Profile, holder: str = "first") -> None:
    people.join_open(profile.nickname, holder)
    people.take_over(profile, holder, "process", MINUTE)


def disconnect(profile: Profile) -> None:
    leases.end("process", [profile.pk])


def holds(profile: Profile, holder: str) -> bool:
    return queries.holders([profile.pk]).get(profile.pk) == holder


def post(sender: Profile, **place: object) -> Stored | Refusal:
    place.setdefault("client_id", next(client_ids))
    return post_messages([Draft(sender.pk, body="hi", **place)])[0]


def code(outcome: Stored | Refusal) -> str:
    return outcome.code if isinstance(outcome, Refusal) else "stored"
