"""Nicknames: which are valid, which count as the same, and what to suggest when one is taken."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import chain, count, groupby
from typing import Any

from chat.text import confusables
from chat.text.visible import IGNORABLE

LENGTH = 32
KEY_LENGTH = 128
SKELETON_LENGTH = 255

RESERVED = frozenset({
    "admin", "administrator", "all", "anonymous", "bot", "channel", "chat", "chatsite", "connection", "deleted",
    "everyone", "guest", "here", "lobby", "me", "moderator", "nobody", "none", "notes", "null", "owner", "root",
    "staff", "support", "system", "undefined", "unknown", "webmaster", "you", "管理员", "系统", "客服",
})  # fmt: skip
"""Names that readers would take for the site itself or for nobody; compared by `key` and `skeleton`."""

_MARKS = 4
_JOINING = "'’·・‧"
"""Apostrophes and middle dots, as in O'Neil, 阿凡提·买买提 and レオナルド・ダ・ヴィンチ: between letters only."""
_ONE_SPELLING = str.maketrans("’・‧", "'··")

_FOLDED = 2 * KEY_LENGTH
"""Limit on the text to fold and on keys: a text that is too long stays too long, and the work is bounded."""

# Nobody writes a capital I among lower-case letters, except in place of a lower-case l: AIice, MicheIle, PauI. Its
# Cyrillic and Greek look-alikes serve the same purpose.
_CAPITAL_I = re.compile("(?<=[a-zа-џα-ώ])[IІΙ]+|(?<=[A-ZЀ-ЯΑ-Ω])[IІΙ](?=[a-zа-џα-ώ])")


class InvalidNickname(ValueError):  # noqa: N818
    """The input cannot be a nickname. `reason` is a one-word cause; `values` fill in its sentence."""

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values


def clean(typed: str) -> str:
    """Returns the typed nickname without outer spaces and with runs of inner spaces collapsed.

    Raises `InvalidNickname`.
    """
    nickname = " ".join(typed.split())
    if not nickname:
        raise InvalidNickname("blank" if typed else "empty")
    if len(nickname) > LENGTH:
        raise InvalidNickname("too_long", most=LENGTH, length=len(nickname))
    if len(key(nickname)) > KEY_LENGTH:
        raise InvalidNickname("too_wide")
    for before, character, after in _in_context(nickname):
        if not _may_stand(before, character, after):
            shown = character if character.isprintable() else f"U+{ord(character):04X}"
            raise InvalidNickname("character", character=shown)
    if _marks_in_a_row(nickname) > _MARKS:
        raise InvalidNickname("marks")
    if not any(unicodedata.category(character)[0] in "LN" for character in nickname):
        raise InvalidNickname("no_letter")
    scripts = confusables.mixed_scripts(nickname)
    if scripts:
        raise InvalidNickname("mixed", nickname=nickname, scripts=", ".join(scripts))
    if key(nickname) in RESERVED or looks(nickname) & _reserved_skeletons():
        raise InvalidNickname("reserved", nickname=nickname)
    return nickname


def key(nickname: str) -> str:
    """Returns what spellings of one nickname share: width, case, apostrophes and spaces are folded (NFKC, casefold).

    Case folding can produce characters that fold again (and some letters become spaces), so NFKC and collapsing spaces
    come last. Of a text much longer than a nickname only the beginning counts.
    """
    folded = unicodedata.normalize("NFKC", nickname[:_FOLDED])[:_FOLDED]
    folded = unicodedata.normalize("NFKC", folded.casefold()).translate(_ONE_SPELLING)
    return " ".join(folded.split())[:_FOLDED].rstrip()


def skeleton(nickname: str) -> str:
    """Returns what look-alike nicknames share, such as mark and the same with Cyrillic letters.

    ASCII digits and letters are what people tell names apart by: Bill1 and Billl, b0b and bob stay distinct.
    """
    return confusables.skeleton(key(_CAPITAL_I.sub(_small_l, nickname[:_FOLDED])))[:SKELETON_LENGTH]


def twin(nickname: str) -> str:
    """Returns the name that looks the same in many fonts: an initial small l as a capital I, or vice versa; "" if none.

    Not part of the skeleton, because Ian and Lan are distinct.
    """
    if re.match("l[a-z]", nickname):
        return f"I{nickname[1:]}"
    return f"l{nickname[1:]}" if re.match("I[a-z]", nickname) else ""


def looks(nickname: str) -> set[str]:
    """Returns the skeletons of all names that look like this one: its own, and its twin's if there is one."""
    return {skeleton(name) for name in (nickname, twin(nickname)) if name}


def _small_l(capital: re.Match[str]) -> str:
    return "l" * len(capital[0])


@cache
def _reserved_skeletons() -> frozenset[str]:
    """Computed when the first nickname is checked: reading Unicode's lists takes a tenth of a second."""
    return frozenset(map(skeleton, RESERVED))


def variants(typed: str) -> Iterator[str]:
    """Yields nicknames close to the typed one without end: its valid characters, then the same with numbers appended.

    Yields none if there is nothing to work with.
    """
    in_context = _in_context(" ".join(typed[:KEY_LENGTH].split()))
    base = "".join(character for before, character, after in in_context if _may_stand(before, character, after))
    base = " ".join(base.split())
    if not any(unicodedata.category(character)[0] in "LN" for character in base):
        return
    for number in chain([""], map(str, count(2))):
        nickname = base[: LENGTH - len(number)].rstrip(" " + _JOINING) + number
        try:
            yield clean(nickname)
        except InvalidNickname:
            if len(number) > 1:  # The word itself is the cause, and no number makes it valid.
                return


def _in_context(text: str) -> Iterator[tuple[str, str, str]]:
    """Yields each character with its neighbors; a space stands in at either end."""
    return zip(f" {text}", text, f"{text[1:]} ", strict=False)


def _may_stand(before: str, character: str, after: str) -> bool:
    """Returns whether a character is allowed there. A mark needs a letter: alone it would be drawn on its neighbor."""
    category = unicodedata.category(character)
    if character in IGNORABLE:
        return False
    if category.startswith("M"):
        return unicodedata.category(before)[0] in "LM"
    if character in _JOINING:
        return unicodedata.category(before)[0] in "LM" and unicodedata.category(after)[0] == "L"
    return category.startswith("L") or category == "Nd" or character in " -_"


def _marks_in_a_row(nickname: str) -> int:
    runs = groupby(nickname, key=lambda character: unicodedata.category(character).startswith("M"))
    return max((len(list(run)) for is_mark, run in runs if is_mark), default=0)
