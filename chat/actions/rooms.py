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
"""Rooms whose addresses differ by a number alone; the ends of others' are at random."""
_JUST_NOW = timedelta(minutes=1)
_NOT_SLUGS = frozenset({"new"})
"""Words that stand for something else where a slug stands in an address."""


def create(profile: Profile, kind: str, title: str, topic: str, place: str = "") -> Room:
    """A new public or private room; who makes it owns it.

    Raises `Refusal`: `title_taken`, `bad_room`, `bad_topic`, `too_fast`, `too_many`.

    Who asks twice, as by a double click, gets the same room: the one they have just made, while nothing is said in it.
    """
    title, topic = _words(title, topic)
    if kind not in (Room.Kind.PUBLIC, Room.Kind.PRIVATE):
        raise Refusal("bad_room.kind")
    try:
        with locks.person(profile.pk) as maker, locks.titles():  # One form of theirs after the other.
            if maker is None:
                raise refusals.not_signed_in()
            made = queries.room_made_by(profile.pk, kind, title, topic, timezone.now() - _JUST_NOW)
            if made:
                return made
            if kind == Room.Kind.PUBLIC and queries.public_room_titled(title):
                raise _taken(title)
            memberships.check_own(profile)
            rates.rooms.count(profile, place)
            room = Room.objects.create(
                kind=kind, slug=_slug(kind, title), title=title, title_key=lines.key(title), topic=topic
            )
            memberships.enter(profile, room, Membership.Role.OWNER)
    except IntegrityError:  # Somebody else took the address between the look and the step.
        raise _taken(title) from None
    return room


def edit(profile: Profile, room: Room, title: str, topic: str, place: str = "") -> None:
    """Gives a room another title and topic; its address stays. Owners only.

    Raises `Refusal`: `forbidden`, `title_taken`, `bad_room`, `bad_topic`, `too_fast`.
    """
    refuse(rules.edit_room(queries.role_in(profile.pk, room.pk)))
    title, topic = _words(title, topic)
    with locks.titles(room.pk):
        refuse(rules.edit_room(queries.role_in(profile.pk, room.pk)))
        if room.kind == Room.Kind.PUBLIC and queries.public_room_titled(title) not in (None, room):
            raise _taken(title)
        rates.edits.count(profile, place)
        Room.objects.filter(pk=room.pk).update(title=title, title_key=lines.key(title), topic=topic)
        room.refresh_from_db()
        events.announce_on_commit(events.audience(room), events.room_changed(room))


def lobby(using: str = DEFAULT_DB_ALIAS) -> Room:
    """The room that everybody joins; made anew if it is lost."""
    words = {"title": "Lobby", "title_key": lines.key("Lobby"), "topic": "Everybody is here. Say hello!"}
    defaults = {"kind": Room.Kind.PUBLIC, **words}
    return Room.objects.using(using).get_or_create(slug=LOBBY, defaults=defaults)[0]


def store_lobby_again() -> None:
    """Writes the lobby's row as it is: whether anything can be stored now."""
    Room.objects.filter(slug=LOBBY).update(slug=LOBBY)


def direct(one: Profile, other: Profile, place: str = "") -> Room:
    """The direct room of two people (of one: their notes), made when the first message is on its way from `one`.

    Raises `Refusal`: `too_fast`, for who writes to too many new people, and to whom too many new people write.
    """
    key = direct_key(one.pk, other.pk)
    if one.pk != other.pk and not Room.objects.filter(direct_key=key).exists():
        rates.count_beginning(one, other, place)
    room, _ = Room.objects.get_or_create(direct_key=key, defaults={"kind": Room.Kind.DIRECT})
    made = [Membership.objects.get_or_create(room=room, profile=profile)[1] for profile in {one, other}]
    memberships.count(room, sum(made))
    return room


def _words(title: str, topic: str) -> tuple[str, str]:
    """A room's title and topic, cleaned. Raises `Refusal` where nothing of one can be seen; a topic may be empty."""
    clean_title, clean_topic = lines.clean(title), lines.clean(topic)
    if not clean_title:
        raise Refusal("bad_room.unseen_title" if title.strip() else "bad_room.no_title")
    if topic.strip() and not clean_topic:
        raise Refusal("bad_topic")
    return clean_title, clean_topic


def _slug(kind: str, title: str) -> str:
    """The room's place in addresses: its title, where "C", "C++" and "C#" need a number to be told apart.

    A private room's ends at random: if it could collide with another's, that would tell of the private one.
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
