"""Nicknames: what may be one, what makes two of them one, and what to offer when one is taken."""

import unicodedata
from collections.abc import Callable

LENGTH = 32

RESERVED = frozenset({
    "admin", "administrator", "all", "anonymous", "bot", "channel", "chatsite", "deleted", "everyone", "guest", "here",
    "lobby", "me", "moderator", "nobody", "none", "notes", "null", "owner", "root", "staff", "support", "system",
    "undefined", "unknown", "webmaster", "you", "管理员", "系统", "客服",
})  # fmt: skip
"""Names that a reader would take for the site itself or for nobody; compared by `key`."""

# Letters and marks by category that draw nothing: two nicknames that look the same must not differ by them.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0") | frozenset(
    chr(point) for point in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
)
_MARKS_IN_A_ROW = 4


class InvalidNickname(ValueError):  # noqa: N818
    """What was typed cannot be a nickname; the text says why, for the person who typed it."""


def clean(typed: str) -> str:
    """The nickname in what was typed: without outer spaces, runs of inner spaces as one.

    Raises `InvalidNickname` with a sentence for a person.
    """
    nickname = " ".join(typed.split())
    if not nickname:
        raise InvalidNickname("Type a nickname: spaces alone are not one." if typed else "Type a nickname.")
    if len(nickname) > LENGTH or len(key(nickname)) > 4 * LENGTH:
        raise InvalidNickname(f"A nickname may have {LENGTH} characters; this one has {len(nickname)}.")
    _check_characters(nickname)
    if key(nickname) in RESERVED:
        raise InvalidNickname(f"“{nickname}” is reserved; choose another nickname.")
    return nickname


def key(nickname: str) -> str:
    """What two spellings of one nickname share: width, case and spaces folded (NFKC, casefold).

    Folding case can bring forth characters that fold again (and some letters become spaces), so it ends with NFKC
    and with spaces as one.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", nickname).casefold())
    return " ".join(folded.split())


def free_variant(nickname: str, is_taken: Callable[[str], bool]) -> str:
    """The nickname with the smallest number behind it, from 2, that nobody has."""
    number = 2
    while True:
        variant = f"{nickname[: LENGTH - len(str(number))]}{number}"
        if not is_taken(variant):
            return variant
        number += 1


def _check_characters(nickname: str) -> None:
    marks = 0
    for character in nickname:
        category = unicodedata.category(character)
        marks = marks + 1 if category.startswith("M") else 0
        allowed = category[0] in "LM" or category == "Nd" or character in " -_"
        if not allowed or character in _INVISIBLE or marks > _MARKS_IN_A_ROW:
            shown = character if character.isprintable() else f"U+{ord(character):04X}"
            raise InvalidNickname(f"A nickname has letters, digits, spaces, - and _ only: “{shown}” cannot be in one.")
    if not any(unicodedata.category(character)[0] in "LN" for character in nickname):
        raise InvalidNickname("A nickname needs at least one letter or digit.")
