"""The people whom the texts of posts and edits name.

Names are looked up, and texts rendered, before the transaction; who is in the room is decided in it. A text is rendered
again only where that has changed in between.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from chat import queries, rules
from chat.models import Profile, Room
from chat.queries import Person
from chat.refusals import Refusal
from chat.text import mentions
from chat.text.markdown import render
from chat.text.mentions import Candidates, Known, Naming

Roles = Mapping[tuple[int, int], str]
"""By room and profile."""


class Written(NamedTuple):
    """A text, its writer, and its room, if that is known yet."""

    body: str
    writer_id: int
    room_id: int | None


class Rendered(NamedTuple):
    """A text as it is stored, and whom it names.

    `people` are in the room, without the writer; `everyone` is `all` or `here`, or empty. `absent` are not in the room,
    and `is_refused` says that the writer may not name everybody here: both are text, of which the writer is told.
    """

    html: str
    people: tuple[int, ...] = ()
    everyone: str = ""
    absent: tuple[Person, ...] = ()
    is_refused: bool = False

    @property
    def stored(self) -> str:
        """The form of `Message.mentions`."""
        return ",".join(filter(None, [self.everyone, *map(str, self.people)]))

    @property
    def refusal(self) -> Refusal | None:
        is_over = len(self.people) + len(self.absent) > mentions.MOST
        return Refusal("too_many_mentions", most=mentions.MOST) if is_over else None


class Told(NamedTuple):
    """Those who are told of a change because it names them and the text did not before."""

    people: tuple[int, ...] = ()
    everyone: bool = False


_NOBODY = Told()


def news(before: str, after: Rendered) -> Told:
    """Returns who is named in a text and was not `before`, which is the old `Message.mentions`."""
    if not after.people and not after.everyone:
        return _NOBODY
    known = set(before.split(","))
    everyone = bool(after.everyone) and known.isdisjoint(mentions.EVERYONE)
    return Told(() if everyone else tuple(one for one in after.people if str(one) not in known), everyone)


class Texts:
    """The texts of some posts or edits, rendered as far as is known before their rooms are locked."""

    def __init__(self, written: Sequence[Written]) -> None:
        self._written = written
        self._candidates = [Candidates(one.body) for one in written]
        keys = {key for candidates in self._candidates for key in candidates.nicknames.values()}
        people = queries.people_named(keys - mentions.EVERYONE) if keys else []
        self._people = {one.nickname_key: one for one in people if one.kind != Profile.Kind.DELETED}
        beginnings = {key for candidates in self._candidates for key in candidates.beginnings}
        if beginnings and (known := queries.title_beginnings(beginnings)):
            for candidates in self._candidates:
                candidates.add_titles(known)
        titles = {key for candidates in self._candidates for key in candidates.titles.values()}
        self._slugs = queries.public_slugs_titled(titles) if titles else {}
        # Nearly all texts name nobody, whatever room they are in.
        self._plain = [
            None if one else Rendered(render(text.body)) for one, text in zip(self._candidates, written, strict=True)
        ]
        self._rendered: dict[tuple[int, frozenset[str], bool | None], Rendered] = {}
        room_ids = [one.room_id for one in written]
        pairs = self._pairs(room_ids)
        roles = queries.roles_among(pairs)
        rooms = Room.objects.in_bulk({room_id for room_id, _ in pairs}) if pairs else {}
        for index, room_id in enumerate(room_ids):
            self.rendered(index, rooms.get(room_id or 0), roles)

    def roles(self, room_ids: Sequence[int | None]) -> Roles:
        """Returns the roles that matter to these texts in these rooms."""
        return queries.roles_among(self._pairs(room_ids))

    def _pairs(self, room_ids: Sequence[int | None]) -> set[tuple[int, int]]:
        found: set[tuple[int, int]] = set()
        for candidates, written, room_id in zip(self._candidates, self._written, room_ids, strict=True):
            if room_id is not None and candidates:
                found |= {(room_id, person.pk) for person in self._meant(candidates).values()}
                if candidates.mean_everyone:
                    found.add((room_id, written.writer_id))
        return found

    def rendered(self, index: int, room: Room | None, roles: Roles) -> Rendered:
        """Returns a text as it is in this room, or in one of which nothing is known. `roles` are its."""
        if plain := self._plain[index]:
            return plain
        candidates, writer_id = self._candidates[index], self._written[index].writer_id
        meant = self._meant(candidates)
        inside = frozenset(key for key, one in meant.items() if room and (room.id, one.pk) in roles)
        is_asked = room and candidates.mean_everyone
        may = rules.may_mention_everyone(room, roles.get((room.id, writer_id))) if room and is_asked else None
        if (index, inside, may) not in self._rendered:
            known = Known(
                members={key: meant[key].pk for key in inside},
                others={key: one.pk for key, one in meant.items() if key not in inside},
                rooms=self._slugs,
                may_name_everyone=may,
            )
            self._rendered[index, inside, may] = self._render(index, known)
        return self._rendered[index, inside, may]

    def _meant(self, candidates: Candidates) -> dict[str, Profile]:
        keys = candidates.nicknames.values() if self._people else ()
        return {key: self._people[key] for key in keys if key in self._people}

    def _render(self, index: int, known: Known) -> Rendered:
        body, writer_id, _ = self._written[index]
        naming = Naming(self._candidates[index], known)
        html = render(body, naming)
        named: dict[str, dict[Any, None]] = defaultdict(dict)
        for name in naming.rendered:
            named[name.kind][name.target] = None
        absent = {one.pk: one for one in self._people.values()} if named["absent"] else {}
        return Rendered(
            html,
            people=tuple(one for one in named["person"] if one != writer_id),
            everyone=min(named["everyone"], default=""),
            absent=tuple(Person(pk, absent[pk].nickname, absent[pk].is_open) for pk in named["absent"]),
            is_refused=bool(named["refused"]),
        )
