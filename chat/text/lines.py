"""A line of text shown among the site's own words: a title or a topic."""

import unicodedata
from hashlib import sha256

from chat.text import confusables
from chat.text.visible import IGNORABLE, is_anything_visible

KEY_LENGTH = 255

# They change the direction of the text that follows, even beyond the end of the line.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(typed: str) -> str:
    """Returns the line without controls and direction marks and with single spaces; "" if nothing of it is visible."""
    kept = "".join(" " if _is_control(character) else character for character in typed if character not in _BIDI)
    line = " ".join(kept.split())
    return line if is_anything_visible(line) else ""


def key(title: str) -> str:
    """Returns what titles that read alike share: width, case, spaces, invisible characters and look-alikes are ignored.

    At most `KEY_LENGTH` characters, made from at most as many of the title; a longer result is replaced by its digest.
    """
    if title.isascii() and title.isprintable():  # Nothing of it is invisible or alike: twenty times as fast.
        return " ".join(title[:KEY_LENGTH].lower().split())
    seen = "".join(character for character in title[:KEY_LENGTH] if character not in IGNORABLE)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    likened = " ".join(confusables.skeleton(folded).split())
    return likened if len(likened) <= KEY_LENGTH else sha256(likened.encode()).hexdigest()


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
