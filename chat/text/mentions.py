"""Finds names in a text: `@nickname`, `@all` and `@here`, and `#room`.

A nickname may have spaces, so a name is the longest beginning of what follows the sign that somebody has; that somebody
in the room has comes first. It ends where a word ends. Chinese, Japanese and Korean put no space after it: between
their letters a name may end too, if it is that of somebody in the room (`@小明你好`) or of a room.

First `Candidates` says which names a text could mean, to be looked up at once; then `Naming` finds those that exist.
"""

import re
import unicodedata
from collections.abc import Callable, Container, Iterator, Mapping, Set
from functools import lru_cache
from html import escape
from itertools import islice
from typing import Literal, NamedTuple
from urllib.parse import quote

from chat.text import lines, nicknames
from chat.text.links import UNSPACED

EVERYONE = frozenset({"all", "here"})
"""Names of everybody in the room. Nobody can be called so (`nicknames.RESERVED`)."""

MOST = 50
"""Maximum number of people that one text may name."""

NICKNAMES, TITLES = 1_000, 300
"""Maximum number of names of each kind that a text could mean. What follows is plain text."""

SIGNS = 200
"""Maximum number of signs that could begin a name. A text with more, such as a log, names nobody."""

_NICKNAME_LENGTH, _TITLE_LENGTH = 48, 60
_SIGN = re.compile(r"[@＠#＃](?=\S)")
_ROOM_SIGNS = "#＃"
_NOT_BEFORE = frozenset("@＠#＃/\\")
_JOINING = frozenset("'’·・‧")
_BESIDE_LETTERS = _JOINING | frozenset(" -_")

Kind = Literal["person", "absent", "everyone", "refused", "room"]


class Name(NamedTuple):
    """A name from `start` to `end`, with its sign.

    Its target is a person's id, `all` or `here`, or a room's slug. A name that is `absent` (of somebody who is not in
    the room) or `refused` (of everybody, where the room's rules forbid that) is shown as plain text.
    """

    start: int
    end: int
    kind: Kind
    target: int | str


class Candidates:
    """The names that a text could mean: keys of nicknames and of titles, by how they are written there."""

    def __init__(self, text: str) -> None:
        self.nicknames: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        signs = list(islice(_signs(text), SIGNS + 1))
        self._text = text
        self._beginnings: dict[int, str] = {}
        for start in signs if len(signs) <= SIGNS else ():
            if text[start] not in _ROOM_SIGNS:
                self._add(start, self.nicknames, nicknames.key, NICKNAMES)
            elif end := next(_ends(text, start), 0):
                self._beginnings[start] = lines.key(text[start + 1 : end])

    @property
    def beginnings(self) -> set[str]:
        """The keys of the first words after the signs of rooms: most begin no title, and need no more looking up."""
        return set(self._beginnings.values())

    def add_titles(self, beginnings: Container[str]) -> None:
        """Adds the titles that the text could mean, where these are the keys with which titles begin."""
        for start, beginning in self._beginnings.items():
            if beginning in beginnings:
                self._add(start, self.titles, lines.key, TITLES)

    def _add(self, start: int, known: dict[str, str], key: Callable[[str], str], most: int) -> None:
        for end in _ends(self._text, start):
            typed = self._text[start + 1 : end]
            if typed not in known and len(known) < most:
                known[typed] = key(typed)

    def __bool__(self) -> bool:
        return bool(self.nicknames or self.titles)

    @property
    def mean_everyone(self) -> bool:
        return not EVERYONE.isdisjoint(self.nicknames.values())


class Known(NamedTuple):
    """Those of the candidates that there are, by their keys.

    `may_name_everyone` is None where there is no such name: in a room of two.
    """

    members: Mapping[str, int] = {}
    others: Mapping[str, int] = {}
    rooms: Mapping[str, str] = {}
    may_name_everyone: bool | None = None


class Naming:
    """Finds and renders the names in the pieces of one text, and collects those that it has rendered."""

    def __init__(self, candidates: Candidates, known: Known) -> None:
        self._known = known
        people = known.members.keys() | known.others.keys() | EVERYONE
        self._nicknames = _Spellings(candidates.nicknames, people)
        self._titles = _Spellings(candidates.titles, known.rooms.keys())
        self.rendered: list[Name] = []

    def names(self, text: str) -> list[Name]:
        """Returns the names in a piece of the text, in order."""
        found: list[Name] = []
        if not (self._nicknames or self._titles):
            return found
        for start in _signs(text):
            if found and start < found[-1].end:
                continue
            name = self._room(text, start) if text[start] in _ROOM_SIGNS else self._person(text, start)
            if name:
                found.append(name)
        return found

    def html(self, name: Name, typed: str) -> str:
        """Addresses are relative to the page's own, which redirects: so they are good wherever the site is mounted."""
        self.rendered.append(name)
        match name.kind:
            case "person":
                return f'<a class="mention" href="?person={name.target}">{escape(typed)}</a>'
            case "everyone":
                return f'<span class="mention everyone">{escape(typed)}</span>'
            case "room":
                return f'<a class="room-link" href="?room={quote(str(name.target))}">{escape(typed)}</a>'
        return escape(typed)

    def _person(self, text: str, start: int) -> Name | None:
        members, others, everyone = self._known.members, self._known.others, self._known.may_name_everyone
        to_all = absent = None
        for end, key, is_within_word in self._nicknames.at(text, start):
            if key in members:
                return Name(start, end, "person", members[key])
            if is_within_word:
                continue
            if key in EVERYONE and everyone is not None:
                to_all = to_all or Name(start, end, "everyone" if everyone else "refused", key)
            elif key in others:
                absent = absent or Name(start, end, "absent", others[key])
        return to_all or absent

    def _room(self, text: str, start: int) -> Name | None:
        found = next(self._titles.at(text, start), None)
        return found and Name(start, found[0], "room", self._known.rooms[found[1]])


class _Spellings:
    """The keys that there are, by how they are written in the text."""

    def __init__(self, candidates: Mapping[str, str], keys: Set[str]) -> None:
        self._keys = {typed: key for typed, key in candidates.items() if key in keys}
        self._lengths = sorted({len(typed) for typed in self._keys}, reverse=True)

    def __bool__(self) -> bool:
        return bool(self._keys)

    def at(self, text: str, start: int) -> Iterator[tuple[int, str, bool]]:
        """Yields the names after the sign at `start`, the longest first: end, key, whether a word may go on."""
        for length in self._lengths:
            end = start + 1 + length
            key = self._keys.get(text[start + 1 : end]) if end <= len(text) else None
            if key is not None and (is_within_word := _ending(text, end)) is not None:
                yield end, key, is_within_word


def _signs(text: str) -> Iterator[int]:
    """Yields the places of signs that may begin a name: not within a word, as in an e-mail address, nor in a path."""
    for sign in _SIGN.finditer(text):
        before = text[sign.start() - 1] if sign.start() else " "
        if before not in _NOT_BEFORE and (not _is_of_word(before) or UNSPACED.match(before)):
            yield sign.start()


def _ends(text: str, start: int) -> Iterator[int]:
    """Yields where a name that begins with the sign at `start` may end."""
    is_room = text[start] in _ROOM_SIGNS
    length, may_stand = (_TITLE_LENGTH, _is_in_title) if is_room else (_NICKNAME_LENGTH, _is_in_nickname)
    for at in range(start + 1, min(len(text), start + 1 + length)):
        if not may_stand(text[at]):
            return
        is_end = not text[at].isspace() and (is_room or text[at] not in _JOINING)
        if is_end and _ending(text, at + 1) is not None:
            yield at + 1


def _ending(text: str, end: int) -> bool | None:
    """Returns whether a word may go on after a name that ends there; None if no name can end there."""
    last, after = text[end - 1], text[end : end + 1] or " "
    if _is_mark(after):
        return None
    if not (_is_of_word(last) and _is_of_word(after)):
        return False
    are_unspaced = bool(UNSPACED.match(last)), bool(UNSPACED.match(after))
    return all(are_unspaced) if any(are_unspaced) else None


@lru_cache(maxsize=5_000)
def _is_in_nickname(character: str) -> bool:
    return _is_of_word(character) or character in _BESIDE_LETTERS


def _is_in_title(character: str) -> bool:
    return character != "\n"


@lru_cache(maxsize=5_000)
def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or _is_mark(character)


@lru_cache(maxsize=5_000)
def _is_mark(character: str) -> bool:
    return character > "\x7f" and unicodedata.category(character)[0] == "M"
