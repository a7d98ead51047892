"""What a text looks like, whatever letters it is made of: Unicode's lists of confusable characters and of scripts."""

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

_LEFT_TO_RIGHT_MARK = "\u200e"  # The list puts it around what is written the other way.


def skeleton(folded: str) -> str:
    """What texts that look alike share. Of a text in NFKC with its case folded; again of that kind.

    ASCII stays as it is: l and 1, 0 and O, rn and m tell names apart that people really have. A letter of another
    script becomes what it, or its capital, looks like.
    """
    if folded.isascii():
        return folded
    prototypes = _prototypes()
    likened = "".join(prototypes.get(character, character) for character in folded)
    return unicodedata.normalize("NFKC", likened.casefold())


def mixed_scripts(text: str) -> list[str]:
    """The scripts of a text that are not written together, as in a word with a Cyrillic letter among Latin ones.

    None where there is one script alone, or those of Chinese, Japanese or Korean with Latin letters: the highly
    restrictive level of Unicode's technical standard 39.
    """
    folded = "" if text.isascii() else unicodedata.normalize("NFKC", text)
    found = {_script(character) for character in folded} - {"COMMON", "INHERITED"}
    if len(found) < 2 or any(found <= together for together in _EAST_ASIAN):
        return []
    return sorted(name.replace("_", " ").title() for name in found)


@cache
def _prototypes() -> dict[str, str]:
    """By each character beyond ASCII that looks like something else: what it looks like, in lower case.

    The list has for each character all that it is like: for one of a group that one which stands for the group, and
    for that one all others.
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
    # Some look like one that looks like a third, which only their small letters do.
    return {one: "".join(lower.get(part, part) for part in other) for one, other in lower.items()}


def _likest(one: str, group: set[str]) -> str:
    """Of the characters of a group the one to write for it: in ASCII, and of the same kind, where there is such."""
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
    """What a character looks like; where only its capital looks like a letter of ASCII, as of в, that one in small."""
    own = likeness[one]
    capital = likeness.get(one.upper(), "")
    return capital.lower() if capital.isascii() and capital.isalpha() and not own.isascii() else own.casefold()


def _list() -> dict[str, list[dict[str, str]]]:
    confusables: dict[str, list[dict[str, str]]] = load("confusables.json")
    return confusables


@cache
def _scripts() -> tuple[list[int], list[tuple[int, str]]]:
    """Where each range of a script begins; where it ends, and the script's name."""
    listed = load("categories.json")
    ranges = sorted(listed["code_points_ranges"])
    names = listed["iso_15924_aliases"]
    return [first for first, *_ in ranges], [(last, names[script]) for _, last, script, _ in ranges]


def _script(character: str) -> str:
    """The name of a character's script. One that the list does not know is like none else."""
    firsts, ranges = _scripts()
    last, name = ranges[bisect_right(firsts, ord(character)) - 1]
    return name if ord(character) <= last else "UNKNOWN"
