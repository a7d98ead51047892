"""The shapes of a text: Unicode's lists of confusable characters and of scripts."""

import unicodedata
from bisect import bisect_right
from collections import defaultdict
from functools import cache

from confusable_homoglyphs.utils import load

_EAST_ASIAN = [
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
]
"""Scripts that are written together in one word."""

_LEFT_TO_RIGHT_MARK = "\u200e"  # The list wraps right-to-left text in it.


def skeleton(folded: str) -> str:
    """Returns what texts that look alike share. Input and result are NFKC with case folded.

    ASCII stays as it is: l and 1, 0 and O, rn and m distinguish names that people really have. A letter of another
    script becomes what it, or its capital, looks like.
    """
    if folded.isascii():
        return folded
    prototypes = _prototypes()
    likened = "".join(prototypes.get(character, character) for character in folded)
    return unicodedata.normalize("NFKC", likened.casefold())


def mixed_scripts(text: str) -> list[str]:
    """Returns the scripts of a text if they are not written together, such as a Cyrillic letter in a Latin word.

    Returns none for a single script, or for Chinese, Japanese or Korean with Latin letters: the highly restrictive
    level of Unicode Technical Standard 39.
    """
    folded = "" if text.isascii() else unicodedata.normalize("NFKC", text)
    found = {_script(character) for character in folded} - {"COMMON", "INHERITED"}
    if len(found) < 2 or any(found <= together for together in _EAST_ASIAN):
        return []
    return sorted(name.replace("_", " ").title() for name in found)


@cache
def _prototypes() -> dict[str, str]:
    """Maps each non-ASCII character that looks like something else to what it looks like, in lower case.

    The list has every character's look-alikes: a group's representative has all the others, and the others have only
    the representative.
    """
    near = {one.strip(_LEFT_TO_RIGHT_MARK): [other["c"] for other in others] for one, others in _list().items()}
    groups: dict[str, set[str]] = defaultdict(set)
    for one, others in near.items():
        other = others[0].strip(_LEFT_TO_RIGHT_MARK)
        middle = one if len(others) > 1 else other if len(near.get(other, ())) > 1 else min(one, other)
        groups[middle] |= {one, middle}
    likeness = {}
    for group in groups.values():
        for one in group:
            if len(one) == 1 and not one.isascii() and unicodedata.normalize("NFKC", one) == one:
                likeness[one] = _likest(one, group)
    lower = {one: _lower(one, likeness) for one in likeness}
    # Some look like a character that looks like a third, but only in lower case.
    return {one: "".join(lower.get(part, part) for part in other) for one, other in lower.items()}


def _likest(one: str, group: set[str]) -> str:
    """Returns the character that replaces this one in its group: in ASCII and of the same category if possible."""
    return min(
        group,
        key=lambda other: (
            not other.isascii(),
            len(other),
            unicodedata.category(other[0]) != unicodedata.category(one),
            not other.islower(),
            other,
        ),
    )


def _lower(one: str, likeness: dict[str, str]) -> str:
    """Returns what a character looks like, in lower case: its capital's likeness if only that is ASCII, as with в."""
    own = likeness[one]
    capital = likeness.get(one.upper(), "")
    return capital.lower() if capital.isascii() and capital.isalpha() and not own.isascii() else own.casefold()


def _list() -> dict[str, list[dict[str, str]]]:
    confusables: dict[str, list[dict[str, str]]] = load("confusables.json")
    return confusables


@cache
def _scripts() -> tuple[list[int], list[tuple[int, str]]]:
    """Returns where each script's ranges start; and for each range its end and the script's name."""
    listed = load("categories.json")
    ranges = sorted(listed["code_points_ranges"])
    names = listed["iso_15924_aliases"]
    return [first for first, *_ in ranges], [(last, names[script]) for _, last, script, _ in ranges]


def _script(character: str) -> str:
    """Returns the name of a character's script. A character missing from the list matches no known script."""
    firsts, ranges = _scripts()
    last, name = ranges[bisect_right(firsts, ord(character)) - 1]
    return name if ord(character) <= last else "UNKNOWN"
