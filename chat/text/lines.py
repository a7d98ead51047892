"""One line of text that stands among the site's own words: a title, a topic."""

import unicodedata

# They turn the direction of what follows them, beyond the end of the line too.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(typed: str) -> str:
    """The line without controls, its runs of spaces as one; "" if nothing would be seen of it."""
    kept = "".join(" " if _is_control(character) else character for character in typed if character not in _BIDI)
    line = " ".join(kept.split())
    return line if any(unicodedata.category(character) not in ("Cf", "Zs") for character in line) else ""


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
