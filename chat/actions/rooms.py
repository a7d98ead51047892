from datetime import timedelta

from django.db import DEFAULT_DB_ALIAS, IntegrityError
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.text import slugify

from chat import queries, refusals, rules
from chat.actions import locks, memberships, rates
from chat.models import LOBBY, Membership, Profile, Room
from chat.models.room import direct_key
from chat.refusals import Refusal, refuse
from chat.text import lines
from chat.wire import events

_SLUG_LENGTH = 60
_ALIKE = 100
"""The limit of the numbers that keep equal addresses apart; beyond it, addresses end in random characters."""
_JUST_NOW = timedelta(minutes=1)
_NOT_SLUGS = frozenset({"new"})
"""Words with another meaning in the place of a slug in a URL."""


def create(profile: Profile, kind: str, title: str, topic: str, address: str = "") -> Room:
    """Creates a public or private room, owned by its creator.

    Raises `Refusal`: `title_taken`, `bad_room`, `bad_topic`, `too_fast`, `too_many`.

    A repeated request, such as a double click, returns the room just made, as long as it has no messages.
    """
    title, topic = _words(title, topic)
    if kind not in (Room.Kind.PUBLIC, Room.Kind.PRIVATE):
        raise Refusal("bad_room.kind")
    try:
        with locks.person(profile.pk) as maker, locks.titles():  # One person's requests are handled one at a time.
            if maker is None:
                raise refusals.not_signed_in()
            made = queries.room_made_by(profile.pk, kind, title, topic, timezone.now() - _JUST_NOW)
            if made:
                return made
            if kind == Room.Kind.PUBLIC and queries.public_room_titled(title):
                raise _taken(title)
            memberships.check_own(profile)
            rates.rooms.count(profile, address)
            room = Room.objects.create(
                kind=kind, slug=_slug(kind, title), title=title, title_key=lines.key(title), topic=topic
            )
            memberships.enter(profile, room, Membership.Role.OWNER)
    except IntegrityError:  # Another room took the address between the check and the insert.
        raise _taken(title) from None
    return room


def edit(profile: Profile, room: Room, title: str, topic: str, address: str = "") -> None:
    """Changes a room's title and topic; its address stays. Owners only.

    Raises `Refusal`: `forbidden`, `title_taken`, `bad_room`, `bad_topic`, `too_fast`.
    """
    refuse(rules.edit_room(queries.role_in(profile.pk, room.pk)))
    title, topic = _words(title, topic)
    with locks.titles(room.pk):
        refuse(rules.edit_room(queries.role_in(profile.pk, room.pk)))
        if room.kind == Room.Kind.PUBLIC and queries.public_room_titled(title) not in (None, room):
            raise _taken(title)
        rates.edits.count(profile, address)
        Room.objects.filter(pk=room.pk).update(title=title, title_key=lines.key(title), topic=topic)
        room.refresh_from_db()
        events.announce_on_commit(events.audience(room), events.room_changed(room))


def lobby(using: str = DEFAULT_DB_ALIAS) -> Room:
    """Returns the room that everybody joins, and creates it if it is missing."""
    words = {"title": "Lobby", "title_key": lines.key("Lobby"), "topic": "Everyone is here. Say hello!"}
    defaults = {"kind": Room.Kind.PUBLIC, **words}
    return Room.objects.using(using).get_or_create(slug=LOBBY, defaults=defaults)[0]


def store_lobby_again() -> None:
    """Rewrites the lobby's row unchanged, to test that the database accepts writes."""
    Room.objects.filter(slug=LOBBY).update(slug=LOBBY)


def direct(one: Profile, other: Profile, address: str = "") -> Room:
    """Returns the direct room of two people, or one person's notes; creates it for the first message from `one`.

    Raises `Refusal`: `too_fast` if `one` writes to too many new people, or too many new people write to `other`.
    """
    key = direct_key(one.pk, other.pk)
    if one.pk != other.pk and not Room.objects.filter(direct_key=key).exists():
        rates.count_beginning(one, other, address)
    room, _ = Room.objects.get_or_create(direct_key=key, defaults={"kind": Room.Kind.DIRECT})
    made = [Membership.objects.get_or_create(room=room, profile=profile)[1] for profile in {one, other}]
    memberships.count(room, sum(made))
    return room


def _words(title: str, topic: str) -> tuple[str, str]:
    """Returns a room's cleaned title and topic. Raises `Refusal` if one has nothing visible; a topic may be empty."""
    clean_title, clean_topic = lines.clean(title), lines.clean(topic)
    if not clean_title:
        raise Refusal("bad_room.unseen_title" if title.strip() else "bad_room.no_title")
    if topic.strip() and not clean_topic:
        raise Refusal("bad_topic")
    return clean_title, clean_topic


def _slug(kind: str, title: str) -> str:
    """Returns the room's slug, made from its title; "C", "C++" and "C#" need a number to differ.

    A private room's slug ends in random characters: a collision would reveal that the private room exists.
    """
    slug = slugify(title, allow_unicode=True)[:_SLUG_LENGTH].strip("-_") or "room"
    if kind == Room.Kind.PRIVATE:
        return f"{slug}-{_random()}"
    numbered = [slug, *(f"{slug}-{number}" for number in range(2, _ALIKE))]
    taken = _NOT_SLUGS | queries.slugs_among(numbered)
    return next((one for one in numbered if one not in taken), None) or f"{slug}-{_random()}"


def _random() -> str:
    return get_random_string(8, "abcdefghjkmnpqrstuvwxyz23456789")


def _taken(title: str) -> Refusal:
    return Refusal("title_taken", title=title)
