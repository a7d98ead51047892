import logging
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from chat import queries
from chat.actions import memberships
from chat.live import events
from chat.models import LOBBY, Profile, Room
from chat.refusals import Refusal
from chat.text import nicknames

logger = logging.getLogger(__name__)


def join(typed: str, user: Any = None) -> Profile:
    """Takes the nickname for a person and brings them into the lobby.

    Without a `user` (somebody who is signed in already, without a nickname yet) the person is a guest: a user of
    their own, without a password. Raises `Refusal`: `bad_nickname`, `nickname_taken`.
    """
    try:
        nickname = nicknames.clean(typed)
    except nicknames.InvalidNickname as error:
        raise Refusal("bad_nickname", str(error)) from None
    if queries.person(nickname):
        raise _taken(nickname)
    try:
        with transaction.atomic():
            profile = _create(nickname, user)
            memberships.enter(profile, Room.objects.get(slug=LOBBY))
    except IntegrityError:
        raise _taken(nickname) from None
    return profile


def sign_out(user_id: int, session_key: str) -> None:
    """Tells the open connections of a session that it has ended."""
    events.announce_on_commit([events.user_group(user_id)], events.signed_out(session_key))


def prolong(session: SessionBase) -> None:
    """Saves a session once a day, so that it ends when nobody has come for its whole length, and not before.

    Where it cannot be saved (the disk is full) the page that was asked for is shown all the same.
    """
    today = timezone.now().date().isoformat()
    if session.get("seen_on") == today:
        return
    session["seen_on"] = today
    try:
        session.save()
    except (UpdateError, DatabaseError):
        logger.exception("A session could not be prolonged.")
        session.modified = False


def _create(nickname: str, user: Any) -> Profile:
    kind = Profile.Kind.MEMBER if user else Profile.Kind.GUEST
    return Profile.objects.create(
        user=user or _guest(), kind=kind, nickname=nickname, nickname_key=nicknames.key(nickname)
    )


def _guest() -> Any:
    """A new user row: unnamed, because the nickname is the profile's and need not suit the project's user model."""
    model = get_user_model()
    user = model(**{model.USERNAME_FIELD: f"guest-{uuid4().hex}"})
    user.set_unusable_password()
    user.save()
    return user


def _taken(nickname: str) -> Refusal:
    return Refusal("nickname_taken", f"“{nickname}” is taken by somebody else.")
