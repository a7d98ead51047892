"""Checks for visible characters in a text."""

import unicodedata

IGNORABLE = frozenset(
    [
        *map(chr, (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810))),
        *map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164)),
        *map(chr, (*range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0, *range(0xFFF0, 0xFFFC))),
        *map(chr, (*range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000))),
    ]
)
"""Characters that draw nothing by themselves: joiners, fillers, selectors, direction marks."""

_BLANK = frozenset("\u2800\ufffc\U0001d159\U00016fe4")
"""Symbols and marks with an empty glyph."""


def is_anything_visible(text: str) -> bool:
    """Stops at the first visible character, which is nearly always the first one."""
    return any(is_visible(character) for character in text)


def is_visible(character: str) -> bool:
    if "!" <= character <= "~":
        return True
    if character in IGNORABLE or character in _BLANK:
        return False
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")
