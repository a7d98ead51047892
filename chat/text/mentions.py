"""Finds names in a text: `@nickname`, `@all` and `@here`, and `#room`.

A nickname may have spaces, so a name is the longest beginning of what follows the sign that somebody has; that somebody
in the room has comes first. It ends where a word ends. Chinese, Japanese and Korean put no space after it: between
their letters a name may end too, if it is that of somebody in the room (`@小明你好`) or of a room.

First `Candidates` says which names a text could mean, to be looked up at once; then `Naming` finds those that exist.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from html import escape
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
        for start in _signs(text):
            is_room = text[start] in _ROOM_SIGNS
            known, most = (self.titles, TITLES) if is_room else (self.nicknames, NICKNAMES)
            key = lines.key if is_room else nicknames.key
            for end, _ in _ends(text, start):
                typed = text[start + 1 : end]
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
        self._candidates = candidates
        self._known = known
        self.rendered: list[Name] = []

    def names(self, text: str) -> list[Name]:
        """Returns the names in a piece of the text, in order."""
        found: list[Name] = []
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
        found: dict[str, Name] = {}
        for end, is_within_word in _ends(text, start):
            key = self._candidates.nicknames.get(text[start + 1 : end])
            if key is None:
                continue
            if key in members:
                found["member"] = Name(start, end, "person", members[key])
            elif is_within_word:
                continue
            elif key in EVERYONE and everyone is not None:
                found["everyone"] = Name(start, end, "everyone" if everyone else "refused", key)
            elif key in others:
                found["other"] = Name(start, end, "absent", others[key])
        return found.get("member") or found.get("everyone") or found.get("other")

    def _room(self, text: str, start: int) -> Name | None:
        found = None
        for end, _ in _ends(text, start):
            key = self._candidates.titles.get(text[start + 1 : end], "")
            if key in self._known.rooms:
                found = Name(start, end, "room", self._known.rooms[key])
        return found


def _signs(text: str) -> Iterator[int]:
    """Yields the places of signs that may begin a name: not within a word, as in an e-mail address, nor in a path."""
    for sign in _SIGN.finditer(text):
        before = text[sign.start() - 1] if sign.start() else " "
        if before not in _NOT_BEFORE and (not _is_of_word(before) or UNSPACED.match(before)):
            yield sign.start()


def _ends(text: str, start: int) -> Iterator[tuple[int, bool]]:
    """Yields where a name that begins with the sign at `start` may end, and whether a word may go on there."""
    is_room = text[start] in _ROOM_SIGNS
    length, may_stand = (_TITLE_LENGTH, _is_in_title) if is_room else (_NICKNAME_LENGTH, _is_in_nickname)
    for end in _stretch(text, start + 1, length, may_stand):
        last, after = text[end - 1], text[end : end + 1] or " "
        if last.isspace() or (last in _JOINING and not is_room) or _is_mark(after):
            continue
        if not (_is_of_word(last) and _is_of_word(after)):
            yield end, False
        elif UNSPACED.match(last) or UNSPACED.match(after):
            yield end, bool(UNSPACED.match(last) and UNSPACED.match(after))


def _stretch(text: str, begin: int, length: int, may_stand: Callable[[str], bool]) -> Iterator[int]:
    for at in range(begin, min(len(text), begin + length)):
        if not may_stand(text[at]):
            return
        yield at + 1


def _is_in_nickname(character: str) -> bool:
    return _is_of_word(character) or character in _BESIDE_LETTERS


def _is_in_title(character: str) -> bool:
    return character != "\n"


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or _is_mark(character)


def _is_mark(character: str) -> bool:
    return character > "\x7f" and unicodedata.category(character)[0] == "M"
