import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from chat import queries, refusals
from chat.actions import bans, leases, locks, memberships, readings, rooms
from chat.languages import LANGUAGES
from chat.models import Profile
from chat.refusals import Refusal
from chat.text import nicknames
from chat.wire import events

logger = logging.getLogger(__name__)


def join(typed: str, user: Any = None, address: str = "") -> Profile:
    """Takes the nickname for a person and adds them to the lobby.

    `user` is a signed-in user who has no nickname yet. Without one the person becomes a guest: a new user without a
    password. Raises `Refusal`: `bad_nickname`, `nickname_taken`, `banned`.
    """
    nickname = _clean(typed)
    known = queries.person(nickname)
    if known:
        raise _open(nickname) if known.is_open else _taken(nickname)
    try:
        return _create(nickname, Profile.Kind.MEMBER if user else Profile.Kind.GUEST, user, address)
    except IntegrityError:
        raise _taken(nickname) from None


def join_open(typed: str, holder: str, address: str = "") -> Profile:
    """Returns the typed open name, which from now on belongs to this connection alone.

    First use creates the name and adds it to the lobby. An existing one stays valid even if it could not be created
    today. Raises `Refusal`: `bad_nickname`, `banned`, and `nickname_taken` if the name has a cookie, a password or a
    token.
    """
    profile = queries.person(typed)
    if profile is None:
        nickname = _clean(typed)
        try:
            profile = _create(nickname, Profile.Kind.OPEN, address=address)
        except IntegrityError:  # Another connection created it at the same moment.
            profile = queries.person(nickname)
    if profile is None or not profile.is_open:
        raise _taken(" ".join(typed.split()))
    with locks.person(profile.pk):
        bans.check(profile.pk, address)
        if not _record_holder(profile, holder):
            raise _taken(profile.nickname)
        bans.remember_address(profile.pk, address)
    return profile


def _record_holder(profile: Profile, holder: str) -> bool:
    """Records the holder of an open name. Returns False if it is no longer an open name or was renamed."""
    own = Profile.objects.filter(pk=profile.pk, kind=Profile.Kind.OPEN, nickname_key=profile.nickname_key)
    return bool(own.update(holder=holder, seen_at=timezone.now()))


def take_over(profile: Profile, holder: str, process: str, length: timedelta) -> None:
    """Makes an open name reachable at once, when the connection that took it is open; the previous one may then close.

    Does nothing if another connection has taken the name meanwhile.
    """
    with locks.person(profile.pk) as own:
        if own is None or own.holder != holder:
            return
        leases.acquire(process, [profile.pk], length)
        events.announce_on_commit([events.user_group(profile.pk)], events.TakenOver(holder))


def sign_out(user_id: int, session_key: str) -> None:
    """Notifies the open connections of a session that it has ended."""
    events.announce_on_commit([events.user_group(user_id)], events.signed_out(session_key))


def choose_language(profile: Profile, language: str) -> None:
    """Stores the language of a person's pages. Raises `Refusal`: `bad_language`."""
    if language not in LANGUAGES:
        raise Refusal("bad_language")
    Profile.objects.filter(pk=profile.pk).update(language=language)


def probe(profile: Profile) -> int:
    """Stores a trial message, notifies the person's own connections, and returns its number."""
    own = Profile.objects.filter(pk=profile.pk)
    with transaction.atomic():
        if not own.update(probe=F("probe") + 1):
            raise refusals.not_signed_in()
        number = own.values_list("probe", flat=True).get()
        events.announce_on_commit([events.user_group(profile.pk)], events.probe(number))
    return number


def prolong(session: SessionBase, profile: Profile, address: str = "") -> None:
    """Saves a session once a day, so that it expires after its full length without a visit, and not before.

    A guest's nickname is kept for the same time; the person's address is recorded too. If saving fails (the disk is
    full), the requested page is still shown.
    """
    today = timezone.now().date().isoformat()
    if session.get("seen_on") == today:
        return
    session["seen_on"] = today
    try:
        session.save()
        Profile.objects.filter(pk=profile.pk).update(seen_at=timezone.now())
        bans.remember_address(profile.pk, address)
    except (UpdateError, DatabaseError):
        logger.exception("A session could not be prolonged.")
        session.modified = False


def sign_anew(session: SessionBase) -> None:
    """Saves a session that was signed with an older secret key, so that it is signed with the current one.

    If saving fails, the session stays as it is and remains valid until the older key is dropped.
    """
    try:
        session.save()
    except (UpdateError, DatabaseError):
        logger.exception("A session could not be signed with the new secret key.")


def _clean(typed: str) -> str:
    try:
        return nicknames.clean(typed)
    except nicknames.InvalidNickname as error:
        raise Refusal(f"bad_nickname.{error.reason}", **error.values) from None


def _create(nickname: str, kind: str, user: Any = None, address: str = "") -> Profile:
    """Creates a profile and adds it to the lobby.

    Raises `IntegrityError` if the nickname was taken meanwhile, and `Refusal`: `nickname_taken` if a look-alike is
    taken or locked, `banned`. Of two look-alikes at once, the second waits for the lobby's row lock.
    """
    with transaction.atomic():
        user = user or _guest()
        with locks.room(rooms.lobby().pk) as lobby:
            bans.check(None, address)
            if queries.is_locked(nickname):
                raise Refusal("nickname_taken.locked", nickname=nickname)
            alike = queries.look_alike(nickname)
            if alike:
                raise Refusal("nickname_taken.alike", nickname=nickname, other=alike.nickname)
            profile = Profile.objects.create(
                user=user,
                kind=kind,
                nickname=nickname,
                nickname_key=nicknames.key(nickname),
                skeleton=nicknames.skeleton(nickname),
            )
            readings.write(profile.pk, nickname)
            if lobby:
                memberships.enter(profile, lobby)
            bans.remember_address(profile.pk, address)
    return profile


def _guest() -> Any:
    """Creates a user with a generated username: the nickname need not fit the project's user model."""
    model = get_user_model()
    user = model(**{model.USERNAME_FIELD: f"guest-{uuid4().hex}"})
    user.set_unusable_password()
    user.save()
    return user


def _taken(nickname: str) -> Refusal:
    return Refusal("nickname_taken", nickname=nickname)


def _open(nickname: str) -> Refusal:
    return Refusal("nickname_taken.open", nickname=nickname)
