"""Emoji: which texts are one, and the catalogue from which a person picks.

The data is that of the `emoji` package, which has it from Unicode: each sequence, its name and its short codes, in many
languages. Read when first needed: it takes 40 ms.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

VARIATION = "\ufe0f"
TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"

LENGTH = 32
"""Maximum length of an emoji in code points. The longest that Unicode recommends has 10."""

ALL = 12
"""Maximum number of emoji in a message of nothing else that is shown large."""

LANGUAGES = ("en", "zh")
"""The languages in which emoji are found by name. A person may search in either, whatever the page's language."""

_OTHERS = "symbols"

# The package lists emoji by their English names. Each group has those whose first character lies in one of its ranges,
# in this order, which follows the blocks of Unicode. The first group that fits is taken; an emoji that comes in skin
# tones is one of people.
_GROUPS: tuple[tuple[str, str], ...] = (
    (
        "smileys",
        "1f600-1f644 1f910-1f917 1f920-1f925 1f927-1f92f 1f970-1f976 1f978-1f97a 1f9d0 1fae0-1faeb 2639-263a"
        " 1f648-1f64a 1f47b 1f47d-1f480 1f479-1f47a 2620 1f4a9 2763-2764 1f493-1f49f 1f48b-1f48c 1f5a4"
        " 1f90d-1f90e 1f9e1 1fa75-1fa77 1f4a2-1f4a8 1f4ab-1f4ad 1f4af 1f573 1f5e8 1f5ef",
    ),
    (
        "people",
        "1f446-1f450 270a-270d 1f440-1f445 1f463-1f478 1f47c 1f481-1f487 1f5e3 1f9b4-1f9b7 1f9d1-1f9df 1f9e0"
        " 1fac0-1fac8 1f48f 1f491 1f93a 1f93c",
    ),
    (
        "nature",
        "1f400-1f43f 1f330-1f344 1f980-1f9ae 1f940 1fab0-1fabf 1facd-1facf 1fad9-1fadc 1f490 1f4ae 1f578 1f54a 1f577"
        " 2618",
    ),
    (
        "food",
        "1f345-1f37f 1f32d-1f32f 1f950-1f96f 1f9c0-1f9cb 1fad0-1fad8 1f382 1f942-1f944 1f52a 1f3fa 1f962 2615",
    ),
    (
        "travel",
        "1f680-1f6c3 1f6d5-1f6d9 1f6dd-1f6df 1f6e0-1f6f9 1f6fa-1f6fc 1f300-1f32c 1f3d4-1f3f0 1f5fa-1f5ff 1f3a0-1f3a2"
        " 1f3aa 1f492 1f54b-1f54d 1f550-1f567 1f570 1f9ed 1f9f1 1f9f3 1fa82 231a-231b 23f0-23f3 2600-2604 2614"
        " 26c4-26c5 26c8 26a1 2693 26e9-26f7 26fa-26fd 2708 2744 2b50 1fa90",
    ),
    (
        "activities",
        "26bd-26be 1f3be-1f3d3 1f383-1f391 1f396-1f397 1f39f 1f3a3 1f3a8 1f3ab-1f3b4 1f3bd 1f93f 1f945 1f947-1f94f"
        " 1f9e7-1f9e9 1fa80-1fa81 1fa84-1fa86 1f52e 1f579 1f0cf 1f004 1f5bc 1f9f5-1f9f8 1faa1-1faa2 2660 2663 2665-2666"
        " 265f 26f8 26f9 2728",
    ),
    (
        "objects",
        "1f451-1f462 1f392-1f39e 1f3a4-1f3a9 1f3b5-1f3bc 1f3f7-1f3f9 1f484-1f48a 1f48d-1f48e 1f4a1 1f4b0-1f4ff"
        " 1f507-1f53d 1f56f-1f576 1f587-1f5e1 1f6cb-1f6d2 1f6dc 1f941 1f97b-1f97f 1f9ba-1f9bf 1f9e2-1f9e6"
        " 1f9ea-1f9ff 1fa70-1fa74 1fa78-1fa7c 1fa83-1faaf 2328 23cf 260e 2692 2694 2696-2697 2699 26b0-26b1 26cf"
        " 26d1 26d3 2702 2709 270f 2712 1f380-1f381",
    ),
    ("symbols", ""),
    ("flags", "1f1e6-1f1ff 1f3c1 1f3f3-1f3f4 1f38c 1f6a9"),
)

_EVERYDAY = {
    "👍": "good agree 赞 点赞 好 同意",
    "👎": "bad disagree 踩 不赞 反对",
    "😂": "lol haha 哈哈 笑哭",
    "🤣": "rofl lol 笑死",
    "😭": "cry sob 哭 大哭",
    "❤️": "love 爱 爱心",
    "🎉": "congratulations party hooray 恭喜 庆祝 撒花",
    "🙏": "thanks please 谢谢 感谢 拜托",
    "👌": "ok 好的",
    "💪": "strong 加油",
    "🔥": "hot lit 火",
    "🚀": "ship launch 上线 发射",
    "👀": "look seen 看 围观",
    "✅": "done yes 完成 好了",
    "❌": "no wrong 不 错",
    "💯": "hundred perfect 满分",
    "🤔": "think hmm 思考 想想",
    "😄": "happy smile 开心 高兴",
    "😅": "sweat phew 汗 尴尬",
    "😊": "smile happy 微笑",
    "😢": "sad 难过 伤心",
    "😮": "wow 哇 惊讶",
    "😡": "angry mad 生气 怒",
    "👏": "applause bravo 鼓掌",
    "🙌": "hooray yay 欢呼",
    "👋": "hello bye hi 你好 再见 拜拜",
    "🤝": "deal agreement 合作 成交",
    "😴": "sleepy zzz 睡觉 晚安",
    "☕": "coffee break 咖啡",
    "🍻": "cheers beer 干杯",
    "🎂": "birthday 生日",
    "🐛": "bug 虫子 缺陷",
    "💡": "idea 主意",
    "🤷": "shrug dunno 不知道 无奈",
    "🤦": "facepalm 捂脸 无语",
}
"""Words by which people look for an emoji, and which its names don't have."""


def canonical(text: str) -> str | None:
    """Returns the emoji as Unicode recommends it, however its presentation was typed; None if it is not one emoji."""
    return _known().get(text.replace(VARIATION, "")) if 0 < len(text) <= LENGTH else None


def is_all(text: str) -> bool:
    """Returns whether a text is a few emoji, spaces and line breaks between them aside, and nothing else."""
    if len(text) > ALL * LENGTH or not _MAYBE_ALL.fullmatch(text):
        return False
    count = 0
    for word in text.split():
        start = 0
        while start < len(word):
            ends = range(min(len(word), start + LENGTH), start, -1)
            start = next((end for end in ends if canonical(word[start:end])), 0)
            count += 1
            if not start or count > ALL:
                return False
    return bool(count)


@cache
def catalogue() -> bytes:
    """Returns all emoji as JSON, for a picker: `[[group, [[emoji, has_tones, short_code, words], …]], …]`.

    `has_tones` is 1 if the emoji comes in five skin tones, each of which is the emoji with the tone after its first
    character. `words` is what it is found by, in lower case.
    """
    groups: dict[str, list[list[Any]]] = {name: [] for name, _ in _GROUPS}
    known = _data()
    for emoji in sorted(known, key=_order):
        if any(tone in emoji for tone in TONES) or known[emoji]["status"] != _FULLY_QUALIFIED:
            continue
        has_tones = all(toned(emoji, tone) in known for tone in TONES)
        codes = [code.strip(":") for code in [*known[emoji].get("alias", []), known[emoji]["en"]]]
        names = [known[emoji][language] for language in LANGUAGES if language in known[emoji]]
        found_by = [*codes, *names, _EVERYDAY.get(emoji, "")]
        words = " ".join(dict.fromkeys(" ".join(found_by).lower().translate(_SPACED).split()))
        groups[_group(emoji, has_tones=has_tones)].append([emoji, int(has_tones), min(codes, key=_plainness), words])
    return json.dumps(list(groups.items()), ensure_ascii=False, separators=(",", ":")).encode()


@cache
def version() -> str:
    """Returns a name of the catalogue's content, for its URL: of what makes it, which is read faster than made."""
    made_from = Path(__file__).read_bytes() + metadata.version("emoji").encode()
    return hashlib.sha256(made_from).hexdigest()[:12]


def toned(emoji: str, tone: str) -> str:
    return emoji[0] + tone + emoji[1:].removeprefix(VARIATION)


_FULLY_QUALIFIED = 2
# The characters of which emoji are made, no letters among them: other texts are told apart by their first one.
_MAYBE_ALL = re.compile(
    "(?:[0-9#*]\ufe0f?\u20e3|[\u00a9\u00ae\u200d\u203c-\u2bff\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff"
    "\U000e0020-\U000e007f]|\\s)++"
)
_SPACED = str.maketrans({":": None, "_": " "})


@cache
def _data() -> dict[str, dict[str, Any]]:
    import emoji

    for language in LANGUAGES:
        emoji.config.load_language(language)
    return emoji.EMOJI_DATA


@cache
def _known() -> dict[str, str]:
    """By their characters without variation selectors."""
    return {
        emoji.replace(VARIATION, ""): emoji for emoji, facts in _data().items() if facts["status"] == _FULLY_QUALIFIED
    }


def _plainness(code: str) -> tuple[bool, int]:
    """Sorts the short code that people type first: without signs of its own, and short."""
    return (not code.replace("_", "").isalnum(), len(code))


def _group(emoji: str, *, has_tones: bool) -> str:
    first = ord(emoji[0])
    if has_tones and not 0x1F600 <= first <= 0x1F644:
        return "people"
    return next((name for name, ranges in _ranges() if any(low <= first <= high for low, high in ranges)), _OTHERS)


def _order(emoji: str) -> tuple[int, str]:
    """Where a group's ranges name it first; then by characters."""
    first = ord(emoji[0])
    places = [index for _, ranges in _ranges() for index, (low, high) in enumerate(ranges) if low <= first <= high]
    return (places[0] if places else 0, emoji)


@cache
def _ranges() -> list[tuple[str, list[tuple[int, int]]]]:
    return [(name, list(_parsed(ranges.split()))) for name, ranges in _GROUPS]


def _parsed(ranges: Iterable[str]) -> Iterable[tuple[int, int]]:
    for one in ranges:
        low, _, high = one.partition("-")
        yield int(low, 16), int(high or low, 16)
