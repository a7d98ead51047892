"""Invitations into private rooms."""

from typing import NamedTuple

from chat.models import (
    Invitation,
)


class Asked(NamedTuple):
    """An invitation as its recipient sees it."""

    id: int
    title: str
    by: str


def invitations_of(profile_id: int) -> list[Asked]:
    """Returns a person's invitations, newest first. `actions/rates.py` limits their number."""
    found = Invitation.objects.filter(profile_id=profile_id).order_by("-pk")
    return [Asked(*row) for row in found.values_list("pk", "room__title", "by__nickname")]


def invitation_count(profile_id: int) -> int:
    return Invitation.objects.filter(profile_id=profile_id).count()
