"""Nicknames: what may be one, what makes two of them one, and what to offer when one is taken."""

import unicodedata
from collections.abc import Iterator
from itertools import chain, count, groupby, pairwise

LENGTH = 32
KEY_LENGTH = 128

RESERVED = frozenset({
    "admin", "administrator", "all", "anonymous", "bot", "channel", "chat", "chatsite", "connection", "deleted",
    "everyone", "guest", "here", "lobby", "me", "moderator", "nobody", "none", "notes", "null", "owner", "root",
    "staff", "support", "system", "undefined", "unknown", "webmaster", "you", "管理员", "系统", "客服",
})  # fmt: skip
"""Names that a reader would take for the site itself or for nobody; compared by `key`."""

# Letters and marks by category that draw nothing: two nicknames that look the same must not differ by them.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0") | frozenset(
    chr(point) for point in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
)
_MARKS = 4


class InvalidNickname(ValueError):  # noqa: N818
    """What was typed cannot be a nickname; the text says why, for the person who typed it."""


def clean(typed: str) -> str:
    """The nickname in what was typed: without outer spaces, runs of inner spaces as one.

    Raises `InvalidNickname` with a sentence for a person.
    """
    nickname = " ".join(typed.split())
    if not nickname:
        raise InvalidNickname("Type a nickname: spaces alone are not one." if typed else "Type a nickname.")
    if len(nickname) > LENGTH:
        raise InvalidNickname(f"A nickname may have {LENGTH} characters; this one has {len(nickname)}.")
    if len(key(nickname)) > KEY_LENGTH:
        raise InvalidNickname("This nickname is too long: some of its letters stand for whole words.")
    for before, character in pairwise(" " + nickname):
        if not _may_follow(before, character):
            shown = character if character.isprintable() else f"U+{ord(character):04X}"
            raise InvalidNickname(
                f"A nickname has letters, digits, spaces, - and _ only: “{shown}” cannot stand there."
            )
    if _marks_in_a_row(nickname) > _MARKS:
        raise InvalidNickname("A nickname has letters, not towers of marks.")
    if not any(unicodedata.category(character)[0] in "LN" for character in nickname):
        raise InvalidNickname("A nickname needs at least one letter or digit.")
    if key(nickname) in RESERVED:
        raise InvalidNickname(f"“{nickname}” is reserved; choose another nickname.")
    return nickname


def key(nickname: str) -> str:
    """What two spellings of one nickname share: width, case and spaces folded (NFKC, casefold).

    Folding case can bring forth characters that fold again (and some letters become spaces), so it ends with NFKC
    and with spaces as one. The work grows with the square of the marks in a row: pass nothing unbounded.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", nickname).casefold())
    return " ".join(folded.split())


def variants(typed: str) -> Iterator[str]:
    """Nicknames near to what was typed, without end: what can be in one, then that with a number behind it.

    None at all where there is nothing to go by.
    """
    characters = " " + typed[:KEY_LENGTH]
    base = "".join(character for before, character in pairwise(characters) if _may_follow(before, character))
    base = " ".join(base.split())
    if not any(unicodedata.category(character)[0] in "LN" for character in base):
        return
    for number in chain([""], map(str, count(2))):
        nickname = base[: LENGTH - len(number)].rstrip() + number
        try:
            yield clean(nickname)
        except InvalidNickname:
            if len(number) > 1:  # It is not the word itself that is refused, so no number makes it good.
                return


def _may_follow(before: str, character: str) -> bool:
    """Whether a character can be in a nickname. A mark needs a letter: alone it would be drawn on whatever is near."""
    category = unicodedata.category(character)
    if character in _INVISIBLE:
        return False
    if category.startswith("M"):
        return unicodedata.category(before)[0] in "LM"
    return category.startswith("L") or category == "Nd" or character in " -_"


def _marks_in_a_row(nickname: str) -> int:
    runs = groupby(nickname, key=lambda character: unicodedata.category(character).startswith("M"))
    return max((len(list(run)) for is_mark, run in runs if is_mark), default=0)
