"""How Chinese names are typed in Latin letters: in pinyin, or by its initials."""

import re
from functools import lru_cache
from itertools import chain
from typing import Any

from chat.text import nicknames

LENGTH = 255

_READINGS = 8
"""Maximum number of readings of a name: many characters have several."""

_CHINESE = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def is_chinese(name: str) -> bool:
    return bool(_CHINESE.search(name))


@lru_cache(maxsize=10_000)
def readings(name: str) -> tuple[str, ...]:
    """Returns the name as it may be typed, most usual first: xiaoming and xm for 小明. None without Chinese characters.

    Other characters stay as they are, without spaces. Of a character that is read in several ways, each one is there
    beside the usual ways of the others.
    """
    if not is_chinese(name):
        return ()
    from pypinyin import Style, pinyin  # 0.1 s and 20 MB, for those who need it.

    text = nicknames.key(name).replace(" ", "")
    ways = pinyin(text, style=Style.NORMAL, heteronym=True, errors=_signs)
    usual = [each[0] for each in ways]
    others = ([*usual[:at], way, *usual[at + 1 :]] for at, each in enumerate(ways) for way in each[1:])
    typed: list[str] = []
    for syllables in chain([usual], others):
        typed += "".join(syllables), "".join(syllable[0] for syllable in syllables)
    return tuple(dict.fromkeys(one[:LENGTH] for one in typed))[:_READINGS]


def _signs(text: str) -> Any:
    """Other characters, each by itself; pypinyin's types expect one text."""
    return list(text)
