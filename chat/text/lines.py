"""One line of text that stands among the site's own words: a title, a topic."""

import unicodedata
from hashlib import sha256

from chat.text import confusables
from chat.text.visible import IGNORABLE, is_anything_visible

KEY_LENGTH = 255

# They turn the direction of what follows them, beyond the end of the line too.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(typed: str) -> str:
    """The line without controls and marks of direction, its runs of spaces as one; "" if nothing of it can be seen."""
    kept = "".join(" " if _is_control(character) else character for character in typed if character not in _BIDI)
    line = " ".join(kept.split())
    return line if is_anything_visible(line) else ""


def key(title: str) -> str:
    """What two titles share that read alike: width, case, spaces, what draws nothing, and letters that look alike.

    Of at most `KEY_LENGTH` characters, as many as count of the title; where more would come of it, its digest.
    """
    seen = "".join(character for character in title[:KEY_LENGTH] if character not in IGNORABLE)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    likened = " ".join(confusables.skeleton(folded).split())
    return likened if len(likened) <= KEY_LENGTH else sha256(likened.encode()).hexdigest()


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
